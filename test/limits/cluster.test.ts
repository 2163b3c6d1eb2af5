/** A three-node cluster: spread callers, limits of different subjects, resharding and failover in mid-run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fixedWindow, monthlyQuota, slidingLog, tokenBucket } from 'bffkit';
import { redisStore } from 'bffkit/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
// @boundaries-ignore the definition that the servers are held against
import { simulate } from '../../core/src/limit/simulate.ts';
// @boundaries-ignore the definition that the servers are held against
import { slotOf, tagOf } from '../../core/src/redis/keys.ts';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import { admitted, type Gateways, startGateways } from './gateways.ts';

let cluster: RedisCluster;
let gateways: Gateways;

beforeAll(async () => {
  cluster = await startCluster();
  gateways = await startGateways({ nodes: cluster.urls, timeoutMs: 1_000, instances: 4 });
}, 90_000);

afterAll(async () => {
  await gateways.stop();
  await cluster.stop();
});

/** The slot of a caller's limits, as the gateways name it. */
function slotOfCaller(name: string): number {
  return slotOf(tagOf(`proof/user:all:${name}`));
}

/** A caller whose limits live on the first node. */
function callerOnFirst(prefix: string): string {
  for (let index = 0; ; index += 1) {
    if (slotOfCaller(`${prefix}${index}`) < 5_461) return `${prefix}${index}`;
  }
}

test('our slots are those of Redis', async () => {
  const client = new Redis(cluster.servers[0]?.port ?? 0);
  for (const subject of ['ada', 'proof/user:all:bob', 'Überlänge', '']) {
    const tag = tagOf(subject);
    expect(await client.call('CLUSTER', 'KEYSLOT', `bffkit:{${tag}}:x`)).toBe(slotOf(tag));
  }
  client.disconnect();
});

test('callers are spread over all nodes, and each is exact', async () => {
  const callers = Array.from({ length: 12 }, (_, index) => `spread${index}`);
  const limits = [tokenBucket({ capacity: 20, refillPerSecond: 1 }), monthlyQuota({ max: 30 })];
  const outcomes = await gateways.run({ limits, callers, atOnce: 60, requests: 500 });
  expect(outcomes.filter(({ standIn }) => standIn !== undefined)).toEqual([]);
  for (const name of callers) {
    const past = outcomes.filter(({ caller }) => caller?.subject === name);
    const decisions = past.flatMap(({ caller, ...rest }) =>
      caller === undefined
        ? []
        : [
            {
              bff: '',
              caller,
              atMs: rest.atMs,
              order: rest.order,
              cost: rest.cost,
              refusedBy: rest.refusedBy,
            },
          ],
    );
    expect(simulate({ limits, plans: {} }, decisions).different).toEqual([]);
  }
  const sizes = await Promise.all(
    cluster.servers.slice(0, 3).map(async ({ port }) => {
      const client = new Redis(port);
      const size = await client.dbsize();
      client.disconnect();
      return size;
    }),
  );
  expect(Math.min(...sizes)).toBeGreaterThan(0);
});

test('limits of different subjects on different nodes: a refusal by one gives the others back', async () => {
  const store = redisStore({ nodes: cluster.urls, timeoutMs: 1_000 });
  const limits = [
    tokenBucket({ name: 'user', capacity: 10, refillPerSecond: 0.001 }),
    slidingLog({ name: 'partner', max: 10, windowSeconds: 600 }),
    monthlyQuota({ name: 'month', max: 10 }),
    fixedWindow({ name: 'tenant', max: 3, windowSeconds: 86_400 }),
  ];
  const claims = limits.map((limit, index) => ({ limit, subject: `apart-${index}`, cost: 1 }));
  const allowed: boolean[] = [];
  for (let index = 0; index < 6; index += 1) allowed.push((await store.take(claims)).allowed);
  expect(allowed).toEqual([true, true, true, false, false, false]);
  const look = await store.take(claims.map((claim) => ({ ...claim, cost: 0 })));
  expect(look.admissions.map(({ remaining }) => remaining)).toEqual([7, 7, 7, 0]);
  store.close?.();
});

test('while slots move between nodes the count goes on, to the request', async () => {
  const name = callerOnFirst('moving');
  const limits = [tokenBucket({ name: 'moving', capacity: 60, refillPerSecond: 20 })];
  const running = gateways.run({ limits, callers: [name], atOnce: 3, requests: 10_000, forMs: 2_500 });
  for (const to of [1, 2, 0]) {
    await sleep(500);
    await cluster.moveSlot(slotOfCaller(name), to);
  }
  const outcomes = await running;
  const asked = outcomes.filter(({ standIn }) => standIn === undefined);
  expect(asked.length).toBeGreaterThan(0.9 * outcomes.length);
  const past = asked.flatMap(({ caller, standIn: _, ...rest }) =>
    caller === undefined ? [] : [{ bff: '', caller, ...rest }],
  );
  expect(simulate({ limits, plans: {} }, past).different).toEqual([]);
});

test('a master dies and its replica takes over: local shares meanwhile, then Redis again', async () => {
  const name = callerOnFirst('failing');
  const limits = [tokenBucket({ name: 'failing', capacity: 40, refillPerSecond: 2 })];
  const running = gateways.run({ limits, callers: [name], atOnce: 3, requests: 10_000, forMs: 4_000 });
  await sleep(700);
  cluster.servers[0]?.process.kill('SIGKILL');
  await sleep(800);
  await cluster.failOver();
  const outcomes = await running;
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200, 429]));
  expect(outcomes.some(({ standIn }) => standIn === 'local')).toBe(true);
  const perBucket = 40 + 2 * 4.5;
  expect(admitted(outcomes).length).toBeLessThanOrEqual(2 * perBucket + 40); // Redis, the shares, what was not replicated
  const isBack = async (): Promise<boolean> => {
    const again = await gateways.run({ limits, callers: [name], atOnce: 1, requests: 5 });
    return again.every(({ standIn }) => standIn === undefined);
  };
  for (let tries = 0; tries < 40 && !(await isBack()); tries += 1) await sleep(200);
  expect(await isBack()).toBe(true);
});
