/**
 * Token-bucket arithmetic: pure functions over plain state. The memory store, the Redis script and
 * the tests share this one definition of "allowed".
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2697 RFC 2697}, the single-rate meter
 * @module
 */

/** How much may pass. */
export interface BucketPolicy {
  /** Tokens a full bucket holds: the largest burst. */
  readonly capacity: number;
  /** Tokens that come back per second. */
  readonly refillPerSecond: number;
}

/** Part of a token that is forgiven, so that rounding never refuses a caller who waited exactly. */
const rounding = 1e-9;

/** A bucket at one moment. */
export interface BucketState {
  readonly tokens: number;
  readonly atMs: number;
}

/** The outcome of one take. */
export interface Take {
  readonly allowed: boolean;
  readonly state: BucketState;
  /** 0 when allowed; else after this many milliseconds the same take succeeds, if nobody else takes. */
  readonly retryAfterMs: number;
  /** Milliseconds until the bucket is full again. */
  readonly fullAfterMs: number;
}

/**
 * Refills the bucket up to `nowMs`, then takes `cost` tokens from it. A refused take costs nothing,
 * and a clock that steps back refills nothing. Over any time `t` seconds at most
 * `capacity + refillPerSecond × t` tokens are taken.
 *
 * @param state The bucket, or `undefined` for one that was never used: full.
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
): Take {
  if (!(cost >= 0 && cost <= policy.capacity)) {
    throw new RangeError(`cost must be from 0 to the capacity ${policy.capacity}, got ${cost}`);
  }
  const refillPerMs = policy.refillPerSecond / 1_000;
  const elapsedMs = state === undefined ? 0 : Math.max(0, nowMs - state.atMs);
  const filled = state === undefined ? policy.capacity : state.tokens + elapsedMs * refillPerMs;
  const before = Math.min(policy.capacity, filled);
  const missing = cost - before > rounding ? cost - before : 0;
  const tokens = missing === 0 ? Math.max(0, before - cost) : before;
  return {
    allowed: missing === 0,
    state: { tokens, atMs: Math.max(nowMs, state?.atMs ?? nowMs) },
    retryAfterMs: Math.ceil(missing / refillPerMs),
    fullAfterMs: Math.ceil((policy.capacity - tokens) / refillPerMs),
  };
}
