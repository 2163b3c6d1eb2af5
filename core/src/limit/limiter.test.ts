import { describe, expect, test } from 'vitest';
import { type TokenBucketOptions, tokenBucket } from './limiter.ts';

test('the default is a burst of 100 and 10 per second', () => {
  expect(tokenBucket()).toEqual({ name: 'default', capacity: 100, refillPerSecond: 10 });
});

test('what is set is kept', () => {
  const options = { name: 'web-search', capacity: 5, refillPerSecond: 0.5 };
  expect(tokenBucket(options)).toEqual(options);
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
    [{ refill: 3 }, "tokenBucket: unknown option 'refill'; it knows name, capacity, refillPerSecond"],
    [{ capcity: 3 }, "tokenBucket: unknown option 'capcity'; did you mean 'capacity'?"],
  ])('%o', (options, message) => {
    expect(() => tokenBucket(options as TokenBucketOptions)).toThrow(new RangeError(message));
  });
});
