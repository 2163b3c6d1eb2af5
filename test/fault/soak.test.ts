/**
 * The short form of `npm run soak`: the same weather, fewer requests.
 */
import { expect, test } from 'vitest';
import { describe, heapSlope, violations } from '../soak/report.ts';
import { soak } from '../soak/soak.ts';

test('three thousand requests in changing weather: no wrong answer, nothing kept', async () => {
  const report = await soak({ requests: 3_000, changeEvery: 100, samples: 6, seed: 4 });
  expect(violations(report, 5_000), describe(report)).toEqual([]);
});

test('the slope is that of the second half', () => {
  const samples = [0, 900, 10, 20, 30, 40].map((heapBytes, index) => ({ done: index * 10, heapBytes }));
  expect(heapSlope(samples)).toBeCloseTo(1);
});
