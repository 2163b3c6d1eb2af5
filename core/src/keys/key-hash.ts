/**
 * What is kept of a key: its HMAC-SHA-256 under a pepper that the records do not hold. Who steals the
 * records can neither use nor test a key. Keys are random, so there is nothing to stretch.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2104 RFC 2104}
 * @module
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface KeyHash {
  /** Lowercase hexadecimal, under the first pepper. */
  of(key: string): string;
  /** Compares in constant time, under every pepper; never equal without a `hash`. */
  matches(key: string, hash: string | undefined): boolean;
}

export const keyHashForm = /^[0-9a-f]{64}$/;

const minPepperLength = 32;
const maxPeppers = 5;
const noHash = '0'.repeat(64);

/**
 * @param peppers One text, or several while they change: the first hashes new keys, all verify.
 * @throws {RangeError} when there is none, there are more than 5, or one has less than 32 characters.
 */
export function keyHash(peppers: string | readonly string[]): KeyHash {
  const ring = [peppers].flat();
  const [first] = ring;
  if (first === undefined || ring.length > maxPeppers) {
    throw new RangeError(`apiKeys: pepper must be 1 to ${maxPeppers} texts, got ${ring.length}`);
  }
  for (const [index, pepper] of ring.entries()) {
    if (pepper.length >= minPepperLength) continue;
    throw new RangeError(
      `apiKeys: pepper ${index + 1} must have at least ${minPepperLength} characters, got ${pepper.length}`,
    );
  }
  const digest = (pepper: string, key: string): Buffer => createHmac('sha256', pepper).update(key).digest();
  return {
    of: (key) => digest(first, key).toString('hex'),
    matches(key, hash) {
      const kept = Buffer.from(hash ?? noHash, 'hex');
      const equal = ring.filter((pepper) => timingSafeEqual(digest(pepper, key), kept)); // all, so that time tells nothing
      return hash !== undefined && equal.length > 0;
    },
  };
}
