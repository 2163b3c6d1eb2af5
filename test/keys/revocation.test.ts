/**
 * A key that is revoked on one instance is refused by all within a second, and within five when telling
 * them fails: with records in this process, where time stands still, and with a real Redis.
 */
import { memoryRecords, type RecordStore } from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import { manualClock } from 'bffkit/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type KeyBff, keyBff, order } from '../support/key-bffs.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { shortest } from '../support/within.ts';

describe('with records of one process', () => {
  function two(change: (records: RecordStore) => RecordStore = (records) => records) {
    const clock = manualClock();
    const records = memoryRecords({ clock });
    return { clock, one: keyBff(change(records), clock), other: keyBff(records, clock) };
  }

  test('the other instance refuses a revoked key at once', async () => {
    const { one, other } = two();
    const { key, id } = await one.keys.create(order, 'ada');
    expect([await one.call(key), await other.call(key)]).toEqual(['200', '200']);
    await one.keys.revoke(id, 'ada');
    expect([await one.call(key), await other.call(key)]).toEqual([
      '401 api-key-revoked',
      '401 api-key-revoked',
    ]);
  });

  test('it takes a new key at once, even one that it just did not know', async () => {
    const { one, other } = two();
    const { key, id } = await one.keys.create(order, 'ada');
    await one.keys.revoke(id, 'ada');
    const fresh = await other.keys.create(order, 'ada');
    expect([await one.call(fresh.key), await one.call(key)]).toEqual(['200', '401 api-key-revoked']);
  });

  test('when nothing can be told it refuses after five seconds, and not a moment later', async () => {
    const { clock, one, other } = two((records) => ({ ...records, publish: async () => {} }));
    const { key, id } = await one.keys.create(order, 'ada');
    expect(await other.call(key)).toBe('200');
    await one.keys.revoke(id, 'ada');
    expect(await one.call(key)).toBe('401 api-key-revoked');
    clock.advance(4_999);
    expect(await other.call(key)).toBe('200');
    clock.advance(1);
    expect(await other.call(key)).toBe('401 api-key-revoked');
  });

  test('a busy key is no exception: what is remembered does not live longer by being used', async () => {
    const { clock, one, other } = two((records) => ({ ...records, publish: async () => {} }));
    const { key, id } = await one.keys.create(order, 'ada');
    await other.call(key);
    await one.keys.revoke(id, 'ada');
    for (let time = 0; time < 50; time += 1) {
      clock.advance(100);
      await other.call(key);
    }
    expect(await other.call(key)).toBe('401 api-key-revoked');
  });

  test('the end of an overlap needs no telling', async () => {
    const { clock, one, other } = two();
    const { key, id } = await one.keys.create(order, 'ada');
    const fresh = await one.keys.rotate(id, { overlapMs: 2_000 }, 'ada');
    expect([await other.call(key), await other.call(fresh.key)]).toEqual(['200', '200']);
    clock.advance(2_000);
    expect([await other.call(key), await other.call(fresh.key)]).toEqual(['401 api-key-expired', '200']);
  });
});

describe('with Redis', () => {
  let redis: RedisServer;
  let operator: Redis;
  const open: KeyBff[] = [];
  const stores: RecordStore[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    operator = new Redis(redis.url);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ bff }) => bff.close()));
    for (const store of stores.splice(0)) await store.close();
  });
  afterAll(async () => {
    operator.disconnect();
    await redis.kill();
  });

  function instance(): KeyBff {
    const records = redisRecords({ url: redis.url, timeoutMs: 1_000 });
    const made = keyBff(records);
    stores.push(records);
    open.push(made);
    return made;
  }

  async function listeners(): Promise<number> {
    const [, count] = (await operator.pubsub('NUMSUB', 'bffkit:keys')) as [string, number];
    return Number(count);
  }

  /** Milliseconds until `other` refuses a key that `one` revokes. */
  async function revocationMs(
    one: KeyBff,
    other: KeyBff,
    before = async (): Promise<void> => {},
  ): Promise<number> {
    const { key, id } = await one.keys.create(order, 'ada');
    await expect.poll(() => other.call(key), { interval: 5 }).toBe('200');
    await before();
    const startMs = performance.now();
    await one.keys.revoke(id, 'ada');
    await expect.poll(() => other.call(key), { interval: 5, timeout: 10_000 }).toBe('401 api-key-revoked');
    return performance.now() - startMs;
  }

  test('the other instance refuses a revoked key within a second', async () => {
    const [one, other] = [instance(), instance()];
    await expect.poll(listeners).toBe(2);
    expect(await shortest(1_000, 3, () => revocationMs(one, other))).toBeLessThan(1_000);
  });

  test('within five seconds when listening breaks off at the wrong moment', async () => {
    const [one, other] = [instance(), instance()];
    await expect.poll(listeners).toBe(2);
    const cut = async (): Promise<void> => {
      await operator.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    };
    expect(await shortest(5_500, 2, () => revocationMs(one, other, cut))).toBeLessThan(5_500);
  });

  test('two rotations at the same moment on two instances make one new key', async () => {
    const [one, other] = [instance(), instance()];
    const { id } = await one.keys.create({ ...order, partner: 'rotating' }, 'ada');
    const outcomes = await Promise.allSettled([
      one.keys.rotate(id, {}, 'ada'),
      other.keys.rotate(id, {}, 'ben'),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const { keys } = await one.keys.list('rotating');
    expect(keys.map(({ state }) => state).toSorted()).toEqual(['active', 'replaced']);
  });

  test('Redis has no text of a key, and each key is in a place of its own', async () => {
    const one = instance();
    const { key, id } = await one.keys.create(order, 'ada');
    const fresh = await one.keys.rotate(id, {}, 'ada');
    expect([await one.call(key), await one.call(fresh.key)]).toEqual(['200', '200']);
    await expect.poll(() => operator.exists(`bffkit:key:{${id}}:used`)).toBe(1);
    const names = await operator.keys('*');
    const values = await Promise.all(
      names.map(async (name) =>
        (await operator.type(name)) === 'string' ? operator.get(name) : operator.zrange(name, '0', '-1'),
      ),
    );
    const dump = JSON.stringify([names, values]);
    for (const text of [key, fresh.key]) expect(dump).not.toContain(text.slice(23, 53));
    for (const text of [id, fresh.id]) expect(dump).toContain(text);
    const kinds = new Set(names.map((name) => name.replace(/\{.*\}/, '{}')));
    expect(kinds).toEqual(
      new Set([
        'bffkit:key:{}',
        'bffkit:key:{}:end',
        'bffkit:key:{}:used',
        'bffkit:keys:{}',
        'bffkit:keys-of:{}',
      ]),
    );
  });

  test('while Redis is away a key that was just used works, others are 503', async () => {
    const one = instance();
    await expect.poll(listeners).toBe(1); // when listening begins everything is forgotten, once
    const used = await one.keys.create(order, 'ada');
    const unused = await one.keys.create(order, 'ada');
    expect(await one.call(used.key)).toBe('200');
    await redis.kill();
    expect(await one.call(unused.key)).toBe('503 dependency-unavailable');
    expect(await one.call(used.key)).toBe('200');
    await redis.restart();
  });
});
