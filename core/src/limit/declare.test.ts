import { describe, expect, test } from 'vitest';
import {
  concurrent,
  fixedWindow,
  leakyBucket,
  monthlyQuota,
  slidingCounter,
  slidingLog,
  type TokenBucketOptions,
  tokenBucket,
} from './declare.ts';

test('the default is a burst of 100 and 10 per second', () => {
  expect(tokenBucket()).toEqual({
    kind: 'token-bucket',
    name: 'default',
    capacity: 100,
    refillPerSecond: 10,
  });
});

test('what is set is kept', () => {
  const options = { name: 'web-search', capacity: 5, refillPerSecond: 0.5 };
  expect(tokenBucket(options)).toEqual({ kind: 'token-bucket', ...options });
});

describe('refuses to start', () => {
  test.each([
    [{ capacity: 0 }, 'tokenBucket: capacity must be a number from 1 to 1000000000, got 0'],
    [{ capacity: -5 }, 'tokenBucket: capacity must be a number from 1 to 1000000000, got -5'],
    [{ capacity: 0.5 }, 'tokenBucket: capacity must be a whole number from 1 to 1000000000, got 0.5'],
    [{ capacity: Number.NaN }, 'tokenBucket: capacity must be a whole number from 1 to 1000000000, got NaN'],
    [
      { capacity: Infinity },
      'tokenBucket: capacity must be a whole number from 1 to 1000000000, got Infinity',
    ],
    [
      { refillPerSecond: 0 },
      'tokenBucket: refillPerSecond must be a number from 0.00001 to 1000000000, got 0',
    ],
    [
      { refillPerSecond: -1 },
      'tokenBucket: refillPerSecond must be a number from 0.00001 to 1000000000, got -1',
    ],
    [
      { refillPerSecond: Number.NaN },
      'tokenBucket: refillPerSecond must be a number from 0.00001 to 1000000000, got NaN',
    ],
    [{ name: '' }, "tokenBucket: name must be 1 to 32 of a-z, 0-9 and -, got ''"],
    [{ name: 'a"b' }, `tokenBucket: name must be 1 to 32 of a-z, 0-9 and -, got 'a"b'`],
    [{ refill: 3 }, "tokenBucket: unknown option 'refill'; it knows name, by, capacity, refillPerSecond"],
    [{ capcity: 3 }, "tokenBucket: unknown option 'capcity'; did you mean 'capacity'?"],
  ])('%o', (options, message) => {
    expect(() => tokenBucket(options as TokenBucketOptions)).toThrow(new RangeError(message));
  });
});

test('each algorithm has a name of its own, in milliseconds where it counts in windows', () => {
  expect(fixedWindow({ max: 5, windowSeconds: 60 })).toEqual({
    kind: 'fixed-window',
    name: 'window',
    max: 5,
    windowMs: 60_000,
  });
  expect(slidingLog({ max: 5, windowSeconds: 1 })).toMatchObject({ kind: 'sliding-log', name: 'window' });
  expect(slidingCounter({ max: 5, windowSeconds: 1 })).toMatchObject({ kind: 'sliding-counter' });
  expect(leakyBucket({ ratePerSecond: 4 })).toMatchObject({ kind: 'leaky-bucket', name: 'pace', queue: 0 });
  expect(monthlyQuota({ max: 9 })).toEqual({ kind: 'monthly-quota', name: 'month', max: 9 });
  expect(concurrent({ max: 2 })).toEqual({ kind: 'concurrency', name: 'concurrent', max: 2 });
});

test.each<[() => unknown, string]>([
  [
    () => slidingLog({ max: 10_001, windowSeconds: 1 }),
    'slidingLog: max must be a number from 1 to 10000, got 10001',
  ],
  [
    () => fixedWindow({ max: 1, windowSeconds: 0.5 }),
    'fixedWindow: windowSeconds must be a whole number from 1 to 2678400, got 0.5',
  ],
  [
    () => leakyBucket({ ratePerSecond: 1_001 }),
    'leakyBucket: ratePerSecond must be a number from 0.00001 to 1000, got 1001',
  ],
  [
    () => leakyBucket({ ratePerSecond: 1, queue: -1 }),
    'leakyBucket: queue must be a number from 0 to 10000, got -1',
  ],
  [() => monthlyQuota({ max: 0 }), 'monthlyQuota: max must be a number from 1 to 1000000000000, got 0'],
  [() => concurrent({ max: 0 }), 'concurrent: max must be a number from 1 to 1000000, got 0'],
  [
    () => tokenBucket({ by: 'ipp' as 'ip' }),
    "tokenBucket: by must be user, api-key, partner, tenant, ip, endpoint-class, a list of these or a function, got 'ipp'",
  ],
  [
    () => tokenBucket({ by: [] }),
    "tokenBucket: by must be user, api-key, partner, tenant, ip, endpoint-class, a list of these or a function, got ''",
  ],
])('%s is refused at boot', (declare, message) => {
  expect(declare).toThrow(new RangeError(message));
});
