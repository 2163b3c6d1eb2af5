import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RequestFact } from '../context/events.ts';
import { randomIds } from '../context/ids.ts';
import { sampling } from './sampling.ts';
import { isInShare } from './trace-share.ts';

const fact: RequestFact = {
  bff: 'web',
  requestId: 'f'.repeat(32),
  traceId: 'f'.repeat(32),
  trace: { spanId: 'f'.repeat(16), isSampled: false },
  method: 'GET',
  route: '/',
  status: 200,
  durationMs: 5,
  bytesIn: 0,
  bytes: 0,
  degraded: [],
  calls: [],
  lookups: [],
  standing: [],
};
const [first, last] = ['0'.repeat(32), 'f'.repeat(32)];

describe('with a share', () => {
  const shareOf = sampling({ sample: 0.1 });

  test('an ordinary request is in or out by its trace, and counts for ten', () => {
    expect(shareOf({ ...fact, traceId: last })).toBe(0.1);
    expect(shareOf({ ...fact, traceId: first })).toBe(0);
  });

  test.each<[string, Partial<RequestFact>]>([
    ['a failure', { status: 502, code: 'upstream-error' }],
    ['a failure without a code', { status: 500 }],
    ['a slow one', { durationMs: 1_000 }],
    ['a degraded one', { degraded: ['recs'] }],
    ['a refused credential', { status: 401, code: 'invalid-token' }],
    ['a missing scope', { status: 403, code: 'insufficient-scope' }],
    ['bad input', { status: 400, code: 'validation-failed' }],
  ])('%s is always written, and counts for one', (_what, change) => {
    expect(shareOf({ ...fact, traceId: first, ...change })).toBe(1);
  });

  test.each<[string, Partial<RequestFact>]>([
    ['what nobody serves', { status: 404, code: 'not-found' }],
    ['a refusal by a limit', { status: 429, code: 'rate-limited' }],
    ['nobody signed in', { status: 401, code: 'not-signed-in' }],
    ['a client that left', { status: 499, code: 'client-gone' }],
  ])('%s is as ordinary as a good answer', (_what, change) => {
    expect(shareOf({ ...fact, traceId: first, ...change })).toBe(0);
    expect(shareOf({ ...fact, traceId: last, ...change })).toBe(0.1);
  });
});

test('without a share everything is written and counts for one; with 0 only what is always written', () => {
  expect(sampling({})({ ...fact, traceId: first })).toBe(1);
  expect(sampling({ sample: 0 })({ ...fact, traceId: last })).toBe(0);
  expect(sampling({ sample: 0 })({ ...fact, status: 500 })).toBe(1);
});

test('slow is what you say', () => {
  expect(sampling({ sample: 0, slowMs: 5 })(fact)).toBe(1);
  expect(sampling({ sample: 0, slowMs: 5.1 })(fact)).toBe(0);
});

test('a larger share holds what a smaller one holds', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const { traceId } = randomIds();
  fc.assert(
    fc.property(share, share, (a, b) => {
      const trace = traceId();
      if (isInShare(trace, Math.min(a, b))) expect(isInShare(trace, Math.max(a, b))).toBe(true);
    }),
  );
});

test('lines count back to requests', () => {
  const { traceId } = randomIds();
  const shareOf = sampling({ sample: 0.25 });
  let requests = 0;
  for (let n = 0; n < 20_000; n += 1) {
    const share = shareOf({ ...fact, traceId: traceId() });
    if (share > 0) requests += 1 / share;
  }
  expect(Math.abs(requests - 20_000)).toBeLessThan(1_500);
});

test.each([
  [{ sample: 1.1 }, /sample must be a number from 0 to 1, got 1.1/],
  [{ sample: Number.NaN }, /sample/],
  [{ slowMs: -1 }, /slowMs must be a number from 0 to 600000, got -1/],
])('%j is no option', (options, message) => {
  expect(() => sampling(options)).toThrow(message);
});
