import { expect, test } from 'vitest';
import { checkLimits, lowestMaxCost } from './check-limits.ts';
import { concurrent, fixedWindow, leakyBucket, monthlyQuota, slidingLog, tokenBucket } from './declare.ts';

const second = tokenBucket({ name: 'second', capacity: 10, refillPerSecond: 10 });

test('limits that fit together are accepted, in any order', () => {
  const month = monthlyQuota({ max: 100_000 });
  const minute = fixedWindow({ name: 'minute', max: 100, windowSeconds: 60 });
  expect(() => checkLimits('limits', [month, second, minute, concurrent({ max: 2 })])).not.toThrow();
});

test.each([
  [[], 'limits: list at least one limit'],
  [[second, second], "limits: two limits are called 'second'; give one a name"],
  [
    [second, fixedWindow({ name: 'minute', max: 9, windowSeconds: 60 })],
    "limits: 'minute' (9 in 60 s) allows less than 'second' (10 in 1 s); the longer window must allow at least as much",
  ],
  [
    [monthlyQuota({ max: 5 }), slidingLog({ max: 6, windowSeconds: 1 })],
    "limits: 'month' (5 in 2678400 s) allows less than 'window' (6 in 1 s); the longer window must allow at least as much",
  ],
])('%#: %s is refused at boot', (limits, message) => {
  expect(() => checkLimits('limits', limits)).toThrow(new RangeError(message));
});

test('limits of different callers are not compared', () => {
  const perTenant = fixedWindow({ max: 9, windowSeconds: 60, by: 'tenant' });
  expect(() => checkLimits('limits', [second, perTenant])).not.toThrow();
});

test('the most a request may cost is what the smallest limit can ever give', () => {
  expect(
    lowestMaxCost([second, leakyBucket({ ratePerSecond: 1 }), slidingLog({ max: 6, windowSeconds: 1 })]),
  ).toBe(6);
  expect(lowestMaxCost([concurrent({ max: 1 })])).toBe(Number.POSITIVE_INFINITY);
});
