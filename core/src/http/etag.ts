/**
 * Validators: a strong tag over the body, weak once the body is encoded, and whether the client's
 * copy is still good.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 RFC 9110, section 8.8.3}
 * @module
 */
import { hash } from 'node:crypto';
import type { BodyBytes } from './body-bytes.ts';

/** The strong entity tag of a body. */
export function etagOf(body: BodyBytes): string {
  return `"${hash('sha1', body, 'base64url')}"`;
}

/** The tag after the body was encoded: equal in meaning, not in bytes. */
export function weaken(etag: string): string {
  return etag.startsWith('W/') ? etag : `W/${etag}`;
}

/** Whether `If-None-Match` names this tag, by weak comparison. */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === opaque);
}
