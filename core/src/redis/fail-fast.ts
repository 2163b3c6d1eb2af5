/**
 * Asking Redis so that nobody waits for it: no question waits longer than the timeout, after a failure
 * nobody asks for a second, then one question tries it and its answer ends the rest.
 *
 * Keys are watched in lanes, because a part of a cluster can be away while the rest answers.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';

export interface FailFastOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Hears of the first failure while everything was well. */
  readonly onDown?: (cause: unknown) => void;
  /** Hears that everything is well again. */
  readonly onUp?: () => void;
}

/** After a failure a lane rests this long, then one question tries it. */
export const restMs = 1_000;

interface Lane {
  readonly cause: unknown;
  readonly retryAtMs: number;
  isTrying: boolean;
}

export class FailFast {
  readonly #options: FailFastOptions;
  readonly #down = new Map<number, Lane>();

  constructor(options: FailFastOptions) {
    this.#options = options;
  }

  /**
   * Settles like `question`.
   *
   * @param lanes The lanes it needs.
   * @throws What failed: now, or before the rest that is going on.
   */
  async ask<T>(lanes: readonly number[], question: () => T | Promise<T>): Promise<T> {
    const tried = lanes.flatMap((lane) => this.#down.get(lane) ?? []);
    const resting = tried.find((lane) => this.#isResting(lane));
    if (resting !== undefined) throw resting.cause;
    for (const lane of tried) lane.isTrying = true;
    try {
      const answer = await withTimeout(question(), this.#options);
      this.#answered(lanes);
      return answer;
    } catch (cause) {
      this.#failed(lanes, cause);
      throw cause;
    }
  }

  #isResting(lane: Lane): boolean {
    return lane.isTrying || this.#options.clock.monotonicMs() < lane.retryAtMs;
  }

  #failed(lanes: readonly number[], cause: unknown): void {
    if (this.#down.size === 0) this.#options.onDown?.(cause);
    const retryAtMs = this.#options.clock.monotonicMs() + restMs;
    for (const lane of lanes) this.#down.set(lane, { cause, retryAtMs, isTrying: false });
  }

  #answered(lanes: readonly number[]): void {
    if (this.#down.size === 0) return;
    for (const lane of lanes) this.#down.delete(lane);
    if (this.#down.size === 0) this.#options.onUp?.();
  }
}

/** Settles like `answer`, or rejects when that takes too long. */
function withTimeout<T>(answer: T | Promise<T>, { clock, timeoutMs }: FailFastOptions): T | Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`no answer within ${timeoutMs} ms`));
    let cancel = clock.after(timeoutMs, () => {
      cancel = clock.after(0, giveUp); // in a late event loop the answer may be there, unread
    });
    answer.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (cause) => {
        cancel();
        reject(cause);
      },
    );
  });
}
