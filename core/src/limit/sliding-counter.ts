/**
 * Sliding counter: two counters instead of a log. The window before counts by the share of it that the
 * sliding window still covers.
 *
 * Guarantee: never more than `max` in one window of the clock, hence never more than `2 × max` in any
 * interval of that length; for traffic spread evenly within 10 % of the sliding log. Costs two numbers
 * whatever `max` is.
 *
 * @see {@link https://blog.cloudflare.com/counting-things-a-lot-of-different-things/ Cloudflare}, where it is from
 * @module
 */
import { requireCost, slack, type Take } from './algorithm.ts';
import type { WindowPolicy } from './fixed-window.ts';

export interface CounterState {
  /** The number of the window since 1970. */
  readonly window: number;
  readonly current: number;
  /** What the window before came to. */
  readonly previous: number;
}

/**
 * Estimates what the sliding window holds, then counts `cost` in it.
 *
 * @param cost In `[0, max]`.
 * @throws {RangeError} for any other `cost`.
 *
 * @example
 * const policy = { max: 10, windowMs: 1_000 };
 * take(policy, { window: 1, current: 0, previous: 10 }, 1, 1_000).retryAfterMs; // => 100
 */
export function take(
  policy: WindowPolicy,
  state: CounterState | undefined,
  cost: number,
  nowMs: number,
): Take<CounterState> {
  const { max, windowMs } = policy;
  requireCost(cost, max, 'max');
  const before = slide(state, Math.floor(nowMs / windowMs));
  const startMs = before.window * windowMs;
  const elapsedMs = Math.max(0, nowMs - startMs);
  const estimate = before.previous * (1 - elapsedMs / windowMs) + before.current;
  const allowed = cost === 0 || estimate + cost <= max + slack(max);
  const taken = allowed ? cost : 0;
  const current = before.current + taken;
  const emptyMs = startMs + (current > 0 ? 2 : 1) * windowMs;
  return {
    allowed,
    state: { ...before, current },
    remaining: Math.max(0, Math.floor(max - estimate - taken + slack(max))),
    retryAfterMs: allowed ? 0 : Math.max(1, Math.ceil(startMs + roomAfter(policy, before, cost) - nowMs)),
    resetAfterMs: current > 0 || before.previous > 0 ? emptyMs - nowMs : 0,
  };
}

function slide(state: CounterState | undefined, index: number): CounterState {
  if (state === undefined) return { window: index, current: 0, previous: 0 };
  if (state.window >= index) return state;
  return { window: index, current: 0, previous: state.window === index - 1 ? state.current : 0 };
}

/** Milliseconds after the window's start at which the estimate leaves room for `cost`. */
function roomAfter({ max, windowMs }: WindowPolicy, before: CounterState, cost: number): number {
  const room = max - cost - before.current;
  if (room >= 0) return windowMs * (1 - room / before.previous);
  return windowMs + windowMs * Math.max(0, 1 - (max - cost) / before.current);
}
