/**
 * The time one request may take. Calls must end a little before it, so that what did arrive can
 * still be shaped and sent: that part is the reserve.
 *
 * @see {@link https://sre.google/sre-book/addressing-cascading-failures/ Google SRE}, deadline propagation
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import type { Cancellation } from './cancellation.ts';
import type { CancelTimer, Clock } from './clock.ts';

/** Upper bound of every deadline, in milliseconds. */
export const maxDeadlineMs = 30_000;

const reserveShare = 0.1;
const maxReserveMs = 100;

export interface Deadline {
  /** The whole budget, in milliseconds. */
  readonly budgetMs: number;
  /** What calls may still take, in milliseconds: the rest of the budget without the reserve; never negative. */
  remainingMs(): number;
  /** Releases the timer. */
  dispose(): void;
}

/**
 * Starts the clock of one request and cancels `cancellation` with `deadline-exceeded` when only the
 * reserve (a tenth of the budget, at most 100 ms) is left.
 *
 * @param budgetMs In `(0, 30 000]`; checked at boot.
 */
export function startDeadline(clock: Clock, budgetMs: number, cancellation: Cancellation): Deadline {
  return new RunningDeadline(clock, budgetMs, cancellation);
}

class RunningDeadline implements Deadline {
  readonly budgetMs: number;
  readonly dispose: CancelTimer;
  readonly #clock: Clock;
  readonly #endMs: number;

  constructor(clock: Clock, budgetMs: number, cancellation: Cancellation) {
    const callsMs = budgetMs - Math.min(maxReserveMs, budgetMs * reserveShare);
    this.budgetMs = budgetMs;
    this.#clock = clock;
    this.#endMs = clock.monotonicMs() + callsMs;
    this.dispose = clock.after(callsMs, () => {
      cancellation.cancel(
        new GatewayError('deadline-exceeded', { detail: `The request took longer than ${budgetMs} ms.` }),
      );
    });
  }

  remainingMs(): number {
    return Math.max(0, this.#endMs - this.#clock.monotonicMs());
  }
}
