/**
 * The value of `Idempotency-Key`: a String of structured fields (`"8e03978e-…"`), or the same without quotes, as
 * many clients send it. Both name the same key.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ IETF draft}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9651#section-3.3.3 RFC 9651, section 3.3.3}, Strings
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

/** Characters a key has at least: what is shorter is guessed, or used twice. */
export const minKeyLength = 16;
export const maxKeyLength = 255;

const quoted = /^"((?:[!#-[\]-~]|\\["\\])*)"$/;
/** Visible, and none of what ends or escapes a value. */
const bare = /^[!#-+\--:<-[\]-~]*$/;

/**
 * Reads the key of a request.
 *
 * @throws {GatewayError} `idempotency-key-malformed`.
 *
 * @example
 * keyIn('"8e03978e-40d5-43e8"'); // => '8e03978e-40d5-43e8'
 */
export function keyIn(value: string): string {
  const text = value.trim();
  const inside = quoted.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1');
  const key = inside ?? (bare.test(text) ? text : '');
  if (key.length >= minKeyLength && key.length <= maxKeyLength) return key;
  throw new GatewayError('idempotency-key-malformed', {
    detail: `An Idempotency-Key has ${minKeyLength} to ${maxKeyLength} visible characters, such as a random UUID.`,
  });
}
