/**
 * Token bucket: bursts of `capacity`, then a steady rate.
 *
 * Guarantee: over any time `t` in seconds at most `capacity + refillPerSecond × t` tokens are taken. A
 * window that starts with a full bucket therefore admits up to twice its share; where that is too much,
 * use a sliding log.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2697 RFC 2697}, the single-rate meter
 * @module
 */
import { requireCost, slack, type Take } from './algorithm.ts';

/** How much may pass. */
export interface BucketPolicy {
  /** Tokens a full bucket holds: the largest burst. */
  readonly capacity: number;
  /** Tokens that come back per second. */
  readonly refillPerSecond: number;
}

/** A bucket at one moment. */
export interface BucketState {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * Refills the bucket up to `nowMs`, then takes `cost` tokens from it.
 *
 * @param cost Tokens to take, in `[0, capacity]`.
 * @throws {RangeError} for any other `cost`: no wait would ever satisfy more than `capacity`.
 *
 * @example
 * const policy = { capacity: 10, refillPerSecond: 2 };
 * take(policy, { tokens: 0, atMs: 0 }, 3, 1_000).retryAfterMs; // => 500
 */
export function take(
  policy: BucketPolicy,
  state: BucketState | undefined,
  cost: number,
  nowMs: number,
): Take<BucketState> {
  const { capacity } = policy;
  requireCost(cost, capacity, 'capacity');
  const refillPerMs = policy.refillPerSecond / 1_000;
  const atMs = Math.max(nowMs, state?.atMs ?? nowMs);
  const filled = state === undefined ? capacity : state.tokens + (atMs - state.atMs) * refillPerMs;
  const before = Math.min(capacity, filled);
  const missing = cost - before > slack(capacity) ? cost - before : 0;
  const tokens = missing === 0 ? Math.max(0, before - cost) : before;
  const behindMs = atMs - nowMs;
  return {
    allowed: missing === 0,
    state: { tokens, atMs },
    remaining: Math.floor(tokens + slack(capacity)),
    retryAfterMs: missing === 0 ? 0 : behindMs + Math.ceil(missing / refillPerMs),
    resetAfterMs: tokens >= capacity ? 0 : behindMs + Math.ceil((capacity - tokens) / refillPerMs),
  };
}
