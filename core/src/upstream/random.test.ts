import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jittered, seededRandom, systemRandom } from './random.ts';

const many = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

test('the same seed gives the same numbers, another seed others', () => {
  expect(many(seededRandom(7), 5)).toEqual(many(seededRandom(7), 5));
  expect(many(seededRandom(7), 5)).not.toEqual(many(seededRandom(8), 5));
});

test('two generators of the system differ', () => {
  expect(many(systemRandom(), 3)).not.toEqual(many(systemRandom(), 3));
});

test('numbers are in [0, 1) and fill it evenly, whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const tenths = new Array<number>(10).fill(0);
      for (const number of many(seededRandom(seed), 10_000)) {
        const tenth = Math.floor(number * 10);
        tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
      }
      expect(tenths).toHaveLength(10);
      expect(Math.min(...tenths)).toBeGreaterThan(800);
      expect(Math.max(...tenths)).toBeLessThan(1_200);
    }),
    { numRuns: 20 },
  );
});

test('jitter is a fifth in both directions', () => {
  expect(jittered(1_000, () => 0)).toBe(800);
  expect(jittered(1_000, () => 0.5)).toBe(1_000);
  expect(jittered(1_000, () => 1)).toBeCloseTo(1_200);
});
