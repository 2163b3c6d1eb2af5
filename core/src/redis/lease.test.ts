import { expect, test } from 'vitest';
import { monthlyQuota, tokenBucket } from '../limit/declare.ts';
import type { RateLimit } from '../limit/limit.ts';
import { memoryStore } from '../limit/memory-store.ts';
import type { Claim, Decision } from '../limit/store.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { leasing } from './lease.ts';

/** Leases of five turns on a bucket in memory that behaves like the script. */
function rig(limits: readonly RateLimit[], turns = 5) {
  const clock = manualClock();
  const bucket = memoryStore({ clock });
  const asked: number[] = [];
  const takeLeased = leasing(
    async (claims, times) => {
      asked.push(times);
      const of = (count: number): Decision =>
        bucket.take(claims.map((claim) => ({ ...claim, cost: claim.cost * count }))) as Decision;
      const many = of(times);
      const decision = many.allowed || times === 1 ? many : of(1);
      return { ...decision, times: many.allowed ? times : Number(decision.allowed) };
    },
    turns,
    clock,
  );
  const claims = limits.map((limit): Claim => ({ limit, subject: 'ada', cost: 1 }));
  return { clock, asked, take: async () => takeLeased(claims) };
}

const bucket = tokenBucket({ capacity: 12, refillPerSecond: 1 });

test('a busy caller gets several turns at once, and is told of all that remain', async () => {
  const { take, asked } = rig([bucket]);
  const remaining: number[] = [];
  for (let index = 0; index < 7; index += 1) remaining.push((await take()).admissions[0]?.remaining ?? -1);
  expect(remaining).toEqual([11, 10, 9, 8, 7, 6, 5]);
  expect(asked).toEqual([1, 5, 5]);
});

test('near the end it gets what there is, to the last turn', async () => {
  const { take } = rig([bucket]);
  const allowed: boolean[] = [];
  for (let index = 0; index < 14; index += 1) allowed.push((await take()).allowed);
  expect(allowed).toEqual([...Array(12).fill(true), false, false]);
});

test('who asks at the same time shares one question', async () => {
  const { take, asked } = rig([bucket]);
  const decisions = await Promise.all(Array.from({ length: 14 }, take));
  expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(12);
  expect(asked.length).toBeLessThan(8);
});

test('a caller who asks rarely gets single turns', async () => {
  const { take, asked, clock } = rig([bucket]);
  for (let index = 0; index < 3; index += 1) {
    await take();
    clock.advance(101);
  }
  expect(asked).toEqual([1, 1, 1]);
});

test('turns that are not used within a second are lost', async () => {
  const { take, asked, clock } = rig([bucket]);
  await take();
  await take();
  clock.advance(1_001);
  expect((await take()).admissions[0]?.remaining).toBe(6);
  expect(asked).toEqual([1, 5, 1]);
});

test('a list with an exact limit is asked every time', async () => {
  const { take, asked } = rig([bucket, monthlyQuota({ max: 100 })]);
  for (let index = 0; index < 4; index += 1) await take();
  expect(asked).toEqual([1, 1, 1, 1]);
});
