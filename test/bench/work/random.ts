/**
 * Chance that is the same in every run: bodies must not differ between two benchmarks.
 *
 * @see {@link https://gist.github.com/tommyettinger/46a874533244883189143505d203312c mulberry32}
 * @module
 */

/** A source of the values a payload is made of. */
export interface Random {
  /** A whole number in `[min, max]`. */
  integer(min: number, max: number): number;
  oneOf<T>(list: readonly T[]): T;
  /** `count` words of a shop's language, the first with a capital. */
  words(count: number): string;
  /** A moment of 2026 as ISO 8601. */
  moment(): string;
}

/** Starts a source from `seed`; equal seeds give equal values. */
export function seededRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const oneOf = <T>(list: readonly T[]): T => list[integer(0, list.length - 1)] as T;
  return {
    integer,
    oneOf,
    words(count) {
      const text = Array.from({ length: count }, () => oneOf(vocabulary)).join(' ');
      return text.charAt(0).toUpperCase() + text.slice(1);
    },
    moment: () => new Date(Date.UTC(2026, integer(0, 11), integer(1, 28), integer(0, 23))).toISOString(),
  };
}

const vocabulary = [
  ...['light', 'sturdy', 'woven', 'classic', 'waterproof', 'recycled', 'compact', 'soft', 'café', 'brushed'],
  ...['lamp', 'jacket', 'kettle', 'backpack', 'speaker', 'blanket', 'notebook', 'chair', 'bottle', 'frame'],
  ...['for', 'with', 'and', 'made', 'every', 'day', 'travel', 'kitchen', 'garden', 'comfort', 'quality'],
];
