/**
 * The declarations of limits: one small function per algorithm, each checked at boot.
 *
 * @module
 */
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import type {
  ConcurrencyLimit,
  LeakyBucketLimit,
  MonthlyQuotaLimit,
  TokenBucketLimit,
  WindowLimit,
} from './limit.ts';
import { maxLogEntries } from './sliding-log.ts';
import { type By, byNames } from './subject.ts';

interface NamedOptions {
  /** Shown in headers and problems; 1 to 32 of a-z, 0-9 and -. */
  readonly name?: string;
  /** Whom it counts. Default: the principal, or the client's address when nobody is signed in. */
  readonly by?: By;
}

/** The `RateLimit` headers carry whole numbers of at most 15 digits; these bounds keep them there. */
const maxTokens = 1_000_000_000;
const minRefillPerSecond = 0.00001;
const maxWindowSeconds = 31 * 86_400;

export interface TokenBucketOptions extends NamedOptions {
  /** Largest burst, in whole tokens. Default 100. */
  readonly capacity?: number;
  /** Tokens back per second. Default 10. */
  readonly refillPerSecond?: number;
}

/**
 * Declares a token bucket, called `default`: bursts of `capacity`, then `refillPerSecond`.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function tokenBucket(options: TokenBucketOptions = {}): TokenBucketLimit {
  requireKnown('tokenBucket', options, ['name', 'by', 'capacity', 'refillPerSecond']);
  const { capacity = 100, refillPerSecond = 10 } = options;
  requireInteger('tokenBucket', 'capacity', capacity, 1, maxTokens);
  requireRange('tokenBucket', 'refillPerSecond', refillPerSecond, minRefillPerSecond, maxTokens);
  return { kind: 'token-bucket', ...declared('tokenBucket', options, 'default'), capacity, refillPerSecond };
}

export interface WindowOptions extends NamedOptions {
  /** Units per window; for a sliding log at most 10 000. */
  readonly max: number;
  /** Length of the window. */
  readonly windowSeconds: number;
}

/**
 * Declares a fixed window, called `window`: `max` per window of the clock.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function fixedWindow(options: WindowOptions): WindowLimit {
  return windowLimit('fixedWindow', 'fixed-window', options);
}

/**
 * Declares a sliding log, called `window`: no interval of the window's length holds more than `max`.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function slidingLog(options: WindowOptions): WindowLimit {
  requireInteger('slidingLog', 'max', options.max, 1, maxLogEntries);
  return windowLimit('slidingLog', 'sliding-log', options);
}

/**
 * Declares a sliding counter, called `window`: like a sliding log, but estimated from two counters.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function slidingCounter(options: WindowOptions): WindowLimit {
  return windowLimit('slidingCounter', 'sliding-counter', options);
}

function windowLimit(where: string, kind: WindowLimit['kind'], options: WindowOptions): WindowLimit {
  requireKnown(where, options, ['name', 'by', 'max', 'windowSeconds']);
  requireInteger(where, 'max', options.max, 1, maxTokens);
  requireInteger(where, 'windowSeconds', options.windowSeconds, 1, maxWindowSeconds);
  const windowMs = options.windowSeconds * 1_000;
  return { kind, ...declared(where, options, 'window'), max: options.max, windowMs };
}

export interface LeakyBucketOptions extends NamedOptions {
  /** Requests per second, evenly spaced; at most 1 000. */
  readonly ratePerSecond: number;
  /** How many requests of a caller may wait on one instance, within their deadline. Default 0: refuse. */
  readonly queue?: number;
}

/**
 * Declares a leaky bucket, called `pace`: requests pass evenly spaced; who comes early waits or is refused.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function leakyBucket(options: LeakyBucketOptions): LeakyBucketLimit {
  requireKnown('leakyBucket', options, ['name', 'by', 'ratePerSecond', 'queue']);
  const { ratePerSecond, queue = 0 } = options;
  requireRange('leakyBucket', 'ratePerSecond', ratePerSecond, minRefillPerSecond, 1_000);
  requireInteger('leakyBucket', 'queue', queue, 0, 10_000);
  return { kind: 'leaky-bucket', ...declared('leakyBucket', options, 'pace'), ratePerSecond, queue };
}

export interface MonthlyQuotaOptions extends NamedOptions {
  /** Units per month of the UTC calendar. */
  readonly max: number;
}

/**
 * Declares a quota, called `month`: `max` per month of the UTC calendar, exact to the unit.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function monthlyQuota(options: MonthlyQuotaOptions): MonthlyQuotaLimit {
  requireKnown('monthlyQuota', options, ['name', 'by', 'max']);
  requireInteger('monthlyQuota', 'max', options.max, 1, 1_000_000_000_000);
  return { kind: 'monthly-quota', ...declared('monthlyQuota', options, 'month'), max: options.max };
}

export interface ConcurrentOptions extends NamedOptions {
  /** Requests of one caller that may run at once, per instance. */
  readonly max: number;
}

/**
 * Declares a bound, called `concurrent`, on how many requests of one caller run at once on one instance.
 *
 * @throws {RangeError} for an unknown option, a number out of range, or a name that is not a token.
 */
export function concurrent(options: ConcurrentOptions): ConcurrencyLimit {
  requireKnown('concurrent', options, ['name', 'by', 'max']);
  requireInteger('concurrent', 'max', options.max, 1, 1_000_000);
  return { kind: 'concurrency', ...declared('concurrent', options, 'concurrent'), max: options.max };
}

function declared(
  where: string,
  options: NamedOptions,
  defaultName: string,
): NamedOptions & { name: string } {
  const { name = defaultName, by } = options;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
    throw new RangeError(`${where}: name must be 1 to 32 of a-z, 0-9 and -, got '${name}'`);
  }
  if (by === undefined) return { name };
  const names = typeof by === 'function' ? [] : [by].flat();
  const wrong = names.find((one) => !byNames.includes(one));
  if (wrong !== undefined || (Array.isArray(by) && by.length === 0)) {
    throw new RangeError(
      `${where}: by must be ${byNames.join(', ')}, a list of these or a function, got '${wrong ?? ''}'`,
    );
  }
  return { name, by };
}
