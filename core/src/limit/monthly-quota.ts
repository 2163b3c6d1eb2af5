/**
 * Calendar quota: a counter per month of the UTC calendar.
 *
 * Guarantee: never more than `max` in one month, exact to the unit, over all instances of one store.
 *
 * @module
 */
import { requireCost, type Take } from './algorithm.ts';
import { takeInWindow, type WindowState } from './fixed-window.ts';

export interface QuotaPolicy {
  readonly max: number;
}

/**
 * Counts `cost` in the month of `nowMs`, epoch milliseconds. `state.window` is `year × 12 + month`,
 * January being 0.
 *
 * @param cost In `[0, max]`.
 * @throws {RangeError} for any other `cost`.
 *
 * @example
 * const november = { window: 2026 * 12 + 10, used: 5 };
 * take({ max: 5 }, november, 1, Date.UTC(2026, 10, 30, 23, 59)).retryAfterMs; // => 60000
 */
export function take(
  policy: QuotaPolicy,
  state: WindowState | undefined,
  cost: number,
  nowMs: number,
): Take<WindowState> {
  requireCost(cost, policy.max, 'max');
  const now = new Date(nowMs);
  const month = now.getUTCFullYear() * 12 + now.getUTCMonth();
  const window = Math.max(month, state?.window ?? month);
  return takeInWindow(policy, {
    cost,
    nowMs,
    window,
    endMs: Date.UTC(Math.floor((window + 1) / 12), (window + 1) % 12),
    used: state !== undefined && state.window === window ? state.used : 0,
  });
}
