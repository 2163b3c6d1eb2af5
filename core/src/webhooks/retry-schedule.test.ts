import { describe, expect, test } from 'vitest';
import { seededRandom } from '../upstream/random.ts';
import { maxAttempts, readRetryAfter, retryDelayMs } from './retry-schedule.ts';

const never = (): number => 0;

describe('the schedule', () => {
  test('is that of Standard Webhooks, and ends', () => {
    const delays = Array.from({ length: maxAttempts }, (_, index) => retryDelayMs(index + 1, never));
    expect(delays.map((ms) => ms && ms / 1_000)).toEqual([
      5,
      300,
      1_800,
      7_200,
      18_000,
      36_000,
      36_000,
      undefined,
    ]);
  });

  test('is never early and at most a fifth late', () => {
    const random = seededRandom(1);
    for (let turn = 0; turn < 1_000; turn += 1) {
      const ms = retryDelayMs(2, random) ?? 0;
      expect(ms).toBeGreaterThanOrEqual(300_000);
      expect(ms).toBeLessThanOrEqual(360_000);
    }
  });

  test.each([
    ['longer than the schedule', 60_000, 60_000],
    ['shorter than it', 1_000, 5_000],
    ['longer than half a day', 86_400_000, 43_200_000],
  ])('waits as the receiver asks: %s', (_what, asked, delay) => {
    expect(retryDelayMs(1, never, asked)).toBe(delay);
  });
});

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Sun, 01 Nov 2026 00:01:00 GMT', 60_000],
  ['Sat, 31 Oct 2026 00:00:00 GMT', 0],
  ['-5', undefined],
  ['soon', undefined],
  ['2026', 2_026_000],
  ['99999999999999', undefined],
  [undefined, undefined],
])('Retry-After %s is %s ms', (value, ms) => {
  expect(readRetryAfter(value, Date.UTC(2026, 10, 1))).toBe(ms);
});
