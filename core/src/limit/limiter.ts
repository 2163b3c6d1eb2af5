/**
 * A limit: a policy, whom it counts, and the store that remembers. What a take returns is an
 * admission, a plain value; refusing is not an exception until the pipeline makes it one.
 *
 * @module
 */
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import type { BucketPolicy } from './token-bucket.ts';

/** The answer of a limit to one request. */
export interface Admission {
  /** The name of the limit that decided. */
  readonly limit: string;
  readonly allowed: boolean;
  /** Capacity of the bucket, in tokens. */
  readonly capacity: number;
  /** Whole tokens left. */
  readonly remaining: number;
  /** 0 when allowed; else milliseconds to wait. */
  readonly retryAfterMs: number;
  /** Milliseconds until the bucket is full again. */
  readonly resetAfterMs: number;
}

/** Where buckets live: one process (`memoryStore`), or many (Redis). */
export interface LimitStore {
  take(limit: TokenBucketLimit, subject: string, cost: number): Admission | Promise<Admission>;
}

/** A token-bucket limit as declared. */
export interface TokenBucketLimit extends BucketPolicy {
  readonly name: string;
}

export interface TokenBucketOptions {
  /** Shown in headers and problems. Default `default`. */
  readonly name?: string;
  /** Largest burst, in whole tokens. Default 100. */
  readonly capacity?: number;
  /** Tokens back per second. Default 10. */
  readonly refillPerSecond?: number;
}

/** The `RateLimit` headers carry whole numbers of at most 15 digits; these bounds keep them there. */
const maxTokens = 1_000_000_000;
const minRefillPerSecond = 0.00001;

/**
 * Declares a token bucket: bursts of `capacity`, then `refillPerSecond`. One bucket per caller: the
 * principal, or the client's address when nobody is signed in.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function tokenBucket(options: TokenBucketOptions = {}): TokenBucketLimit {
  requireKnown('tokenBucket', options, ['name', 'capacity', 'refillPerSecond']);
  const { name = 'default', capacity = 100, refillPerSecond = 10 } = options;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
    throw new RangeError(`tokenBucket: name must be 1 to 32 of a-z, 0-9 and -, got '${name}'`);
  }
  requireInteger('tokenBucket', 'capacity', capacity, 1, maxTokens);
  requireRange('tokenBucket', 'refillPerSecond', refillPerSecond, minRefillPerSecond, maxTokens);
  return { name, capacity, refillPerSecond };
}
