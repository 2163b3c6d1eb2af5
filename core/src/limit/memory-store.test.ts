import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import type { Admission, LimitStore, TokenBucketLimit } from './limiter.ts';
import { tokenBucket } from './limiter.ts';
import { memoryStore } from './memory-store.ts';

const limit = tokenBucket({ name: 'web', capacity: 100, refillPerSecond: 10 });

async function allowedOf(store: LimitStore, times: number, of: TokenBucketLimit = limit): Promise<number> {
  let allowed = 0;
  for (let index = 0; index < times; index += 1) {
    if ((await store.take(of, 'ada', 1)).allowed) allowed += 1;
  }
  return allowed;
}

test('the example of the owner, digit for digit', async () => {
  const clock = manualClock();
  const store = memoryStore({ clock });
  expect(await allowedOf(store, 50)).toBe(50);
  expect(await allowedOf(store, 60)).toBe(50);
  clock.advance(5_000);
  expect(await allowedOf(store, 60)).toBe(50);
});

test('an admission says what is left and when it is back', async () => {
  const clock = manualClock();
  const store = memoryStore({ clock });
  await store.take(limit, 'ada', 98);
  clock.advance(50);
  expect(await store.take(limit, 'ada', 1)).toEqual<Admission>({
    limit: 'web',
    allowed: true,
    capacity: 100,
    remaining: 1,
    retryAfterMs: 0,
    resetAfterMs: 9_850,
  });
  expect(await store.take(limit, 'ada', 2)).toEqual<Admission>({
    limit: 'web',
    allowed: false,
    capacity: 100,
    remaining: 1,
    retryAfterMs: 50,
    resetAfterMs: 9_850,
  });
});

describe('a bucket belongs to', () => {
  test('one caller', async () => {
    const store = memoryStore({ clock: manualClock() });
    await store.take(limit, 'ada', 100);
    expect((await store.take(limit, 'ada', 1)).allowed).toBe(false);
    expect((await store.take(limit, 'bob', 100)).allowed).toBe(true);
  });

  test('one limit', async () => {
    const store = memoryStore({ clock: manualClock() });
    const other = tokenBucket({ name: 'search', capacity: 5 });
    await store.take(limit, 'ada', 100);
    expect(await allowedOf(store, 6, other)).toBe(5);
  });
});

test('setting the date of the machine refills nothing', async () => {
  const clock = manualClock();
  const store = memoryStore({ clock });
  await store.take(limit, 'ada', 100);
  clock.setWall(clock.wallMs() + 3_600_000);
  expect((await store.take(limit, 'ada', 1)).allowed).toBe(false);
});

test('with too many callers the one seen longest ago is forgotten, and no other', async () => {
  const store = memoryStore({ maxBuckets: 2, clock: manualClock() });
  await store.take(limit, 'ada', 100);
  await store.take(limit, 'bob', 100);
  await store.take(limit, 'ada', 1); // refused, but seen
  await store.take(limit, 'cyd', 100);
  expect((await store.take(limit, 'ada', 1)).allowed).toBe(false);
  expect((await store.take(limit, 'bob', 100)).allowed).toBe(true);
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'maxBuckets %d is refused at boot',
  (maxBuckets) => {
    expect(() => memoryStore({ maxBuckets })).toThrow(RangeError);
    expect(() => memoryStore({ maxBuckets })).toThrow(/memoryStore: maxBuckets .* got/);
  },
);
