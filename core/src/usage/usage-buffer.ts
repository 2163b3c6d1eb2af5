/**
 * What was counted here and is not yet written. Everything of one partner and day is written at once; what is on its
 * way is never changed, so that it can be sent again after an answer that did not come, with the same turn.
 *
 * @module
 */
import { maxCounters, overflow } from '../records/counters.ts';
import type { CountedRequest } from './counted-request.ts';

/** What is on its way. */
export interface Batch {
  readonly partner: string;
  readonly day: string;
  readonly turn: number;
  readonly amounts: ReadonlyMap<string, number>;
}

interface Group {
  readonly partner: string;
  readonly day: string;
  sending: Batch | undefined;
  waiting: Map<string, number>;
}

export class UsageBuffer {
  readonly #maxWaiting: number;
  readonly #groups = new Map<string, Group>();
  #size = 0;
  #lost = 0;

  /** @param maxWaiting Counters that wait at most, of all partners together. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** Requests that wait or are on their way. */
  get requests(): number {
    let sum = 0;
    for (const { waiting, sending } of this.#groups.values()) {
      for (const amounts of [waiting, sending?.amounts ?? []])
        for (const [, amount] of amounts) sum += amount;
    }
    return sum;
  }

  /** Counts one request, or loses it when there is no room for another counter. */
  add({ partner, day, name }: CountedRequest): void {
    const groupKey = `${day} ${partner}`;
    const group = this.#groups.get(groupKey);
    const hasRoom = group === undefined || group.waiting.size < maxCounters || group.waiting.has(name);
    const counter = hasRoom ? name : overflow;
    const known = group?.waiting.get(counter);
    if (known === undefined) {
      if (this.#size >= this.#maxWaiting) {
        this.#lost += 1;
        return;
      }
      this.#size += 1;
    }
    if (group !== undefined) group.waiting.set(counter, (known ?? 0) + 1);
    else this.#groups.set(groupKey, { partner, day, sending: undefined, waiting: new Map([[counter, 1]]) });
  }

  /** What is to be sent now: first what failed before, unchanged; else what waits, with a turn of its own. */
  batches(nextTurn: () => number): Batch[] {
    return [...this.#groups.values()].map((group) => {
      if (group.sending === undefined) {
        const { partner, day, waiting } = group;
        group.sending = { partner, day, turn: nextTurn(), amounts: waiting };
        group.waiting = new Map();
      }
      return group.sending;
    });
  }

  /** Forgets a batch that was written. */
  written({ partner, day, amounts }: Batch): void {
    const groupKey = `${day} ${partner}`;
    const group = this.#groups.get(groupKey);
    if (group === undefined) return;
    this.#size -= amounts.size;
    group.sending = undefined;
    if (group.waiting.size === 0) this.#groups.delete(groupKey);
  }

  /** How many requests were lost since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }
}
