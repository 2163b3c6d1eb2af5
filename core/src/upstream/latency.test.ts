import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Latency } from './latency.ts';

function latencyOf(...durations: readonly number[]): Latency {
  const latency = new Latency();
  for (const ms of durations) latency.record(ms);
  return latency;
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('knows nothing before 20 calls', () => {
  expect(new Latency().quantile(0.5)).toBeUndefined();
  expect(latencyOf(...upTo(19)).quantile(0.5)).toBeUndefined();
  expect(latencyOf(...upTo(20)).quantile(0.5)).toBe(11);
});

test('answers any quantile of the calls, whatever their order', () => {
  const latency = latencyOf(...upTo(100).reverse());
  expect([0.01, 0.5, 0.95, 0.99, 0.999].map((q) => latency.quantile(q))).toEqual([2, 51, 96, 100, 100]);
});

test('sorts by number, not by text', () => {
  expect(latencyOf(...Array<number>(19).fill(9), 100).quantile(0.99)).toBe(100);
});

test('forgets all but the last 256', () => {
  const latency = latencyOf(...Array<number>(1_000).fill(500), ...Array<number>(256).fill(10));
  expect(latency.quantile(0.01)).toBe(10);
  expect(latency.quantile(0.999)).toBe(10);
});

test('is at most 16 calls behind', () => {
  const latency = latencyOf(...Array<number>(20).fill(10));
  latency.quantile(0.5);
  for (let call = 0; call < 16; call += 1) latency.record(1_000);
  expect(latency.quantile(0.95)).toBe(1_000);
});

test('is always a duration that was recorded, and no smaller for a larger quantile', () => {
  const q = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.nat(10_000), { minLength: 20, maxLength: 600 }),
      q,
      q,
      (durations, one, other) => {
        const latency = latencyOf(...durations);
        const [low = 0, high = 0] = [one, other].sort((a, b) => a - b).map((each) => latency.quantile(each));
        expect(durations.slice(-256)).toContain(low);
        expect(low).toBeLessThanOrEqual(high);
      },
    ),
  );
});
