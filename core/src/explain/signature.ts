/**
 * `Bff-Explain: EXPIRY.SIGNATURE`: an operator asks for the record of exactly this request, for a few minutes.
 *
 * The signature is an HMAC-SHA-256 over the expiry, the method and the path, so a header that leaked explains one
 * path and nothing else, and not for long: an expiry further away than {@link maxExplainMs} holds no more than one that
 * has passed. What does not hold has no effect, and nobody can see that it did not.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2104 RFC 2104}, HMAC
 * @see {@link https://www.rfc-editor.org/rfc/rfc5869 RFC 5869}, HKDF
 * @module
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { keyRing } from '../records/seal.ts';

export const explainHeader = 'bff-explain';
/** Furthest expiry that holds, in milliseconds from now. */
export const maxExplainMs = 600_000;

/** What is signed of a request. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query; the query is not signed. */
  readonly target: string;
}

/** The keys with which operators ask for records. */
export interface ExplainKeys {
  /** Names of the keys, from which nobody can find the keys. */
  readonly ids: readonly string[];
  /** Signs with the first key. @param expiresAtMs Epoch milliseconds; taken down to the whole second. */
  sign(request: SignedRequest, expiresAtMs: number): string;
  /** Whether `header` was signed by one of the keys for this request and holds now. */
  holds(header: string, request: SignedRequest, nowMs: number): boolean;
}

const idBytes = 6;
const macKeyBytes = 32;
/** Ten digits of seconds, and 32 bytes as base64url: any other length is not looked at. */
const form = /^(\d{10})\.([\w-]{43})$/;

/**
 * @param keys 1 to 10 of 32 bytes each, as base64. The first signs, all of them hold, so that keys can be changed.
 * @throws {RangeError} for any other number or length, or one key twice. Shows no key.
 */
export function explainKeys(where: string, keys: readonly string[]): ExplainKeys {
  keyRing(where, keys); // the one check of keys there is
  const raw = keys.map((key) => Buffer.from(key, 'base64'));
  const macKeys = raw.map((key) => derive(key, 'bffkit explain', macKeyBytes));
  const [first] = macKeys;
  return {
    ids: raw.map((key) => derive(key, 'bffkit explain key id', idBytes).toString('base64url')),
    sign(request, expiresAtMs) {
      const expiry = String(Math.floor(expiresAtMs / 1_000));
      return `${expiry}.${first === undefined ? '' : macOf(first, expiry, request).toString('base64url')}`;
    },
    holds(header, request, nowMs) {
      const [, expiry, signature] = form.exec(header) ?? [];
      if (expiry === undefined || signature === undefined) return false;
      const leftMs = Number(expiry) * 1_000 - nowMs;
      if (leftMs <= 0 || leftMs > maxExplainMs) return false;
      const sent = Buffer.from(signature, 'base64url');
      let isSigned = false;
      // All of them, whichever holds: how long it takes tells nothing.
      for (const key of macKeys) {
        if (timingSafeEqual(macOf(key, expiry, request), sent)) isSigned = true;
      }
      return isSigned;
    },
  };
}

function macOf(key: Buffer, expiry: string, { method, target }: SignedRequest): Buffer {
  const path = target.split('?', 1)[0] ?? '';
  return createHmac('sha256', key).update(`v1\n${expiry}\n${method}\n${path}`).digest();
}

function derive(key: Buffer, info: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', info, bytes));
}
