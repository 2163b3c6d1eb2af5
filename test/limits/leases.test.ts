/** Leases: fewer round trips, and never more than the documented bound too many. */
import { type Limit, monthlyQuota, tokenBucket } from 'bffkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { admitted, type Gateways, startGateways } from './gateways.ts';

const lease = 10;
const instances = 3;
let server: RedisServer;
let gateways: Gateways;

beforeAll(async () => {
  server = await startRedis();
  gateways = await startGateways({ url: server.url, timeoutMs: 1_000, lease }, instances);
}, 60_000);

afterAll(async () => {
  await gateways.stop();
  await server.kill();
});

async function measured(limits: readonly Limit[], requests: number) {
  const client = new Redis(server.url);
  await client.config('RESETSTAT');
  const startMs = performance.now();
  const outcomes = await gateways.run({ limits, callers: ['hot'], atOnce: 1, requests });
  const elapsedMs = performance.now() - startMs;
  const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1]);
  client.disconnect();
  expect(outcomes.filter(({ standIn }) => standIn !== undefined)).toEqual([]);
  return { allowed: admitted(outcomes).length, calls, elapsedMs };
}

test('a busy caller needs a tenth of the round trips', async () => {
  const roomy = [tokenBucket({ name: 'roomy', capacity: 100_000, refillPerSecond: 1 })];
  const { allowed, calls } = await measured(roomy, 500);
  expect(allowed).toBe(instances * 500);
  expect(calls).toBeLessThan((instances * 500) / 5);
});

test('all instances together admit at most instances × (lease − 1) more than the bucket', async () => {
  const tight = [tokenBucket({ name: 'tight', capacity: 200, refillPerSecond: 50 })];
  const { allowed, elapsedMs } = await measured(tight, 400);
  expect(allowed).toBeGreaterThan(150);
  expect(allowed).toBeLessThanOrEqual(200 + (50 * elapsedMs) / 1_000 + instances * (lease - 1));
});

test('an exact limit is asked every time', async () => {
  const exact = [tokenBucket({ refillPerSecond: 100_000 }), monthlyQuota({ max: 100 })];
  const { allowed, calls } = await measured(exact, 100);
  expect([allowed, calls]).toEqual([100, instances * 100]);
});
