import { expect, test } from 'vitest';
import type { LimitStoreFact, StandIn } from '../context/events.ts';
import { fixedWindow, leakyBucket, monthlyQuota, tokenBucket } from '../limit/declare.ts';
import type { RateLimit } from '../limit/limit.ts';
import type { Claim, Decision } from '../limit/store.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { guarded } from './guard.ts';

const limit = tokenBucket({ capacity: 10, refillPerSecond: 4 });
const claims: readonly Claim[] = [{ limit, subject: 'ada', cost: 1 }];
const fine: Decision = { allowed: true, admissions: [], atMs: 7, order: 7 };

type Redis = 'answers' | 'fails' | 'hangs';

function rig(
  standIn: StandIn = 'local',
  instances = 2,
  lanesOf: (claims: readonly Claim[]) => number[] = () => [0],
) {
  const clock = manualClock();
  const facts: LimitStoreFact[] = [];
  let redis: Redis | ((claims: readonly Claim[]) => Redis) = 'answers';
  let asked = 0;
  const ask = async (of: readonly Claim[]): Promise<Decision> => {
    asked += 1;
    const now = typeof redis === 'function' ? redis(of) : redis;
    if (now === 'hangs') return Promise.withResolvers<never>().promise;
    if (now === 'fails') throw new Error('ECONNREFUSED');
    return fine;
  };
  const store = guarded(ask, { standIn, instances, timeoutMs: 80, clock, lanesOf });
  store.watch?.((fact) => facts.push(fact));
  return {
    clock,
    facts,
    take: async (of = claims) => store.take(of),
    asked: () => asked,
    set(state: typeof redis) {
      redis = state;
    },
  };
}

test('while Redis answers, it decides', async () => {
  const { take, facts } = rig();
  expect(await take()).toBe(fine);
  expect(facts).toEqual([]);
});

test('an answer that does not come is not waited for longer than the timeout', async () => {
  const { take, clock, set } = rig();
  set('hangs');
  const taken = take();
  clock.advance(80);
  clock.advance(0);
  expect(await taken).toMatchObject({ allowed: true, standIn: 'local' });
  expect(clock.pending()).toBe(0);
});

test('after a failure Redis rests for a second, then one request tries it, and its answer ends the rest', async () => {
  const { take, clock, set, asked, facts } = rig();
  set('fails');
  await take();
  await take();
  expect(asked()).toBe(1);
  clock.advance(1_000);
  set('hangs');
  const trying = take();
  expect((await take()).standIn).toBe('local');
  expect(asked()).toBe(2);
  clock.advance(80);
  clock.advance(0);
  await trying;
  clock.advance(1_000);
  set('answers');
  expect(await take()).toBe(fine);
  expect(await take()).toBe(fine);
  expect(facts.map(({ state, decisions }) => [state, decisions])).toEqual([
    ['down', 0],
    ['up', 4],
  ]);
});

test('it is said at once, then once a minute, with what was decided meanwhile', async () => {
  const { take, clock, set, facts } = rig();
  set('fails');
  for (let second = 0; second < 150; second += 1) {
    await take();
    clock.advance(1_000);
  }
  expect(facts.map(({ state, decisions }) => [state, decisions])).toEqual([
    ['down', 0],
    ['still-down', 60],
    ['still-down', 60],
  ]);
  expect(facts[0]).toMatchObject({ standIn: 'local', cause: new Error('ECONNREFUSED') });
});

test.each<[RateLimit, number]>([
  [limit, 5],
  [fixedWindow({ max: 7, windowSeconds: 60 }), 3],
  [monthlyQuota({ max: 1 }), 1],
  [leakyBucket({ ratePerSecond: 2 }), 1],
])('local: this instance gives its share of %o', async (of, share) => {
  const { take, set } = rig();
  set('fails');
  let allowed = 0;
  for (let index = 0; index < 20; index += 1) {
    if ((await take([{ limit: of, subject: 'ada', cost: 1 }])).allowed) allowed += 1;
  }
  expect(allowed).toBe(share);
});

test('local: what costs more than the share takes all of it', async () => {
  const { take, set } = rig();
  set('fails');
  const dear = [{ limit, subject: 'ada', cost: 9 }];
  expect([(await take(dear)).allowed, (await take(dear)).allowed]).toEqual([true, false]);
});

test('open: everything passes, and nothing is claimed about what is left', async () => {
  const { take, set } = rig('open');
  set('fails');
  for (let index = 0; index < 30; index += 1) {
    expect(await take()).toMatchObject({ allowed: true, admissions: [], standIn: 'open' });
  }
});

test('closed: nothing passes, and it says when to come again', async () => {
  const { take, set } = rig('closed');
  set('fails');
  await expect(take()).rejects.toMatchObject({
    code: 'dependency-unavailable',
    options: { retryAfterMs: 1_000 },
  });
});

test('a part of a cluster that is away does not take the rest with it', async () => {
  const laneOf = ([claim]: readonly Claim[]): number[] => [claim?.subject === 'ada' ? 1 : 2];
  const { take, set, facts, clock } = rig('local', 2, laneOf);
  const bob = [{ limit, subject: 'bob', cost: 1 }];
  set(([claim]) => (claim?.subject === 'ada' ? 'fails' : 'answers'));
  expect((await take()).standIn).toBe('local');
  expect(await take(bob)).toBe(fine);
  clock.advance(1_000);
  set('answers');
  expect(await take()).toBe(fine);
  expect(facts.map(({ state }) => state)).toEqual(['down', 'up']);
});
