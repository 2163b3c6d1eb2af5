/**
 * The names of everything a session keeps in the record store. They hold hashes only, so that a dump of
 * the store can neither be replayed as cookies nor says who was signed in.
 *
 * @module
 */
import { hash } from 'node:crypto';

export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** The sealed session; `id` is what the cookie holds. */
export const sessionKey = (idHash: string): string => `bff:web:s:{${idHash}}`;

/** Held by who refreshes or rewrites the session. */
export const lockKey = (idHash: string): string => `bff:web:s:{${idHash}}:lk`;

/** The sessions that belong to one session at the provider. */
export const providerSessionKey = (issuer: string, sid: string): string =>
  `bff:web:sid:{${sha256(`${issuer}\0${sid}`)}}`;

/** The sessions of one person. */
export const subjectKey = (issuer: string, subject: string): string =>
  `bff:web:sub:{${sha256(`${issuer}\0${subject}`)}}`;

/** The provider ended this session: no login still under way may make it anew. */
export const revokedSessionKey = (issuer: string, sid: string): string =>
  `bff:web:rv:{${sha256(`${issuer}\0${sid}`)}}`;

/** The provider ended all sessions of this person, at the moment the record holds. */
export const revokedSubjectKey = (issuer: string, subject: string): string =>
  `bff:web:rvsub:{${sha256(`${issuer}\0${subject}`)}}`;

/** A logout token that was used. */
export const logoutTokenKey = (jti: string): string => `bff:web:lt:{${sha256(jti)}}`;

/** A login transaction that was used. */
export const transactionKey = (state: string): string => `bff:web:txu:{${sha256(state)}}`;
