/**
 * Sliding log: remembers when every unit was taken.
 *
 * Guarantee: no interval of one window's length, wherever it begins, holds more than `max`. The price is
 * one number per unit: `max` is at most 10 000.
 *
 * @module
 */
import { requireCost, type Take } from './algorithm.ts';
import type { WindowPolicy } from './fixed-window.ts';

/** When each unit was taken, oldest first; one entry per unit. */
export interface LogState {
  readonly times: readonly number[];
}

/** Upper bound of `max`: what one caller may cost in memory. */
export const maxLogEntries = 10_000;

/**
 * Forgets what is older than a window, then logs `cost` units at `nowMs`.
 *
 * @param cost A whole number in `[0, max]`.
 * @throws {RangeError} for any other `cost`.
 *
 * @example
 * take({ max: 2, windowMs: 1_000 }, { times: [100, 300] }, 1, 900).retryAfterMs; // => 200
 */
export function take(
  { max, windowMs }: WindowPolicy,
  state: LogState | undefined,
  cost: number,
  nowMs: number,
): Take<LogState> {
  requireCost(cost, max, 'max');
  if (!Number.isInteger(cost)) throw new RangeError(`cost must be a whole number, got ${cost}`);
  const known = state?.times ?? [];
  const atMs = Math.max(nowMs, known.at(-1) ?? nowMs);
  const live = known.slice(expired(known, atMs - windowMs));
  const over = live.length + cost - max;
  const allowed = cost === 0 || over <= 0;
  const times = allowed ? live.concat(new Array<number>(cost).fill(atMs)) : live;
  const freeAtMs = (live[over - 1] ?? atMs) + windowMs;
  return {
    allowed,
    state: { times },
    remaining: Math.max(0, max - times.length),
    retryAfterMs: allowed ? 0 : freeAtMs - nowMs,
    resetAfterMs: times.length === 0 ? 0 : (times.at(-1) ?? 0) + windowMs - nowMs,
  };
}

/** How many of the sorted `times` are not later than `endMs`. */
function expired(times: readonly number[], endMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= endMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
