/**
 * The bulkhead of an upstream: so many calls run, so many wait, the rest is refused at once. A slow
 * service then holds its own calls back and nobody else's.
 *
 * Optional calls are shed first: one with value 10 may use 80 % of the places, one with value 1 53 %;
 * a required call takes any place and goes to the front of the queue.
 *
 * @see {@link https://sre.google/sre-book/handling-overload/ Google SRE}, criticality
 * @module
 */
import type { Cancellation } from '../context/cancellation.ts';
import type { Clock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';

/** How much a call matters: 1 to 10 for an optional one, `required` for one that must succeed. */
export type Worth = number | 'required';

export interface BulkheadStatus {
  readonly running: number;
  readonly waiting: number;
  readonly limit: number;
}

interface Waiter {
  readonly worth: Worth;
  readonly admit: () => void;
  readonly refuse: (error: GatewayError) => void;
}

const retryAfterMs = 1_000;

export class Bulkhead {
  readonly #limit: ConcurrencyLimit;
  readonly #maxWaiting: number;
  readonly #clock: Clock;
  readonly #queue: Waiter[] = [];
  #running = 0;

  constructor(limit: ConcurrencyLimit, maxWaiting: number, clock: Clock) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
    this.#clock = clock;
  }

  /**
   * Takes a place: at once when it returns nothing, later when it returns a promise. Pair with
   * {@link leave}.
   *
   * @param waitMs Milliseconds it may wait.
   * @throws {GatewayError} `upstream-busy`, also as a rejection; the cancellation's reason when it is cancelled.
   */
  enter(worth: Worth, waitMs: number, cancellation: Cancellation): void | Promise<void> {
    if (this.#hasPlace(worth)) {
      this.#running += 1;
      return undefined;
    }
    if (this.#queue.length >= this.#maxWaiting && !this.#dropLeastOf(worth)) throw busy();
    return this.#wait(worth, waitMs, cancellation);
  }

  /** Gives the place back. @param durationMs How long the call took, or nothing when that says nothing. */
  leave(durationMs?: number): void {
    if (durationMs !== undefined) this.#limit.observe(durationMs, this.#running);
    this.#running -= 1;
    this.#admitWaiting();
  }

  status(): BulkheadStatus {
    return { running: this.#running, waiting: this.#queue.length, limit: this.#limit.current };
  }

  #hasPlace(worth: Worth): boolean {
    return this.#running < Math.max(1, Math.floor(this.#limit.current * shareOf(worth)));
  }

  async #wait(worth: Worth, waitMs: number, cancellation: Cancellation): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { worth, admit: resolve, refuse: reject };
    const giveUp = (reason: GatewayError): void => {
      if (this.#remove(waiter)) reject(reason);
    };
    const stopTimer = this.#clock.after(waitMs, () => giveUp(busy()));
    this.#queue.push(waiter);
    cancellation.listen(giveUp);
    try {
      await promise;
    } finally {
      stopTimer();
      cancellation.unlisten(giveUp);
    }
  }

  #admitWaiting(): void {
    while (this.#queue.length > 0) {
      const first = this.#mostWorth();
      if (first === undefined || !this.#hasPlace(first.worth)) return;
      this.#remove(first);
      this.#running += 1;
      first.admit();
    }
  }

  #mostWorth(): Waiter | undefined {
    let most: Waiter | undefined;
    for (const waiter of this.#queue) {
      if (most === undefined || rank(waiter.worth) > rank(most.worth)) most = waiter;
    }
    return most;
  }

  /** Makes room in a full queue by refusing the least of those that are worth less. */
  #dropLeastOf(worth: Worth): boolean {
    let least: Waiter | undefined;
    for (const waiter of this.#queue) {
      if (rank(waiter.worth) < rank(least?.worth ?? worth)) least = waiter;
    }
    if (least === undefined) return false;
    this.#remove(least);
    least.refuse(busy());
    return true;
  }

  #remove(waiter: Waiter): boolean {
    const index = this.#queue.indexOf(waiter);
    if (index >= 0) this.#queue.splice(index, 1);
    return index >= 0;
  }
}

function rank(worth: Worth): number {
  return worth === 'required' ? 11 : worth;
}

function shareOf(worth: Worth): number {
  return worth === 'required' ? 1 : 0.5 + 0.03 * worth;
}

function busy(): GatewayError {
  return new GatewayError('upstream-busy', { retryAfterMs, cause: new Error('the bulkhead is full') });
}
