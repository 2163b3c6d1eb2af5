import { describe, expect, test } from 'vitest';
import { monthlyQuota, tokenBucket } from './declare.ts';
import { limitHeaders } from './headers.ts';
import type { Admission } from './store.ts';

const limit = tokenBucket({ name: 'web', capacity: 100, refillPerSecond: 30 });
const wallMs = Date.UTC(2026, 10, 1);

const open: Admission = { limit: 'web', allowed: true, remaining: 43, retryAfterMs: 0, resetAfterMs: 1_900 };
const write = limitHeaders('both', [limit]);

function headersOf(admission: Partial<Admission>): Record<string, string> {
  return write([{ ...open, ...admission }], wallMs);
}

test('an allowed request is told its limit in both dialects', () => {
  expect(headersOf({})).toEqual({
    'x-ratelimit-limit': '100',
    'x-ratelimit-remaining': '43',
    'x-ratelimit-reset': '1793491202', // epoch seconds, rounded up
    'ratelimit-policy': '"web";q=100;w=4', // 100 tokens at 30 per second, rounded up
    ratelimit: '"web";r=43;t=2',
  });
});

test('a full bucket resets now', () => {
  expect(headersOf({ remaining: 100, resetAfterMs: 0 })).toMatchObject({
    'x-ratelimit-reset': '1793491200',
    ratelimit: '"web";r=100;t=0',
  });
});

test('t of a refusal is not later than Retry-After', () => {
  expect(headersOf({ allowed: false, remaining: 1, retryAfterMs: 1_034, resetAfterMs: 3_300 })).toMatchObject(
    {
      'x-ratelimit-reset': '1793491204',
      ratelimit: '"web";r=1;t=2',
    },
  );
});

test('t of the last token taken is the time to the next one', () => {
  const slow = tokenBucket({ name: 'web', capacity: 3, refillPerSecond: 0.1 });
  const last = { ...open, remaining: 0, resetAfterMs: 25_000 };
  expect(limitHeaders('both', [slow])([last], wallMs).ratelimit).toBe('"web";r=0;t=5');
});

describe('of several limits', () => {
  const month = monthlyQuota({ max: 1_000 });
  const monthly = { ...open, limit: 'month', remaining: 400, resetAfterMs: 60_000 };
  const writeBoth = limitHeaders('both', [limit, month]);

  test('the draft has all, the old headers the one with the smallest share left', () => {
    expect(writeBoth([{ ...open, remaining: 50 }, monthly], wallMs)).toMatchObject({
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '400',
      'ratelimit-policy': '"web";q=100;w=4, "month";q=1000;w=2678400',
      ratelimit: '"web";r=50;t=2, "month";r=400;t=60',
    });
  });

  test('the old headers have the one that refused, whatever is left of it', () => {
    const refused = { ...open, allowed: false, remaining: 99, retryAfterMs: 10 };
    expect(writeBoth([refused, { ...monthly, remaining: 0 }], wallMs)).toMatchObject({
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '99',
    });
  });
});

test.each([
  ['draft', ['ratelimit', 'ratelimit-policy']],
  ['legacy', ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']],
  ['none', []],
] as const)('%s sends only its own', (dialect, names) => {
  expect(Object.keys(limitHeaders(dialect, [limit])([open], wallMs)).sort()).toEqual(names);
});

test('without an admission nothing is told', () => {
  expect(write([], wallMs)).toEqual({});
});
