/** Sessions in a real Redis: attacks A39, A42 and A43 where instances share nothing else. */
import { redisRecords } from 'bffkit/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from './until.ts';
import { cookieName, startWorld, type World } from './world.ts';

let redis: RedisServer;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  world = await startWorld({ records: redisRecords({ url: redis.url, timeoutMs: 1_000 }) });
});
afterAll(async () => {
  await world.close();
  await world.records.close();
  await redis.kill();
});

/** Everything Redis holds, names and values. */
async function dump(): Promise<string> {
  const client = new Redis(redis.url);
  try {
    const names = await client.keys('*');
    const values = await Promise.all(
      names.map(async (name) =>
        (await client.type(name)) === 'string' ? client.get(name) : client.zrange(name, '0', '-1'),
      ),
    );
    return [...names, ...values.flat()].join('\n');
  } finally {
    client.disconnect();
  }
}

test('A39: thirty calls at once on two instances after the end of the token are one refresh', async () => {
  const browser = await world.signIn();
  world.clock.advance(61_000);
  const calls = Promise.all(Array.from({ length: 30 }, () => browser.call(`${world.origin}/api/me`)));
  let isDone = false;
  void calls.finally(() => {
    isDone = true;
  });
  await until(() => {
    world.clock.advance(1);
    return isDone;
  });
  expect((await calls).map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
  expect(world.provider.grants.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
});

test('A43: Redis holds no token, no secret and no session identifier, and everything ends', async () => {
  const browser = await world.signIn();
  const text = await dump();
  expect(text).toContain('bff:web:s:{');
  expect(text).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
  for (const secret of world.provider.secrets) expect(text).not.toContain(secret);
  expect(text).not.toContain(browser.cookie(world.origin, cookieName));
  expect(text).not.toContain('usr_0001');
  const client = new Redis(redis.url);
  for (const name of await client.keys('*'))
    expect([name, (await client.pttl(name)) > 0]).toEqual([name, true]);
  client.disconnect();
});

test('a value moved to another session opens nothing', async () => {
  const [mine, theirs] = [await world.signIn(), await world.signIn()];
  const client = new Redis(redis.url);
  const names = await client.keys('*bff:web:s:{*');
  const values = await Promise.all(names.map((name) => client.get(name)));
  for (const [index, name] of names.entries())
    await client.set(name, values.at(index - 1) ?? '', 'PX', 60_000);
  client.disconnect();
  expect([(await world.user(mine)).status, (await world.user(theirs)).status]).toEqual([401, 401]);
});

test('A42: without Redis every call with a session is 503 at once; with it people sign in again', async () => {
  const browser = await world.signIn();
  await redis.kill();
  const answers = await Promise.all(Array.from({ length: 10 }, () => world.user(browser)));
  expect(new Set(answers.map(({ status, body }) => `${status} ${String(body.code)}`))).toEqual(
    new Set(['503 dependency-unavailable']),
  );
  expect(answers[0]?.headers.get('retry-after')).not.toBeNull();
  expect(browser.cookie(world.origin, cookieName)).toBeDefined();
  await redis.restart();
  let isBack = false;
  while (!isBack) isBack = (await world.user(browser)).status === 401; // empty, so the session is gone
  await world.signIn(browser);
  expect((await world.user(browser)).status).toBe(200);
});
