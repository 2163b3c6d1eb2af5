import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nothingLeft, upstreamRig } from '../testing/upstream-rig.ts';
import { adaptiveLimit, type ConcurrencyLimit, fixedLimit } from './concurrency-limit.ts';

/** So many windows of 50 calls that take `ms` each, with the limit used to the full. */
function windows(
  limit: ConcurrencyLimit,
  count: number,
  ms: number,
  running = Number.POSITIVE_INFINITY,
): void {
  for (let call = 0; call < count * 50; call += 1) limit.observe(ms, Math.min(running, limit.current));
}

test('a fixed limit stays whatever it hears', () => {
  const limit = fixedLimit(7);
  for (let call = 0; call < 1_000; call += 1) limit.observe(call, 7);
  expect(limit.current).toBe(7);
});

describe('an adaptive limit', () => {
  test('begins at 20, or as near as its bounds allow', () => {
    expect(adaptiveLimit().current).toBe(20);
    expect(adaptiveLimit({ min: 30 }).current).toBe(30);
    expect(adaptiveLimit({ max: 10 }).current).toBe(10);
  });

  test('grows to 200 and no further while the latency stays', () => {
    const limit = adaptiveLimit();
    windows(limit, 5, 10);
    expect(limit.current).toBeGreaterThan(20);
    windows(limit, 100, 10);
    expect(limit.current).toBe(200);
  });

  test('shrinks when the latency grows, to 4 and no further', () => {
    const limit = adaptiveLimit();
    windows(limit, 100, 10);
    windows(limit, 1, 40);
    expect(limit.current).toBeLessThan(200);
    expect(limit.current).toBeGreaterThanOrEqual(75); // 1.5 × 10 / 40, give or take the drift
    windows(limit, 10, 400);
    expect(limit.current).toBe(4);
  });

  test('at most halves with one window', () => {
    const limit = adaptiveLimit();
    windows(limit, 100, 10);
    windows(limit, 1, 1_000_000);
    expect(limit.current).toBe(100);
  });

  test('tolerates half as much again', () => {
    const limit = adaptiveLimit();
    windows(limit, 10, 10);
    const before = limit.current;
    windows(limit, 1, 14);
    expect(limit.current).toBeGreaterThan(before);
  });

  test('grows back once the latency is what it was', () => {
    const limit = adaptiveLimit();
    windows(limit, 100, 10);
    windows(limit, 10, 400);
    windows(limit, 100, 10);
    expect(limit.current).toBe(200);
  });

  test('gets used to an upstream that stays slower', () => {
    const limit = adaptiveLimit();
    windows(limit, 10, 10);
    windows(limit, 10, 30);
    expect(limit.current).toBe(4);
    windows(limit, 200, 30);
    expect(limit.current).toBeGreaterThan(20);
  });

  test('does not grow while it is not used', () => {
    const limit = adaptiveLimit();
    windows(limit, 100, 10, 9);
    expect(limit.current).toBe(20);
    windows(limit, 1, 10, 10);
    expect(limit.current).toBe(24);
  });

  test('decides after 50 calls, not before', () => {
    const limit = adaptiveLimit();
    for (let call = 0; call < 49; call += 1) limit.observe(10, 20);
    expect(limit.current).toBe(20);
    limit.observe(10, 20);
    expect(limit.current).toBe(24);
  });

  test('stays a whole number within its bounds, whatever it hears', () => {
    const heard = fc.array(fc.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat(300)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(200), heard, (min, more, durations) => {
        const limit = adaptiveLimit({ min, max: min + more });
        for (const [ms, running] of durations) {
          for (let call = 0; call < 50; call += 1) limit.observe(ms, running);
          expect(Number.isInteger(limit.current)).toBe(true);
          expect(limit.current).toBeGreaterThanOrEqual(min);
          expect(limit.current).toBeLessThanOrEqual(min + more);
        }
      }),
    );
  });
});

describe('an upstream with an adaptive limit', () => {
  /** Makes 50 calls, twenty at once, that take `ms` or time out after 900. */
  async function fifty(rig: ReturnType<typeof upstreamRig>, ms: number): Promise<void> {
    for (let batch = 0; batch < 5; batch += 1) {
      const before = rig.sent.length;
      for (let call = 0; call < 10; call += 1) await rig.start();
      await rig.pass(ms);
      for (const request of rig.sent.slice(before)) await request.answer();
    }
  }

  const calm = {
    breaker: { failureThreshold: 1_000, failureRateThreshold: 0.99, windowSize: 10_000 },
    outlier: false,
  } as const;

  test('sends less to it when it becomes slow', async () => {
    const rig = upstreamRig({ concurrency: { running: 'adaptive' }, ...calm });
    await fifty(rig, 10);
    await fifty(rig, 10);
    expect(rig.upstream.status().bulkhead.limit).toBe(24);
    await fifty(rig, 100);
    expect(rig.upstream.status().bulkhead.limit).toBe(12);
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('sends less to it when it no longer answers in time', async () => {
    const rig = upstreamRig({ concurrency: { running: 'adaptive' }, ...calm });
    await fifty(rig, 10);
    await fifty(rig, 10);
    await fifty(rig, 900);
    expect(rig.facts.at(-1)?.outcome).toBe('upstream-timeout');
    expect(rig.upstream.status().bulkhead.limit).toBe(12);
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('learns nothing from calls that failed fast', async () => {
    const rig = upstreamRig({ concurrency: { running: 'adaptive' }, retry: { attempts: 0 }, ...calm });
    await fifty(rig, 100);
    for (let call = 0; call < 100; call += 1) {
      await rig.start();
      await rig.last().answer({ status: 500 });
    }
    await fifty(rig, 100);
    await fifty(rig, 100);
    expect(rig.upstream.status().bulkhead.limit).toBeGreaterThanOrEqual(24);
  });
});
