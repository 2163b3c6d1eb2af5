import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { fixedWindow, monthlyQuota, tokenBucket } from './declare.ts';
import type { RateLimit } from './limit.ts';
import { memoryStore } from './memory-store.ts';
import type { Decision, LimitStore } from './store.ts';

const limit = tokenBucket({ name: 'web', capacity: 100, refillPerSecond: 10 });

/** Takes from one limit. */
async function take(
  store: LimitStore,
  subject: string,
  cost: number,
  of: RateLimit = limit,
): Promise<Decision> {
  return store.take([{ limit: of, subject, cost }]);
}

async function allowedOf(store: LimitStore, times: number, of: RateLimit = limit): Promise<number> {
  let allowed = 0;
  for (let index = 0; index < times; index += 1) {
    if ((await take(store, 'ada', 1, of)).allowed) allowed += 1;
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

test('a decision says when it was made, what is left and when it is back', async () => {
  const clock = manualClock();
  const store = memoryStore({ clock });
  await take(store, 'ada', 98);
  clock.advance(50);
  const atMs = clock.wallMs();
  const left = { limit: 'web', remaining: 1, resetAfterMs: 9_850 };
  expect(await take(store, 'ada', 1)).toEqual<Decision>({
    allowed: true,
    atMs,
    order: 2,
    admissions: [{ ...left, allowed: true, retryAfterMs: 0 }],
  });
  expect(await take(store, 'ada', 2)).toEqual<Decision>({
    allowed: false,
    atMs,
    order: 3,
    admissions: [{ ...left, allowed: false, retryAfterMs: 50 }],
  });
});

describe('several limits at once', () => {
  const second = tokenBucket({ name: 'second', capacity: 2, refillPerSecond: 1 });
  const minute = fixedWindow({ name: 'minute', max: 3, windowSeconds: 60 });
  const month = monthlyQuota({ max: 10 });
  const claims = [second, minute, month].map((one) => ({ limit: one, subject: 'ada', cost: 1 }));

  test('a request refused by one takes nothing from the others', async () => {
    const clock = manualClock();
    const store = memoryStore({ clock });
    await store.take(claims);
    await store.take(claims);
    const refused = await store.take(claims);
    expect(refused.admissions.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [false, 0],
      [true, 1],
      [true, 8],
    ]);
    clock.advance(1_000);
    expect((await store.take(claims)).admissions.map(({ remaining }) => remaining)).toEqual([0, 0, 7]);
    clock.advance(2_000);
    const byMinute = await store.take(claims);
    expect(byMinute.admissions.map(({ allowed }) => allowed)).toEqual([true, false, true]);
    expect(byMinute.admissions.map(({ remaining }) => remaining)).toEqual([2, 0, 7]);
  });
});

test('windows begin where those of the wall clock do', async () => {
  const clock = manualClock(Date.UTC(2026, 10, 30, 23, 59, 59, 999));
  const store = memoryStore({ clock });
  const month = monthlyQuota({ max: 1 });
  expect((await take(store, 'ada', 1, month)).allowed).toBe(true);
  expect((await take(store, 'ada', 1, month)).admissions[0]?.retryAfterMs).toBe(1);
  clock.advance(1);
  expect((await take(store, 'ada', 1, month)).allowed).toBe(true);
});

describe('a bucket belongs to', () => {
  test('one caller', async () => {
    const store = memoryStore({ clock: manualClock() });
    await take(store, 'ada', 100);
    expect((await take(store, 'ada', 1)).allowed).toBe(false);
    expect((await take(store, 'bob', 100)).allowed).toBe(true);
  });

  test('one limit', async () => {
    const store = memoryStore({ clock: manualClock() });
    const other = tokenBucket({ name: 'search', capacity: 5 });
    await take(store, 'ada', 100);
    expect(await allowedOf(store, 6, other)).toBe(5);
  });
});

test('setting the date of the machine refills nothing', async () => {
  const clock = manualClock();
  const store = memoryStore({ clock });
  await take(store, 'ada', 100);
  clock.setWall(clock.wallMs() + 3_600_000);
  expect((await take(store, 'ada', 1)).allowed).toBe(false);
});

test('with too many callers the one seen longest ago is forgotten, and no other', async () => {
  const store = memoryStore({ maxBuckets: 2, clock: manualClock() });
  await take(store, 'ada', 100);
  await take(store, 'bob', 100);
  await take(store, 'ada', 1); // refused, but seen
  await take(store, 'cyd', 100);
  expect((await take(store, 'ada', 1)).allowed).toBe(false);
  expect((await take(store, 'bob', 100)).allowed).toBe(true);
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'maxBuckets %d is refused at boot',
  (maxBuckets) => {
    expect(() => memoryStore({ maxBuckets })).toThrow(RangeError);
    expect(() => memoryStore({ maxBuckets })).toThrow(/memoryStore: maxBuckets .* got/);
  },
);
