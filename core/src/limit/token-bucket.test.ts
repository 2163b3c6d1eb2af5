import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BucketPolicy, type BucketState, take } from './token-bucket.ts';

const policy = { capacity: 100, refillPerSecond: 10 };

/** Takes one token `times` times at one moment; how many were allowed, and the bucket after. */
function takeMany(times: number, nowMs: number, before?: BucketState): [number, BucketState | undefined] {
  let state = before;
  let allowed = 0;
  for (let index = 0; index < times; index += 1) {
    const taken = take(policy, state, 1, nowMs);
    state = taken.state;
    if (taken.allowed) allowed += 1;
  }
  return [allowed, state];
}

test('capacity 100 and 10 per second: 50 of 50, then 50 of 60, and 5 s later 50 of 60', () => {
  const [first, afterFirst] = takeMany(50, 0);
  const [second, afterSecond] = takeMany(60, 0, afterFirst);
  const [third] = takeMany(60, 5_000, afterSecond);
  expect([first, second, third]).toEqual([50, 50, 50]);
});

describe('one take', () => {
  test('a bucket that was never used is full', () => {
    expect(take(policy, undefined, 100, 7)).toEqual({
      allowed: true,
      state: { tokens: 0, atMs: 7 },
      remaining: 0,
      retryAfterMs: 0,
      resetAfterMs: 10_000,
    });
  });

  test('a refusal says how long the same take has to wait', () => {
    expect(take(policy, { tokens: 1.5, atMs: 0 }, 3, 0)).toMatchObject({
      allowed: false,
      retryAfterMs: 150,
      resetAfterMs: 9_850,
    });
  });

  test('a bucket never holds more than its capacity, also when the capacity was lowered', () => {
    expect(take(policy, { tokens: 90, atMs: 0 }, 0, 60_000).state.tokens).toBe(100);
    expect(take({ ...policy, capacity: 10 }, { tokens: 90, atMs: 0 }, 0, 0).state.tokens).toBe(10);
  });

  test('a caller who is a millionth of a token short is refused', () => {
    expect(take(policy, { tokens: 0.999_999, atMs: 0 }, 1, 0)).toMatchObject({
      allowed: false,
      retryAfterMs: 1,
    });
  });

  test('a clock that steps back takes nothing away', () => {
    expect(take(policy, { tokens: 50, atMs: 10_000 }, 0, 0).state).toEqual({ tokens: 50, atMs: 10_000 });
  });

  test('rounding never adds up against a caller who polls', () => {
    const slow = { capacity: 10, refillPerSecond: 0.1 };
    for (let stepMs = 1; stepMs < 100; stepMs += 1) {
      let { state } = take(slow, undefined, 10, 0);
      for (let nowMs = stepMs; nowMs < 50 * stepMs; nowMs += stepMs) {
        const refused = take(slow, state, 1, nowMs);
        expect(take(slow, refused.state, 1, nowMs + refused.retryAfterMs).allowed).toBe(true);
        state = refused.state;
      }
    }
  });

  test('a cost of 0 looks and takes nothing', () => {
    expect(take(policy, { tokens: 0, atMs: 0 }, 0, 0)).toMatchObject({ allowed: true, state: { tokens: 0 } });
  });

  test.each([100.5, 101, Number.POSITIVE_INFINITY, -1, Number.NaN])(
    'a cost of %d is refused as a mistake',
    (cost) => {
      expect(() => take(policy, undefined, cost, 0)).toThrow(
        new RangeError(`cost must be from 0 to the capacity 100, got ${cost}`),
      );
    },
  );
});

const policies = fc.record({
  capacity: fc.integer({ min: 1, max: 1_000 }),
  refillPerSecond: fc.double({ min: 0.01, max: 2_000, noNaN: true }),
});
const startMs = fc.integer({ min: 0, max: 1e12 });

/** A policy and what happens to one of its buckets: how the clock moves, then what is taken. */
const histories = (minStepMs: number) =>
  policies.chain((bucket) =>
    fc.record({
      bucket: fc.constant(bucket),
      startMs,
      steps: fc.array(
        fc.record({
          stepMs: fc.oneof(fc.constant(0), fc.integer({ min: minStepMs, max: 5_000 })),
          cost: fc.integer({ min: 0, max: bucket.capacity }),
        }),
        { minLength: 1, maxLength: 40 },
      ),
    }),
  );

interface History {
  readonly bucket: BucketPolicy;
  readonly startMs: number;
  readonly steps: readonly { readonly stepMs: number; readonly cost: number }[];
}

/** Plays a history: every take with the moment it was made at and the bucket before it. */
function play({ bucket, startMs: nowMs, steps }: History) {
  let atMs = nowMs;
  let state: BucketState | undefined;
  return steps.map(({ stepMs, cost }) => {
    const before = state;
    atMs += stepMs;
    const taken = take(bucket, before, cost, atMs);
    state = taken.state;
    return { atMs, cost, before, taken };
  });
}

describe('in every history', () => {
  test('no interval admits more than capacity + rate × time', () => {
    fc.assert(
      fc.property(histories(0), (history) => {
        const takes = play(history).filter(({ taken }) => taken.allowed);
        for (let from = 0; from < takes.length; from += 1) {
          let admitted = 0;
          for (let to = from; to < takes.length; to += 1) {
            admitted += takes[to]?.cost ?? 0;
            const elapsedMs = (takes[to]?.atMs ?? 0) - (takes[from]?.atMs ?? 0);
            const { capacity, refillPerSecond } = history.bucket;
            expect(admitted).toBeLessThanOrEqual(capacity + (refillPerSecond * elapsedMs) / 1_000 + 1e-6);
          }
        }
      }),
    );
  });

  test('waiting retryAfterMs is always enough', () => {
    fc.assert(
      fc.property(histories(0), (history) => {
        for (const { atMs, cost, taken } of play(history)) {
          expect(
            take(history.bucket, taken.state, taken.allowed ? 0 : cost, atMs + taken.retryAfterMs).allowed,
          ).toBe(true);
        }
      }),
    );
  });

  test('a refused take costs nothing', () => {
    fc.assert(
      fc.property(histories(0), (history) => {
        for (const { atMs, before, taken } of play(history)) {
          if (!taken.allowed) expect(taken.state).toEqual(take(history.bucket, before, 0, atMs).state);
        }
      }),
    );
  });

  test('a clock that steps back refills nothing, then or when it comes forward again', () => {
    fc.assert(
      fc.property(histories(-5_000), (history) => {
        const takes = play(history);
        const moments = takes.map(({ atMs }) => atMs);
        const forwardMs = Math.max(...moments) - (moments[0] ?? 0);
        const admitted = takes.reduce((sum, { cost, taken }) => sum + (taken.allowed ? cost : 0), 0);
        const { capacity, refillPerSecond } = history.bucket;
        expect(admitted).toBeLessThanOrEqual(capacity + (refillPerSecond * forwardMs) / 1_000 + 1e-6);
      }),
    );
  });

  test('after resetAfterMs the bucket is full', () => {
    fc.assert(
      fc.property(histories(0), (history) => {
        for (const { atMs, taken } of play(history)) {
          const { capacity } = history.bucket;
          expect(take(history.bucket, taken.state, capacity, atMs + taken.resetAfterMs).allowed).toBe(true);
        }
      }),
    );
  });
});
