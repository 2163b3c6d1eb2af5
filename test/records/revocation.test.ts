/** How fast a revocation holds everywhere, and what of it is in Redis. */

import { type RecordStore, type Revocations, revocations, seenOnce } from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { shortest } from '../support/within.ts';
import { eventually } from './rig.ts';

const issuer = 'https://idp.example';
const expiresMs = Date.now() + 600_000;
const opened: (() => unknown)[] = [];
let turn = 0;

afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function open(address: Parameters<typeof redisRecords>[0]): Promise<[Revocations, RecordStore]> {
  const records = redisRecords(address);
  const list = revocations(records);
  opened.push(async () => {
    list.close();
    await records.close();
  });
  const began = new Promise<void>((resolve) => {
    opened.push(records.subscribe('revocations', () => {}, resolve));
  });
  await began;
  await eventually(() =>
    records.get('proof:{ready}').then(
      () => true,
      () => false,
    ),
  );
  return [list, records];
}

/** Milliseconds from the revocation at `one` until `other`, which just cleared the token, refuses it. */
async function spread(one: Revocations, other: Revocations): Promise<number> {
  turn += 1;
  const token = { issuer, jti: `token-${turn}` };
  expect(await other.isRevoked(token)).toBe(false);
  const startMs = performance.now();
  await one.revoke({ ...token, expiresMs });
  await eventually(() => other.isRevoked(token), 8_000);
  return performance.now() - startMs;
}

describe('one Redis', () => {
  let server: RedisServer;
  let admin: Redis;

  beforeEach(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
    opened.push(
      () => server.kill(),
      () => admin.disconnect(),
    );
  });

  test('a revocation holds on the other instance within a second', async () => {
    const [[one], [other]] = [await open({ url: server.url }), await open({ url: server.url })];
    expect(await shortest(1_000, 3, () => spread(one, other))).toBeLessThan(1_000);
  });

  test('where listening is cut and kept from coming back, it holds within five seconds', async () => {
    const [[one], [other]] = [await open({ url: server.url }), await open({ url: server.url })];
    await admin.call('ACL', 'SETUSER', 'default', '-subscribe');
    expect(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(2);
    await eventually(async () => (await admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub')) === '');
    const ms = await spread(one, other);
    expect(ms).toBeGreaterThan(4_000); // nothing was told
    expect(ms).toBeLessThan(5_000);
    await admin.call('ACL', 'SETUSER', 'default', '+subscribe');
    await eventually(async () => (await admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub')) !== '');
    await eventually(async () =>
      String(await admin.call('PUBSUB', 'NUMSUB', 'bffkit:revocations')).endsWith(',2'),
    );
    expect(await shortest(1_000, 3, () => spread(one, other))).toBeLessThan(1_000);
  });

  test('what was revoked while nobody listened holds as soon as listening begins again', async () => {
    const [[one], [other]] = [await open({ url: server.url }), await open({ url: server.url })];
    const token = { issuer, jti: 'meanwhile' };
    await admin.call('ACL', 'SETUSER', 'default', '-subscribe');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    expect(await other.isRevoked(token)).toBe(false);
    await one.revoke({ ...token, expiresMs });
    expect(await other.isRevoked(token)).toBe(false);
    await admin.call('ACL', 'SETUSER', 'default', '+subscribe');
    const startMs = performance.now();
    await eventually(() => other.isRevoked(token));
    expect(performance.now() - startMs).toBeLessThan(2_000); // not by the five seconds
  });

  test('nothing in Redis says whose token it was', async () => {
    const [list, records] = await open({ url: server.url });
    await list.revoke({ issuer, jti: 'a-very-own-jti', expiresMs });
    await seenOnce(records, 'proof')('a-very-own-proof', 60_000);
    const keys = await admin.keys('*');
    expect(keys.toSorted()).toEqual([
      expect.stringMatching(/^bffkit:deny:\{[\w-]{43}\}$/),
      expect.stringMatching(/^bffkit:proof:\{[\w-]{43}\}$/),
    ]);
    const values = await Promise.all(keys.map((key) => admin.get(key)));
    expect(values.toSorted()).toEqual(['1', String(expiresMs)]);
    for (const key of keys) expect(await admin.pttl(key)).toBeGreaterThan(50_000);
  });
});

test('in a cluster it holds within a second, wherever each instance listens, and after its node died', async () => {
  const cluster: RedisCluster = await startCluster();
  opened.push(() => cluster.stop());
  const admins = cluster.servers.map(({ url }) => new Redis(url, { retryStrategy: () => null }));
  for (const admin of admins) admin.on('error', () => {});
  opened.push(() => {
    for (const admin of admins) admin.disconnect();
  });
  const listening = async (): Promise<number[]> =>
    Promise.all(
      admins.map(async (admin) => {
        const answer = await admin.call('PUBSUB', 'NUMSUB', 'bffkit:revocations').catch(() => ',0');
        return Number(String(answer).split(',')[1]);
      }),
    );
  const [first, second, third, replica] = cluster.urls;
  const lists: Revocations[] = [];
  for (const nodes of [[first], [second], [third], [replica]]) {
    const [list] = await open({ nodes: nodes as [string] });
    lists.push(list);
  }
  const at = (index: number): Revocations => lists[index] as Revocations;
  const before = await listening();
  expect(before.reduce((sum, count) => sum + count)).toBe(4);
  expect(before.filter((count) => count > 0).length).toBeGreaterThan(1);
  for (const [one, other] of [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 0],
  ] as const) {
    expect(await shortest(1_000, 3, () => spread(at(one), at(other)))).toBeLessThan(1_000);
  }
  const dying = [1, 2].find((index) => (before[index] ?? 0) > 0) ?? 0; // no replica stands in for it
  await cluster.servers[dying]?.kill();
  await eventually(async () => (await listening()).reduce((sum, count) => sum + count) === 4, 10_000);
  for (const [one, other] of [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 0],
  ] as const) {
    // A third of the keys cannot be written now: take one that can.
    const tries = async (): Promise<number> => {
      for (;;) {
        const ms = await spread(at(one), at(other)).catch(() => undefined);
        if (ms !== undefined) return ms;
      }
    };
    expect(await shortest(1_000, 5, tries)).toBeLessThan(1_000);
  }
});
