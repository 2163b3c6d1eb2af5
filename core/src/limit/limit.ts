/**
 * A limit as declared: an algorithm, its figures, a name, and whom it counts. Plain data, so that a
 * store anywhere can carry it out.
 *
 * @module
 */
import type { Algorithm, Take } from './algorithm.ts';
import { take as takeFixedWindow, type WindowPolicy } from './fixed-window.ts';
import { type LeakPolicy, take as takeLeakyBucket } from './leaky-bucket.ts';
import { type QuotaPolicy, take as takeMonthlyQuota } from './monthly-quota.ts';
import { take as takeSlidingCounter } from './sliding-counter.ts';
import { take as takeSlidingLog } from './sliding-log.ts';
import type { By } from './subject.ts';
import { type BucketPolicy, take as takeTokenBucket } from './token-bucket.ts';

interface Declared {
  /** Shown in headers and problems. */
  readonly name: string;
  /** Whom it counts. Absent: the principal, or the client's address when nobody is signed in. */
  readonly by?: By;
}

export interface TokenBucketLimit extends Declared, BucketPolicy {
  readonly kind: 'token-bucket';
}

export interface WindowLimit extends Declared, WindowPolicy {
  readonly kind: 'fixed-window' | 'sliding-log' | 'sliding-counter';
}

export interface LeakyBucketLimit extends Declared, LeakPolicy {
  readonly kind: 'leaky-bucket';
  /** How many may wait for their turn, per caller and instance; 0 refuses at once. */
  readonly queue: number;
}

export interface MonthlyQuotaLimit extends Declared, QuotaPolicy {
  readonly kind: 'monthly-quota';
}

/** A limit that a store keeps. */
export type RateLimit = TokenBucketLimit | WindowLimit | LeakyBucketLimit | MonthlyQuotaLimit;

/** How many requests of one caller may run at once on one instance. */
export interface ConcurrencyLimit extends Declared {
  readonly kind: 'concurrency';
  readonly max: number;
}

/** Anything that `limits` and `plans` may list. */
export type Limit = RateLimit | ConcurrencyLimit;

const algorithms = {
  'token-bucket': takeTokenBucket,
  'fixed-window': takeFixedWindow,
  'sliding-log': takeSlidingLog,
  'sliding-counter': takeSlidingCounter,
  'leaky-bucket': takeLeakyBucket,
  'monthly-quota': takeMonthlyQuota,
} as const;

/** One take by the algorithm of `limit`. `state` is what the same limit left before. */
export function takeFrom(limit: RateLimit, state: unknown, cost: number, nowMs: number): Take<unknown> {
  const algorithm = algorithms[limit.kind] as Algorithm<RateLimit, unknown>;
  return algorithm(limit, state, cost, nowMs);
}

/** What a limit allows, as `q` units per `windowSeconds`: for headers and comparisons. */
export function allowance(limit: RateLimit): { readonly q: number; readonly windowSeconds: number } {
  switch (limit.kind) {
    case 'token-bucket':
      return { q: limit.capacity, windowSeconds: Math.ceil(limit.capacity / limit.refillPerSecond) };
    case 'leaky-bucket': {
      const { ratePerSecond } = limit;
      return ratePerSecond >= 1
        ? { q: Math.floor(ratePerSecond), windowSeconds: 1 }
        : { q: 1, windowSeconds: Math.ceil(1 / ratePerSecond) };
    }
    case 'monthly-quota':
      return { q: limit.max, windowSeconds: 31 * 86_400 };
    case 'fixed-window':
    case 'sliding-log':
    case 'sliding-counter':
      return { q: limit.max, windowSeconds: Math.ceil(limit.windowMs / 1_000) };
  }
}

/** The most that one request may cost. */
export function maxCost(limit: RateLimit): number {
  if (limit.kind === 'token-bucket') return limit.capacity;
  return limit.kind === 'leaky-bucket' ? 1_000 : limit.max;
}
