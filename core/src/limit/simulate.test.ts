import { expect, test } from 'vitest';
import { z } from 'zod';
import type { RequestFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { asCaller, testBff } from '../testing/index.ts';
import { fixedWindow, monthlyQuota, slidingCounter, tokenBucket } from './declare.ts';
import { type PastDecision, simulate } from './simulate.ts';

const limits = [
  tokenBucket({ capacity: 5, refillPerSecond: 2 }),
  slidingCounter({ max: 12, windowSeconds: 10 }),
  fixedWindow({ name: 'all', max: 40, windowSeconds: 10, by: 'endpoint-class' }),
  monthlyQuota({ max: 60 }),
];

/** Decisions of a run of four callers over a minute, in the order in which they ended: shuffled. */
async function run(): Promise<PastDecision[]> {
  const at = (path: string, cost: number) =>
    endpoint('GET', path, { summary: 'A.', access: anyone(), deadlineMs: 100, cost }).handle(
      z.object({}),
      async () => ({}),
    );
  const bff = testBff([at('/one', 1), at('/two', 2)], {}, { limits });
  const past: PastDecision[] = [];
  const keep = ({ limit }: RequestFact) => limit !== undefined && past.push({ bff: 'test', ...limit });
  bff.events.on('request', keep);
  for (let index = 0; index < 400; index += 1) {
    const caller = index % 4 === 0 ? {} : asCaller(`usr_${index % 3}`);
    await bff.app.request(index % 7 === 0 ? '/two' : '/one', { headers: caller });
    if (index % 5 === 0) bff.clock.advance(((index * 37) % 300) * 5); // five decisions in one millisecond
  }
  return past.toSorted((one, other) => (one.order % 17) - (other.order % 17));
}

test('under the policy that made it, a log gives exactly the same refusals', async () => {
  const past = await run();
  const { requests, refused, refusedInLog, different } = simulate({ limits, plans: {} }, past);
  expect(requests).toBe(400);
  expect(refused).toBeGreaterThan(100);
  expect(refused).toBeLessThan(300);
  expect([refusedInLog, different]).toEqual([refused, []]);
});

test('under another policy it says who would have been refused, when, and the headroom of the rest', async () => {
  const past = await run();
  const roomy = { limits: [tokenBucket({ capacity: 400, refillPerSecond: 1 })], plans: {} };
  const { refused, different, subjects } = simulate(roomy, past);
  expect([refused, different.length]).toEqual([
    0,
    past.filter(({ refusedBy }) => refusedBy.length > 0).length,
  ]);
  expect(subjects).toHaveLength(4);
  expect(Math.min(...subjects.map(({ lowestRemaining }) => lowestRemaining))).toBeGreaterThan(200);
  const tight = simulate({ limits: [tokenBucket({ capacity: 2, refillPerSecond: 0.01 })], plans: {} }, past);
  const [worst] = tight.subjects;
  expect(worst).toMatchObject({ limit: 'default', max: 2, lowestRemaining: 0 });
  expect(worst?.firstRefusedMs).toBeGreaterThanOrEqual(Math.min(...past.map(({ atMs }) => atMs)));
  expect(tight.subjects.reduce((sum, subject) => sum + subject.refused, 0)).toBe(tight.refused);
});

test('a repetition of a write takes from the burst again, and nothing from the quota', () => {
  const caller = { address: '192.0.2.1', endpointClass: 'default' };
  const past = [1, 2, 3].map((order) => ({
    bff: 'test',
    caller,
    cost: 1,
    atMs: 1_000,
    order,
    refusedBy: [],
    ...(order > 1 ? { isRepeat: true } : {}),
  }));
  const policy = {
    limits: [tokenBucket({ capacity: 3, refillPerSecond: 1 }), monthlyQuota({ max: 3 })],
    plans: {},
  };
  const { subjects, different } = simulate(policy, past);
  expect(different).toEqual([]);
  expect(subjects.map(({ limit, lowestRemaining }) => [limit, lowestRemaining])).toEqual([
    ['default', 0],
    ['month', 2],
  ]);
});
