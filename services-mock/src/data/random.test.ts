import { expect, it } from 'vitest';
import { createRandom } from './random.ts';

const numbers = Array.from({ length: 50 }, (_, index) => index);

it('a stream repeats for its seed and label, and differs from every other', () => {
  const draw = (seed: number, label: string): number => createRandom(seed, label).next();
  expect(draw(1, 'users')).toBe(draw(1, 'users'));
  expect(new Set([draw(1, 'users'), draw(2, 'users'), draw(1, 'orders')]).size).toBe(3);
});

it('a sample has different items, as many as asked for or as there are', () => {
  const random = createRandom(1, 'sample');
  expect(new Set(random.sample(numbers, 20)).size).toBe(20);
  expect([...random.sample(numbers, 80)].sort((a, b) => a - b)).toEqual(numbers);
});

it('integers reach both bounds and stay within them', () => {
  const random = createRandom(1, 'int');
  const drawn = new Set(Array.from({ length: 200 }, () => random.int(3, 6)));
  expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
});

it('nothing can be picked from an empty list', () => {
  expect(() => createRandom(1, 'pick').pick([])).toThrow(RangeError);
});
