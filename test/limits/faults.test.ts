/** Redis paused, killed and restarted empty in mid-run, for each `onStoreError`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { tokenBucket } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { admitted, type Gateways, type Outcome, startGateways } from './gateways.ts';

const policies = ['local', 'open', 'closed'] as const;
const instances = 2;
const timeoutMs = 80;
/** A loaded machine adds to every time; the defaults of ioredis hang for seconds or for ever. */
const busyMs = 600;
const capacity = 40;
const limits = [tokenBucket({ capacity, refillPerSecond: 2 })];

let server: RedisServer;
const gateways = new Map<(typeof policies)[number], Gateways>();

beforeAll(async () => {
  server = await startRedis();
  await Promise.all(
    policies.map(async (onStoreError) => {
      const address = { url: server.url, prefix: onStoreError, onStoreError, instances, timeoutMs };
      gateways.set(onStoreError, await startGateways(address, instances));
    }),
  );
}, 60_000);

afterAll(async () => {
  await Promise.all([...gateways.values()].map((group) => group.stop()));
  await server.kill();
});

const faults: Record<string, { hurt: () => unknown; heal: () => unknown }> = {
  'paused (SIGSTOP)': {
    hurt: () => server.process.kill('SIGSTOP'),
    heal: () => server.process.kill('SIGCONT'),
  },
  'killed and restarted empty': { hurt: () => server.process.kill('SIGKILL'), heal: () => server.restart() },
};

describe.each(Object.keys(faults))('Redis %s', (fault) => {
  const seen = new Map<string, Outcome[]>();

  beforeAll(async () => {
    const runs = policies.map(async (policy) => {
      const ask = { limits, callers: [fault.slice(0, 6)], atOnce: 3, requests: 10_000, forMs: 3_000 };
      seen.set(policy, (await gateways.get(policy)?.run(ask)) ?? []);
    });
    await sleep(700);
    await faults[fault]?.hurt();
    await sleep(1_200);
    await faults[fault]?.heal();
    await Promise.all(runs);
  });

  test.each(policies)('%s: no request waits longer than the timeout', (policy) => {
    const slowest = Math.max(...(seen.get(policy) ?? []).map(({ durationMs }) => durationMs));
    expect(seen.get(policy)?.length).toBeGreaterThan(50);
    expect(slowest).toBeLessThan(timeoutMs + busyMs);
  });

  test('local: each instance goes on with its share, all together within the bound', () => {
    const outcomes = seen.get('local') ?? [];
    expect(outcomes.some(({ standIn }) => standIn === 'local')).toBe(true);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200, 429]));
    const perBucket = capacity + 2 * 3.5;
    const shares = admitted(outcomes).filter(({ standIn }) => standIn === 'local');
    expect(shares.length).toBeLessThanOrEqual(perBucket);
    expect(admitted(outcomes).length - shares.length).toBeLessThanOrEqual(perBucket + capacity); // it may be empty after
  });

  test('open: everything passes while Redis is away', () => {
    const away = (seen.get('open') ?? []).filter(({ standIn }) => standIn === 'open');
    expect(away.length).toBeGreaterThan(20);
    expect(away.every(({ status }) => status === 200)).toBe(true);
  });

  test('closed: nothing passes while Redis is away, with 503', () => {
    const outcomes = seen.get('closed') ?? [];
    expect(outcomes.filter(({ status }) => status === 503).length).toBeGreaterThan(20);
    expect(outcomes.filter(({ status }) => ![200, 429, 503].includes(status))).toEqual([]);
    expect(admitted(outcomes).length).toBeLessThanOrEqual(capacity + 2 * 3.5 + capacity); // it may be empty after
  });

  test.each(policies)('%s: Redis decides again without a restart', async (policy) => {
    const group = gateways.get(policy);
    const isBack = async (): Promise<boolean> => {
      const callers = [`back-${policy}-${fault.slice(0, 6)}`];
      const outcomes = (await group?.run({ limits, callers, atOnce: 1, requests: 5 })) ?? [];
      return outcomes.every(({ standIn, status }) => standIn === undefined && status !== 503);
    };
    for (let tries = 0; tries < 40 && !(await isBack()); tries += 1) await sleep(200);
    expect(await isBack()).toBe(true);
  });
});
