/**
 * The busiest callers, with room for a fixed number of names whoever calls: when it is full, the one with the
 * fewest requests makes room and its count is passed on. What is really frequent is always among them.
 *
 * @see {@link https://www.cs.ucsb.edu/sites/default/files/documents/2005-23.pdf Metwally et al., Space-Saving}
 * @module
 */
import type { RequestFact } from '../context/events.ts';

export interface BusyCaller {
  count: number;
  refused: number;
  /** Their latest request that was limited. */
  latest: RequestFact;
}

const capacity = 64;
const generationSeconds = 150;

export class TopCallers {
  #current = new Map<string, BusyCaller>();
  #previous = new Map<string, BusyCaller>();
  #generation = 0;

  /** @param key Tells callers apart; never shown. */
  note(key: string, fact: RequestFact, second: number): void {
    this.#turn(second);
    let caller = this.#current.get(key);
    if (caller === undefined) {
      caller = { count: this.#makeRoom(), refused: 0, latest: fact };
      this.#current.set(key, caller);
    }
    caller.count += 1;
    caller.latest = fact;
    if (fact.limit !== undefined && fact.limit.refusedBy.length > 0) caller.refused += 1;
  }

  /** The busiest of the last two and a half to five minutes, most requests first. */
  list(most: number, second: number): BusyCaller[] {
    this.#turn(second);
    const all = new Map<string, BusyCaller>();
    for (const [key, caller] of [...this.#previous, ...this.#current]) {
      const known = all.get(key);
      all.set(
        key,
        known === undefined
          ? { ...caller }
          : {
              count: known.count + caller.count,
              refused: known.refused + caller.refused,
              latest: caller.latest,
            },
      );
    }
    return [...all.values()].sort((a, b) => b.count - a.count).slice(0, most);
  }

  #turn(second: number): void {
    const generation = Math.floor(second / generationSeconds);
    if (generation === this.#generation) return;
    this.#previous = generation === this.#generation + 1 ? this.#current : new Map();
    this.#current = new Map();
    this.#generation = generation;
  }

  /** The count a newcomer begins with: that of whoever left, 0 while there is room. */
  #makeRoom(): number {
    if (this.#current.size < capacity) return 0;
    let least = Number.POSITIVE_INFINITY;
    let name = '';
    for (const [key, { count }] of this.#current) {
      if (count < least) {
        least = count;
        name = key;
      }
    }
    this.#current.delete(name);
    return least;
  }
}
