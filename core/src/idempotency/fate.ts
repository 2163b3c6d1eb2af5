/**
 * What becomes of a key when its write failed.
 *
 * @module
 */
import type { ProblemCode } from '../problem/codes.ts';
import type { GatewayError } from '../problem/gateway-error.ts';

/**
 * `keep`: the failure is the answer, now and later. `release`: nothing was decided, so the same key may try again at
 * once. `leave`: a service may still be at it; the key is free when the claim ends.
 */
export type Fate = 'keep' | 'release' | 'leave';

/** The request was given up while a service had it. */
const inDoubt: ReadonlySet<ProblemCode> = new Set([
  'upstream-timeout',
  'deadline-exceeded',
  'client-gone',
  'shutting-down',
]);
/** About who asks, how fast or how often: the same request may be right in a moment. */
const passing: ReadonlySet<number> = new Set([401, 403, 408, 429, 499]);

/** Judges a failure of a write that was begun: whatever 4xx it has then was decided by a service. */
export function fateOf({ code, status }: GatewayError): Fate {
  if (inDoubt.has(code)) return 'leave';
  return status >= 400 && status < 500 && !passing.has(status) ? 'keep' : 'release';
}
