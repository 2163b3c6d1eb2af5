import { expect, test } from 'vitest';
import { type Counters, counted, maxTurns, noCounters } from './counters.ts';

const one = new Map([['a', 1]]);

function after(turns: readonly (readonly [string, number])[]): Counters {
  return turns.reduce((counters, [by, turn]) => counted(counters, one, { by, turn }) ?? counters, noCounters);
}

test('an addition changes nothing that was there before', () => {
  const before = after([['x', 1]]);
  counted(before, one, { by: 'y', turn: 2 });
  expect(before).toEqual(after([['x', 1]]));
});

test('a thousand who count are remembered; the one with the lowest turn is forgotten first', () => {
  const many = Array.from({ length: maxTurns + 1 }, (_, index) => [`p${index}`, 5_000 - index] as const);
  const { turns } = after(many);
  expect(turns.size).toBe(maxTurns);
  expect(turns.has(`p${maxTurns}`)).toBe(false);
  expect(turns.has('p0')).toBe(true);
});
