/**
 * What was purged when, in this process: an answer that was asked for before a purge of one of its tags is
 * gone. Purging notes one moment, however many answers have the tag.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';

const maxNoted = 10_000;

export class Purges {
  readonly #clock: Clock;
  /** By tag; the one noted longest ago first. */
  readonly #purgedMs = new Map<string, number>();
  /** Everything asked for up to here is gone. */
  #floorMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  purge(tag: string): void {
    this.#purgedMs.delete(tag);
    this.#purgedMs.set(tag, this.#clock.monotonicMs());
    if (this.#purgedMs.size <= maxNoted) return;
    const [oldest] = this.#purgedMs;
    if (oldest === undefined) return;
    this.#purgedMs.delete(oldest[0]); // forgetting one must not bring anything back
    this.#floorMs = Math.max(this.#floorMs, oldest[1]);
  }

  /** Ends everything. */
  purgeAll(): void {
    this.#purgedMs.clear();
    this.#floorMs = this.#clock.monotonicMs();
  }

  /** Whether what was asked for at `askedMs` under these tags is gone. */
  hasEnded(tags: readonly string[], askedMs: number): boolean {
    if (askedMs <= this.#floorMs) return true;
    for (const tag of tags) {
      const purgedMs = this.#purgedMs.get(tag);
      if (purgedMs !== undefined && askedMs <= purgedMs) return true;
    }
    return false;
  }
}
