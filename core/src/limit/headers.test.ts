import { expect, test } from 'vitest';
import { limitHeaders } from './headers.ts';
import type { Admission } from './limiter.ts';

const limit = { name: 'web', capacity: 100, refillPerSecond: 30 };
const wallMs = Date.UTC(2026, 10, 1);

function headersOf(admission: Partial<Admission>): Record<string, string> {
  const full = {
    limit: 'web',
    allowed: true,
    capacity: 100,
    remaining: 43,
    retryAfterMs: 0,
    resetAfterMs: 1_900,
  };
  return limitHeaders({ ...full, ...admission }, limit, wallMs);
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
  const slow = { name: 'web', capacity: 3, refillPerSecond: 0.1 };
  const admission = {
    limit: 'web',
    allowed: true,
    capacity: 3,
    remaining: 0,
    retryAfterMs: 0,
    resetAfterMs: 25_000,
  };
  expect(limitHeaders(admission, slow, wallMs).ratelimit).toBe('"web";r=0;t=5');
});
