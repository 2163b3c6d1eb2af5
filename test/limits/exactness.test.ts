/**
 * Four gateways with wrong clocks on one Redis, thousands of requests at once: what was admitted is what
 * the one definition of each algorithm admits, to the request.
 */
import {
  fixedWindow,
  type Limit,
  leakyBucket,
  monthlyQuota,
  slidingCounter,
  slidingLog,
  tokenBucket,
} from 'bffkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @boundaries-ignore the definition that the servers are held against
import { type PastDecision, simulate } from '../../core/src/limit/simulate.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { admitted, type Gateways, type Outcome, startGateways } from './gateways.ts';

let server: RedisServer;
let gateways: Gateways;

beforeAll(async () => {
  server = await startRedis();
  gateways = await startGateways({ url: server.url, timeoutMs: 1_000 });
}, 60_000);

afterAll(async () => {
  await gateways.stop();
  await server.kill();
});

/** The decisions as the model makes them: at the moments and in the order of Redis. */
function replay(limits: readonly Limit[], outcomes: readonly Outcome[]) {
  const past = outcomes.flatMap(({ caller, ...outcome }): PastDecision[] =>
    caller === undefined
      ? []
      : [
          {
            bff: 'proof',
            caller,
            atMs: outcome.atMs,
            order: outcome.order,
            cost: outcome.cost,
            refusedBy: outcome.refusedBy,
          },
        ],
  );
  return simulate({ limits, plans: {} }, past);
}

/** The highest sum of costs in any interval, as a share of what `bound` allows for its length. */
function worst(outcomes: readonly Outcome[], bound: (elapsedMs: number) => number): number {
  let highest = 0;
  for (const [from, first] of outcomes.entries()) {
    let sum = 0;
    for (const outcome of outcomes.slice(from)) {
      sum += outcome.cost;
      highest = Math.max(highest, sum / bound(outcome.atMs - first.atMs));
    }
  }
  return highest;
}

const bucket = tokenBucket({ name: 'bucket', capacity: 60, refillPerSecond: 40 });
const log = slidingLog({ name: 'log', max: 50, windowSeconds: 1 });
const counter = slidingCounter({ name: 'counter', max: 60, windowSeconds: 1 });
const fixed = fixedWindow({ name: 'fixed', max: 70, windowSeconds: 1 });
const pace = leakyBucket({ name: 'leaky', ratePerSecond: 50 });
const quota = monthlyQuota({ name: 'quota', max: 500 });

/** Each algorithm, and what it may admit in an interval of this length. */
const algorithms: [string, Limit, (elapsedMs: number) => number][] = [
  ['token bucket', bucket, (ms) => 60 + (40 * ms) / 1_000],
  ['sliding log', log, (ms) => 50 * (Math.floor(ms / 1_000) + 1)],
  ['sliding counter', counter, (ms) => 60 * (Math.floor(ms / 1_000) + 2)],
  ['fixed window', fixed, (ms) => 70 * (Math.floor(ms / 1_000) + 2)],
  ['leaky bucket', pace, (ms) => 2 + (50 * ms) / 1_000],
];

describe.each(algorithms)('%s', (_name, limit, bound) => {
  test('A71: 2000 requests at once over four gateways: as the model, and never above the bound', async () => {
    const outcomes = await gateways.run({
      limits: [limit],
      callers: ['ada', 'bob'],
      atOnce: 100,
      requests: 500,
      dear: true,
    });
    expect(outcomes).toHaveLength(2_000);
    expect(outcomes.filter(({ standIn }) => standIn !== undefined)).toEqual([]);
    const { refused, different } = replay([limit], outcomes);
    expect(different).toEqual([]);
    expect(refused).toBe(2_000 - admitted(outcomes).length);
    for (const name of ['ada', 'bob']) {
      const own = admitted(outcomes).filter(({ caller }) => caller?.subject === name);
      expect(own.length).toBeGreaterThan(0);
      expect(worst(own, bound)).toBeLessThanOrEqual(1);
    }
  });
});

test('a monthly quota is exact to the request', async () => {
  const outcomes = await gateways.run({ limits: [quota], callers: ['eve'], atOnce: 100, requests: 300 });
  expect(admitted(outcomes)).toHaveLength(500);
  expect(outcomes.filter(({ status }) => status === 429)).toHaveLength(700);
});

test('several limits: as the model, one round trip each, and a refusal takes from none', async () => {
  const limits = [
    tokenBucket({ name: 'b', capacity: 30, refillPerSecond: 100 }),
    slidingCounter({ name: 'c', max: 60, windowSeconds: 1 }),
    monthlyQuota({ name: 'm', max: 100 }),
  ];
  const client = new Redis(server.url);
  await client.config('RESETSTAT');
  const outcomes = await gateways.run({ limits, callers: ['kim'], atOnce: 50, requests: 500, dear: true });
  const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1];
  client.disconnect();
  expect(Number(calls)).toBe(2_000);
  expect(replay(limits, outcomes).different).toEqual([]);
  expect(admitted(outcomes).reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(100);
});

test('a script that Redis forgot is loaded again in mid-run', async () => {
  const client = new Redis(server.url);
  const limits = [tokenBucket({ name: 'forgot', capacity: 100, refillPerSecond: 1 })];
  const running = gateways.run({ limits, callers: ['max'], atOnce: 20, requests: 400 });
  await client.script('FLUSH');
  const outcomes = await running;
  client.disconnect();
  expect(outcomes.filter(({ standIn }) => standIn !== undefined)).toEqual([]);
  expect(replay(limits, outcomes).different).toEqual([]);
});

test('every key has a time to live and a tag of its own caller', async () => {
  const client = new Redis(server.url);
  const keys = await client.keys('*');
  const lives = await Promise.all(keys.map((key) => client.pttl(key)));
  client.disconnect();
  expect(keys.length).toBeGreaterThan(3);
  expect(lives.every((ms) => ms > 0)).toBe(true);
  expect(keys.every((key) => /^bffkit:\{[\w-]{22}\}:[a-z-]+:[a-z-]+$/.test(key))).toBe(true);
  expect(new Set(keys.map((key) => key.slice(7, 31))).size).toBeGreaterThan(2);
});
