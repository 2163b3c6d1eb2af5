/**
 * Buckets of one process, bounded: when there are too many, the least recently used is forgotten,
 * which is one that had the most time to refill.
 *
 * @module
 */
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../context/clock.ts';
import { requireInteger } from '../context/options.ts';
import type { Admission, LimitStore, TokenBucketLimit } from './limiter.ts';
import { type BucketState, take } from './token-bucket.ts';

export interface MemoryStoreOptions {
  /** Buckets kept at most. Default 100 000 (about 20 MB). */
  readonly maxBuckets?: number;
  readonly clock?: Clock;
}

/**
 * Keeps buckets in this process.
 *
 * @throws {RangeError} when `maxBuckets` is not a whole number from 1 to 10 000 000.
 */
export function memoryStore(options: MemoryStoreOptions = {}): LimitStore {
  const { maxBuckets = 100_000, clock = systemClock } = options;
  requireInteger('memoryStore', 'maxBuckets', maxBuckets, 1, 10_000_000);
  const buckets = new LRUCache<string, BucketState>({ max: maxBuckets });
  return {
    take(limit: TokenBucketLimit, subject: string, cost: number): Admission {
      const key = `${limit.name}:${subject}`;
      const taken = take(limit, buckets.get(key), cost, clock.monotonicMs());
      buckets.set(key, taken.state);
      return {
        limit: limit.name,
        allowed: taken.allowed,
        capacity: limit.capacity,
        remaining: Math.floor(taken.state.tokens),
        retryAfterMs: taken.retryAfterMs,
        resetAfterMs: taken.fullAfterMs,
      };
    },
  };
}
