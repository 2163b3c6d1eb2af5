/**
 * How many extra calls an upstream may get: retries and hedges draw from one budget, a share of the
 * calls of the last ten seconds. When everything fails, load grows by that share and no more.
 *
 * @see {@link https://finagle.github.io/blog/2016/02/08/retry-budgets/ Finagle, retry budgets}
 * @see {@link https://sre.google/sre-book/addressing-cascading-failures/ Google SRE}, retries
 * @module
 */
import type { Clock } from '../context/clock.ts';

export interface RetryBudgetOptions {
  /** Extra calls per call, in `[0, 1]`. Default 0.2. */
  readonly share?: number;
  /** Extra calls per second that are always allowed, for upstreams with little traffic. Default 3. */
  readonly floorPerSecond?: number;
}

export interface RetryBudgetStatus {
  /** Extra calls spent in the window. */
  readonly spent: number;
  /** Extra calls allowed in the window. */
  readonly allowed: number;
}

const windowSeconds = 10;

export class RetryBudget {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #floor: number;
  readonly #calls = new Uint32Array(windowSeconds);
  readonly #extras = new Uint32Array(windowSeconds);
  #second: number;

  constructor(clock: Clock, options: RetryBudgetOptions = {}) {
    this.#clock = clock;
    this.#share = options.share ?? 0.2;
    this.#floor = (options.floorPerSecond ?? 3) * windowSeconds;
    this.#second = Math.floor(clock.monotonicMs() / 1_000);
  }

  /** Counts a first attempt. */
  call(): void {
    this.#turn();
    const slot = this.#second % windowSeconds;
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
  }

  /** Takes one extra call, if there is one left. */
  spend(): boolean {
    const { spent, allowed } = this.status();
    if (spent >= allowed) return false;
    const slot = this.#second % windowSeconds;
    this.#extras[slot] = (this.#extras[slot] ?? 0) + 1;
    return true;
  }

  status(): RetryBudgetStatus {
    this.#turn();
    return {
      spent: sum(this.#extras),
      allowed: Math.max(this.#floor, Math.floor(this.#share * sum(this.#calls))),
    };
  }

  /** Empties the slots of the seconds that passed. */
  #turn(): void {
    const now = Math.floor(this.#clock.monotonicMs() / 1_000);
    const passed = Math.min(windowSeconds, now - this.#second);
    for (let step = 1; step <= passed; step += 1) {
      const slot = (this.#second + step) % windowSeconds;
      this.#calls[slot] = 0;
      this.#extras[slot] = 0;
    }
    this.#second = now;
  }
}

function sum(slots: Uint32Array): number {
  let total = 0;
  for (const slot of slots) total += slot;
  return total;
}
