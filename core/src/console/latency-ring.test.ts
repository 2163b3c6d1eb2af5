import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundsMs, LatencyRing, quantiles, shareAbove, trimmed } from './latency-ring.ts';

function timed(...durations: readonly number[]): LatencyRing {
  const ring = new LatencyRing();
  for (const durationMs of durations) ring.add(0, durationMs);
  return ring;
}

test('a quantile is never more than a third away from the exact one', () => {
  const durations = fc.array(fc.double({ min: 0.3, max: 20_000, noNaN: true }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (all, share) => {
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1] ?? 0;
      const [read = 0] = quantiles(timed(...all).counts(0, 60), [share]);
      expect(read).toBeGreaterThan(exact / 1.36);
      expect(read).toBeLessThan(exact * 1.36);
    }),
  );
});

test('short durations, too, are told apart by the bounds of the buckets', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.3, max: 2, noNaN: true }), (durationMs) => {
      const bucket = timed(durationMs).counts(0, 60).indexOf(1);
      expect(durationMs).toBeGreaterThan((boundsMs[bucket - 1] ?? 0) * 0.999);
      expect(durationMs).toBeLessThan((boundsMs[bucket] ?? 0) * 1.001);
    }),
  );
});

test('nothing has no quantiles', () => {
  expect(quantiles(timed().counts(0, 60), [0.5, 0.99])).toEqual([0, 0]);
  expect(trimmed(timed().counts(0, 60))).toEqual([0]);
});

test('what is slower than any bucket is in the last one', () => {
  expect(timed(3_600_000, Number.POSITIVE_INFINITY).counts(0, 60).at(-1)).toBe(2);
});

test('after five minutes durations are forgotten', () => {
  const ring = timed(5);
  ring.add(300, 7);
  expect(ring.counts(300, 300).reduce((sum, count) => sum + count, 0)).toBe(1);
});

test('the share above a promise counts whole buckets', () => {
  expect(shareAbove(timed(1, 1, 1, 800).counts(0, 60), 500)).toBe(0.25);
  expect(shareAbove([], 500)).toBe(0);
});

test('buckets travel without the empty ones at both ends', () => {
  const [first = 0, ...counts] = trimmed(timed(10, 10, 20).counts(0, 60));
  expect(boundsMs[first]).toBeGreaterThanOrEqual(10);
  expect(boundsMs[first - 1]).toBeLessThan(10);
  expect([counts[0], counts.at(-1)]).toEqual([2, 1]);
});
