/**
 * The shape that every algorithm has: a pure function from what is remembered and one request to a
 * verdict and what is remembered next. The memory store, the Redis script, the simulation and the
 * property tests share these functions as the one definition of "allowed".
 *
 * Times are whole milliseconds. A clock that steps back gives nothing back: every state remembers how
 * far it has come.
 *
 * @module
 */

/** The outcome of one take. */
export interface Take<State> {
  readonly allowed: boolean;
  /** What to remember; the state before, brought up to now, when the take was refused. */
  readonly state: State;
  /** Whole units that are left. */
  readonly remaining: number;
  /** 0 when allowed; else after this many milliseconds the same take succeeds, if nobody else takes. */
  readonly retryAfterMs: number;
  /** Milliseconds until everything is back. */
  readonly resetAfterMs: number;
}

/**
 * One algorithm. `state` is `undefined` for a caller who was never seen. A cost of 0 looks and takes
 * nothing; a refused take costs nothing.
 */
export type Algorithm<Policy, State> = (
  policy: Policy,
  state: State | undefined,
  cost: number,
  nowMs: number,
) => Take<State>;

/** What is forgiven, so that rounding never refuses a caller who waited exactly. */
export function slack(max: number): number {
  return 1e-9 + max * 1e-12;
}

/** @throws {RangeError} when no wait would ever satisfy `cost`, or it is not a number from 0. */
export function requireCost(cost: number, max: number, maxName: string): void {
  if (cost >= 0 && cost <= max) return;
  throw new RangeError(`cost must be from 0 to the ${maxName} ${max}, got ${cost}`);
}
