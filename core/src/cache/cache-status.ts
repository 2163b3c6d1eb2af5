/**
 * `Cache-Status`: what the cache of an endpoint did, for whoever debugs.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9211 RFC 9211}
 * @module
 */
import type { Found } from './wanted.ts';

/** @param name The name of the BFF: which cache says so. */
export function cacheStatus(name: string, { outcome, freshForMs, failure }: Found): string {
  const ttl = `ttl=${Math.floor((freshForMs ?? 0) / 1_000)}`;
  switch (outcome) {
    case 'hit':
      return `${name}; hit; ${ttl}`;
    case 'stale':
      return failure === undefined ? `${name}; hit; ${ttl}` : `${name}; hit; ${ttl}; detail=${failure.code}`;
    case 'collapsed':
      return `${name}; fwd=uri-miss; collapsed; ${ttl}`;
    case 'miss':
      return freshForMs === undefined ? `${name}; fwd=uri-miss` : `${name}; fwd=uri-miss; stored; ${ttl}`;
    case 'bypass':
      return `${name}; fwd=bypass`;
  }
}
