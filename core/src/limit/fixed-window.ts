/**
 * Fixed window: a counter per window of the clock (windows begin at multiples of their length since
 * 1970, UTC).
 *
 * Guarantee: never more than `max` in one window. Across a border up to `2 × max` can pass within one
 * window's length; where that is too much, use a sliding counter or log.
 *
 * @module
 */
import { requireCost, slack, type Take } from './algorithm.ts';

/** How much may pass in one window; also the policy of the sliding algorithms. */
export interface WindowPolicy {
  readonly max: number;
  /** Length of the window, in whole milliseconds. */
  readonly windowMs: number;
}

/** The window that is counted, by its number since 1970. */
export interface WindowState {
  readonly window: number;
  readonly used: number;
}

/**
 * Counts `cost` in the window of `nowMs`.
 *
 * @param cost In `[0, max]`.
 * @throws {RangeError} for any other `cost`.
 *
 * @example
 * take({ max: 5, windowMs: 1_000 }, { window: 3, used: 5 }, 1, 3_400).retryAfterMs; // => 600
 */
export function take(
  policy: WindowPolicy,
  state: WindowState | undefined,
  cost: number,
  nowMs: number,
): Take<WindowState> {
  const { max, windowMs } = policy;
  requireCost(cost, max, 'max');
  const index = Math.floor(nowMs / windowMs);
  const window = Math.max(index, state?.window ?? index);
  return takeInWindow(policy, {
    cost,
    nowMs,
    window,
    endMs: (window + 1) * windowMs,
    used: state !== undefined && state.window === window ? state.used : 0,
  });
}

interface OpenWindow {
  readonly cost: number;
  readonly nowMs: number;
  readonly window: number;
  readonly endMs: number;
  readonly used: number;
}

/** Counts in a window that is already known; shared with the calendar quota. */
export function takeInWindow(
  { max }: Pick<WindowPolicy, 'max'>,
  { cost, nowMs, window, endMs, used: before }: OpenWindow,
): Take<WindowState> {
  const allowed = cost === 0 || before + cost <= max + slack(max);
  const used = allowed ? before + cost : before;
  return {
    allowed,
    state: { window, used },
    remaining: Math.max(0, Math.floor(max - used + slack(max))),
    retryAfterMs: allowed ? 0 : endMs - nowMs,
    resetAfterMs: used > 0 ? endMs - nowMs : 0,
  };
}
