import { expect, test } from 'vitest';
import { keptSeconds, SecondRing } from './second-ring.ts';

function counted(seconds: readonly number[]): SecondRing {
  const ring = new SecondRing(2);
  for (const second of seconds) (ring.values[ring.at(second) + 1] as number) += 1;
  return ring;
}

test('a window has what was counted in its seconds, and nothing else', () => {
  const ring = counted([10, 10, 11, 14]);
  expect([ring.sum(1, 14, 1), ring.sum(1, 14, 4), ring.sum(1, 14, 5), ring.sum(0, 14, 5)]).toEqual([
    1, 2, 4, 0,
  ]);
});

test('after five minutes it is forgotten, whether anything was counted since or not', () => {
  const ring = counted([0, 1]);
  expect(ring.sum(1, keptSeconds, keptSeconds)).toBe(1);
  expect(ring.sum(1, keptSeconds + 1, keptSeconds)).toBe(0);
  ring.at(keptSeconds + 5);
  expect(ring.values.every((value) => value === 0)).toBe(true);
});

test('a clock that steps back counts into the last second', () => {
  const ring = counted([100, 40]);
  expect(ring.sum(1, 100, 1)).toBe(2);
});

test('the history ends now and leaves out the zeros it begins with', () => {
  expect(counted([5, 7]).history(1, 9)).toEqual([1, 0, 1, 0, 0]);
  expect(new SecondRing(2).history(1, 9)).toEqual([]);
});
