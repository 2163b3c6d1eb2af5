/**
 * Where a browser may be sent after signing in or out: a path of our own origin that every URL parser
 * reads the same way. Whatever could mean another host to any of them is refused, not repaired.
 *
 * @see {@link https://url.spec.whatwg.org/ WHATWG URL}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.11 RFC 9700, section 4.11}, open redirection
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

/** Characters of a `returnTo` at most: five of them have to fit into one request's cookies. */
export const maxReturnToLength = 1_024;

/** Base for parsing; its host never leaves this file. */
const base = 'https://origin.invalid';

/** Printable ASCII but space, `\` and what URL parsers rewrite. */
const plainCharacters = /^[!#-;=?-[\]_a-z~]+$/;
/** What one decoding must not uncover: separators, controls, the percent sign of a second layer. */
const hiddenCharacters = /%(?:2f|5c|[01][0-9a-f]|7f|25(?=[0-9a-f]{2}))/i;
const dotSegment = /(?:^|\/)\.{1,2}(?:[/;]|$)/;

/**
 * Passes `value` on, unchanged, when it is a path of our own origin outside `/bff`, with an optional query
 * and fragment.
 *
 * @throws {GatewayError} `invalid-return-to` for everything else.
 */
export function requireReturnTo(value: string): string {
  if (isOwnPath(value)) return value;
  throw new GatewayError('invalid-return-to', {
    detail: `returnTo must be a path of this site, such as /home, of at most ${maxReturnToLength} characters.`,
  });
}

/** Whether a browser sent to `value` stays on our origin, by every reading of it. */
export function isOwnPath(value: string): boolean {
  if (value.length > maxReturnToLength || !value.startsWith('/') || !plainCharacters.test(value))
    return false;
  const [path = ''] = value.split(/[?#]/, 1);
  if (hiddenCharacters.test(path)) return false;
  const decoded = decode(path);
  return decoded !== undefined && isPlainPath(decoded) && staysAsItIs(value, path);
}

/** Compatibility forms, such as a fullwidth slash, count as what they look like. */
function isPlainPath(decoded: string): boolean {
  const folded = decoded.normalize('NFKC');
  if (folded.split('/').length !== decoded.split('/').length) return false;
  if (folded.includes('//') || folded.includes('\\') || dotSegment.test(folded)) return false;
  return !/^\/bff(?:[/;]|$)/i.test(folded);
}

function staysAsItIs(value: string, path: string): boolean {
  const url = URL.parse(value, base);
  return url !== null && url.origin === base && url.pathname === path;
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
