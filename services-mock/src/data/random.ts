/**
 * Repeatable randomness: the same seed and label give the same numbers on every machine. Each part of the
 * world draws from a stream of its own, so that adding a user does not move the products.
 *
 * @see {@link https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 mulberry32}
 * @module
 */

/** A stream of repeatable random values. */
export interface Random {
  /** A number in `[0, 1)`. */
  readonly next: () => number;
  /** An integer in `[min, max]`. */
  readonly int: (min: number, max: number) => number;
  /** True with this probability, in `[0, 1]`. */
  readonly chance: (probability: number) => boolean;
  /** One of the items; throws a `RangeError` when there is none. */
  readonly pick: <T>(items: readonly T[]) => T;
  /** `count` different items in random order, or all when there are fewer. */
  readonly sample: <T>(items: readonly T[], count: number) => readonly T[];
}

/** Opens the stream of a label. */
export function createRandom(seed: number, label: string): Random {
  const next = mulberry32(hash(`${seed}/${label}`));
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => at(items, int(0, items.length - 1)),
    sample: (items, count) => {
      const shuffled = [...items];
      const taken = Math.min(count, shuffled.length);
      for (let index = 0; index < taken; index += 1) {
        const other = int(index, shuffled.length - 1);
        [shuffled[index], shuffled[other]] = [at(shuffled, other), at(shuffled, index)];
      }
      return shuffled.slice(0, taken);
    },
  };
}

/** The item at an index that must exist; throws a `RangeError` otherwise. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`index must be below ${items.length}, got ${index}`);
  return item;
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return function nextNumber() {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
