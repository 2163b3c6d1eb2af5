/**
 * How calls to an upstream are treated: timeouts, breaker, retries, hedging, concurrency. Set for the
 * upstream; an operation may only tighten. Everything is checked at boot.
 *
 * @module
 */
import { maxDeadlineMs } from '../context/deadline.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import type { AdaptiveOptions } from './concurrency-limit.ts';
import { type HedgeOptions, type ResolvedHedgeOptions, resolveHedge } from './hedging.ts';
import { type BreakerOptions, defaultBreaker, type ResolvedBreakerOptions } from './resilience.ts';
import { defaultRetry, type ResolvedRetryOptions, type RetryOptions } from './retry.ts';

/** What may be set for a whole upstream and, tighter, for one of its operations. */
export interface CallPolicyOptions {
  /** Milliseconds one call may take, retries and waiting included. Default: what the request's deadline leaves. */
  readonly timeoutMs?: number;
  /** For an operation: a breaker of its own. */
  readonly breaker?: BreakerOptions;
  /** Further attempts of idempotent operations. Default one. */
  readonly retry?: RetryOptions;
  /** A second attempt when the first is slow, for GET. Default none. */
  readonly hedge?: HedgeOptions;
}

export interface ConcurrencyOptions {
  /** Calls at once: a number, or `adaptive` to follow the upstream's latency. Default 64. */
  readonly running?: number | 'adaptive' | AdaptiveOptions;
  /** Calls that may wait for a place. Default 64. */
  readonly queued?: number;
}

export interface ResolvedConcurrency {
  readonly running: number | Required<AdaptiveOptions>;
  readonly queued: number;
  /** The most that can run at once; also the size of the connection pool. */
  readonly most: number;
}

/** The checked policy of one operation. */
export interface CallPolicy {
  readonly timeoutMs: number;
  /** Set when the operation has its own breaker. */
  readonly breaker: ResolvedBreakerOptions | undefined;
  readonly retry: ResolvedRetryOptions;
  readonly hedge: ResolvedHedgeOptions | undefined;
}

export const callPolicyOptions = ['timeoutMs', 'breaker', 'retry', 'hedge'];

/** The policy of an upstream. @throws {RangeError} */
export function resolvePolicy(where: string, options: CallPolicyOptions): CallPolicy {
  return tighten(
    where,
    options,
    { timeoutMs: maxDeadlineMs, breaker: undefined, retry: maxRetry, hedge: undefined },
    defaultRetry,
  );
}

/** The policy of an operation. @throws {RangeError} also when it is looser than the upstream's. */
export function tightenPolicy(where: string, options: CallPolicyOptions, upstream: CallPolicy): CallPolicy {
  requireKnown(where, options, callPolicyOptions);
  return tighten(where, options, upstream, upstream.retry);
}

const maxRetry: ResolvedRetryOptions = { attempts: 5, backoffMs: 10_000, maxBackoffMs: 30_000 };

function tighten(
  where: string,
  options: CallPolicyOptions,
  bound: CallPolicy,
  retryDefault: ResolvedRetryOptions,
): CallPolicy {
  const { timeoutMs = bound.timeoutMs, hedge, breaker } = options;
  requireRange(where, 'timeoutMs', timeoutMs, 1, bound.timeoutMs);
  return {
    timeoutMs,
    breaker: breaker === undefined ? undefined : resolveBreaker(where, breaker),
    retry: resolveRetry(where, options.retry, bound.retry, retryDefault),
    hedge: hedge === undefined ? bound.hedge : resolveHedge(where, hedge, bound.hedge),
  };
}

function resolveRetry(
  where: string,
  options: RetryOptions = {},
  bound: ResolvedRetryOptions,
  defaults: ResolvedRetryOptions,
): ResolvedRetryOptions {
  const place = `${where}: retry`;
  requireKnown(place, options, Object.keys(defaultRetry));
  const resolved = { ...defaults, ...options };
  requireInteger(place, 'attempts', resolved.attempts, 0, bound.attempts);
  requireRange(place, 'backoffMs', resolved.backoffMs, 0, maxRetry.backoffMs);
  requireRange(place, 'maxBackoffMs', resolved.maxBackoffMs, resolved.backoffMs, maxRetry.maxBackoffMs);
  return resolved;
}

/** @throws {RangeError} */
export function resolveBreaker(where: string, options: BreakerOptions = {}): ResolvedBreakerOptions {
  const place = `${where}: breaker`;
  requireKnown(place, options, Object.keys(defaultBreaker));
  const resolved = { ...defaultBreaker, ...options };
  requireInteger(place, 'failureThreshold', resolved.failureThreshold, 1, 1_000_000);
  requireRange(place, 'failureRateThreshold', resolved.failureRateThreshold, 0.01, 0.99);
  requireInteger(place, 'windowSize', resolved.windowSize, 1, 10_000);
  requireRange(place, 'openMs', resolved.openMs, 1, 3_600_000);
  requireInteger(place, 'halfOpenProbes', resolved.halfOpenProbes, 1, 100);
  requireInteger(place, 'successThreshold', resolved.successThreshold, 1, 100);
  return resolved;
}

/** @throws {RangeError} */
export function resolveConcurrency(where: string, options: ConcurrencyOptions = {}): ResolvedConcurrency {
  const place = `${where}: concurrency`;
  requireKnown(place, options, ['running', 'queued']);
  const { running = 64, queued = 64 } = options;
  requireInteger(place, 'queued', queued, 0, 10_000);
  if (typeof running === 'number') {
    requireInteger(place, 'running', running, 1, 10_000);
    return { running, queued, most: running };
  }
  if (running !== 'adaptive' && (typeof running !== 'object' || running === null)) {
    throw new RangeError(
      `${place}: running must be a number, 'adaptive' or { min, max }, got '${String(running)}'`,
    );
  }
  if (running !== 'adaptive') requireKnown(`${place}.running`, running, ['min', 'max']);
  const { min = 4, max = 200 } = running === 'adaptive' ? {} : running;
  requireInteger(`${place}.running`, 'min', min, 1, 10_000);
  requireInteger(`${place}.running`, 'max', max, min, 10_000);
  return { running: { min, max }, queued, most: max };
}
