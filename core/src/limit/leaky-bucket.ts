/**
 * Leaky bucket as a meter: requests leave one by one, evenly spaced.
 *
 * Guarantee: two requests that passed one after the other are at least `1 / ratePerSecond` apart (times
 * the cost of the first), so over any time `t` at most `1 + ratePerSecond × t` units pass. Who comes
 * early is refused, or waits its turn in the queue of the limiter (`queue.ts`), which asks again.
 *
 * @see {@link https://www.itu.int/rec/T-REC-I.371 ITU-T I.371}, the generic cell rate algorithm
 * @module
 */
import { slack, type Take } from './algorithm.ts';

export interface LeakPolicy {
  /** Requests per second, at most 1 000: time is counted in milliseconds. */
  readonly ratePerSecond: number;
}

export interface LeakState {
  /** When the next request may leave. */
  readonly nextMs: number;
  readonly atMs: number;
}

/**
 * Lets a request leave now, or says when the next may.
 *
 * @param cost How many turns the request takes, from 0.
 * @throws {RangeError} when `cost` is negative, infinite or not a number.
 *
 * @example
 * take({ ratePerSecond: 4 }, { nextMs: 1_250, atMs: 1_000 }, 1, 1_100).retryAfterMs; // => 150
 */
export function take(
  { ratePerSecond }: LeakPolicy,
  state: LeakState | undefined,
  cost: number,
  nowMs: number,
): Take<LeakState> {
  if (!(cost >= 0 && cost < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`cost must be a number from 0, got ${cost}`);
  }
  const atMs = Math.max(nowMs, state?.atMs ?? nowMs);
  const dueMs = state?.nextMs ?? atMs;
  const isFree = dueMs - atMs <= slack(atMs / 1_000);
  const allowed = cost === 0 || isFree;
  const nextMs = cost > 0 && allowed ? atMs + (cost * 1_000) / ratePerSecond : dueMs;
  return {
    allowed,
    state: { nextMs, atMs },
    remaining: nextMs - atMs <= slack(atMs / 1_000) ? 1 : 0,
    retryAfterMs: allowed ? 0 : Math.ceil(dueMs - nowMs),
    resetAfterMs: Math.max(0, Math.ceil(nextMs - nowMs)),
  };
}
