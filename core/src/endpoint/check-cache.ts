/**
 * The boot check of what an endpoint says about keeping its answer.
 *
 * @module
 */
import { type CachePolicy, resolveCache } from '../cache/cache-options.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * Checks the option `cache` of an endpoint.
 *
 * @throws {RangeError} unless it is a GET that answers 200 with JSON, and for a `public` answer that only some
 * callers may have, unless it is said to be the same for all of them.
 */
export function checkAnswerCache(where: string, endpoint: Endpoint): CachePolicy {
  const { cache, access, status = 200, progressive = false } = endpoint.options;
  if (cache === undefined) throw new RangeError(`${where}: cache is missing`);
  const policy = resolveCache(where, cache, ['isSameForAll']);
  const { behaviour } = endpoint;
  const isJson = behaviour.kind === 'opaque' || (behaviour.kind === 'plan' && behaviour.page === undefined);
  if (endpoint.method !== 'GET' || status !== 200 || !isJson || progressive) {
    throw new RangeError(`${where}: cache is for GET endpoints that answer 200 with JSON, whole`);
  }
  if (policy.scope === 'public' && access.kind !== 'anyone' && cache.isSameForAll !== true) {
    throw new RangeError(
      `${where}: cache: scope 'public' gives one answer to all callers, and access lets in only some; declare ` +
        "scope 'principal', or isSameForAll: true if it is the same for all whom access lets in",
    );
  }
  return policy;
}
