/**
 * What is said of a cache in the graph of a BFF: as declared, as plain data.
 *
 * @module
 */
import type { CacheOptions, EndpointCacheOptions } from './cache-options.ts';

export interface CacheDescription extends Omit<EndpointCacheOptions, 'tags'> {
  /** What purges it; `by request` when a function of the request gives the names. */
  readonly tags?: readonly string[] | 'by request';
}

/** Describes `cache` of a call or an endpoint. */
export function describeCache(cache: CacheOptions): CacheDescription {
  const { tags, ...told } = cache;
  return tags === undefined ? told : { ...told, tags: typeof tags === 'function' ? 'by request' : tags };
}
