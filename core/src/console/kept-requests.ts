/**
 * The requests whose waterfalls can be looked at: the latest, and the slowest of the last five minutes.
 *
 * @module
 */
import type { RequestFact } from '../context/events.ts';

export interface KeptRequest {
  readonly fact: RequestFact;
  /** Grows with every request that is kept. */
  readonly order: number;
  /** Monotonic milliseconds of its end. */
  readonly endedMs: number;
}

/** The latest ones, as many as there is room for. */
export class LatestRequests {
  readonly #kept: KeptRequest[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(kept: KeptRequest): void {
    this.#kept[kept.order % this.#capacity] = kept;
  }

  /** Those after the one with this order, oldest first. */
  after(order: number): KeptRequest[] {
    return this.#kept
      .filter((kept) => kept !== undefined && kept.order > order)
      .sort((a, b) => a.order - b.order);
  }
}

const slowForMs = 300_000;

/** The slowest ones of the last five minutes. */
export class SlowestRequests {
  #kept: KeptRequest[] = [];
  readonly #capacity: number;
  #floorMs = -1;
  #nextPruneMs = Number.POSITIVE_INFINITY;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether a request that took so long and ended now belongs to them. */
  wants(durationMs: number, nowMs: number): boolean {
    return durationMs > this.#floorMs || nowMs >= this.#nextPruneMs;
  }

  add(kept: KeptRequest): void {
    const { endedMs } = kept;
    this.#kept = this.#kept.filter((one) => endedMs - one.endedMs < slowForMs);
    this.#kept.push(kept);
    this.#kept.sort((a, b) => b.fact.durationMs - a.fact.durationMs);
    this.#kept.length = Math.min(this.#kept.length, this.#capacity);
    const isFull = this.#kept.length === this.#capacity;
    this.#floorMs = isFull ? (this.#kept.at(-1)?.fact.durationMs ?? -1) : -1;
    const oldestMs = this.#kept.reduce((least, one) => Math.min(least, one.endedMs), endedMs);
    this.#nextPruneMs = oldestMs + slowForMs;
  }

  /** Slowest first. */
  list(nowMs: number): KeptRequest[] {
    return this.#kept.filter(({ endedMs }) => nowMs - endedMs < slowForMs);
  }
}
