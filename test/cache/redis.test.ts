/** Kept answers shared by two instances through a real Redis, with Redis paused, killed and back. */
import { anyone, bind, defineBff, endpoint, get, memoryStore, signedIn, tokenBucket, upstream } from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import { asCaller, fakeUpstreams, manualClock, testCallers } from 'bffkit/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../records/rig.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: { get: get('/parts/:id', { response: Part }), mine: get('/mine', { response: Part }) },
});
const options = { summary: 'Part.', deadlineMs: 2_000 } as const;
const part = endpoint('GET', '/parts/:id', { ...options, access: anyone() })
  .plan(({ call }) => ({
    part: call(shop.get, ({ input }) => ({ params: { id: input.params.id } }), {
      cache: { scope: 'public', ttlMs: 10_000, swrMs: 60_000, tags: ['parts'] },
    }),
  }))
  .respond(Part, ({ part }) => part);
const mine = endpoint('GET', '/mine', { ...options, access: signedIn() })
  .plan(({ call }) => ({
    mine: call(shop.mine, () => ({}), { cache: { scope: 'principal', ttlMs: 10_000 } }),
  }))
  .respond(Part, ({ mine }) => mine);
const whole = endpoint('GET', '/whole', {
  ...options,
  access: anyone(),
  cache: { scope: 'public', ttlMs: 10_000, tags: ['parts'] },
})
  .plan(({ call }) => ({ part: call(shop.get, () => ({ params: { id: 'whole' } })) }))
  .respond(Part, ({ part }) => part);

const sealKey = (byte: number): string => Buffer.alloc(32, byte).toString('base64');

/** What the service behind both instances was asked, and what it says. */
interface Shop {
  asked: number;
  gate: Promise<void>;
}

function instance(url: string, service: Shop, keys = [sealKey(1)]) {
  const clock = manualClock(Date.now());
  const records = redisRecords({ url });
  const fakes = fakeUpstreams({
    shop: async () => {
      service.asked += 1;
      const id = `answer ${service.asked}`;
      await service.gate;
      return { body: { id } };
    },
  });
  const bff = defineBff({
    name: 'shared',
    owner: '@acme/test',
    identity: [testCallers()],
    limits: tokenBucket({ capacity: 100_000 }),
    limitStore: memoryStore({ clock }),
    clock,
    transport: fakes.transport,
    upstreams: [bind(shop, { targets: 'http://shop.test' })],
    endpoints: [part, mine, whole],
    cache: { records, sealKeys: keys },
  });
  const idAt = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
    const answer = await bff.fetch(new Request(`http://localhost${path}`, { headers }));
    return ((await answer.json()) as { id: string }).id;
  };
  const close = async (): Promise<void> => {
    await bff.close();
    await records.close();
  };
  return { bff, clock, records, idAt, close };
}

let server: RedisServer;
let admin: Redis;
let turn = 0;
const closing: (() => Promise<void>)[] = [];
const path = (): string => `/parts/p${turn}`;

function pair(...keys: string[]) {
  const service: Shop = { asked: 0, gate: Promise.resolve() };
  const one = instance(server.url, service, keys.slice(0, 1).length === 0 ? undefined : keys.slice(0, 1));
  const two = instance(server.url, service, keys.length < 2 ? undefined : keys.slice(1));
  closing.push(one.close, two.close);
  return { service, one, two };
}

/** Both are connected, and listen. */
async function ready(...instances: readonly ReturnType<typeof instance>[]): Promise<void> {
  for (const { records } of instances)
    await eventually(() => records.set('ready:{1}', '1').catch(() => false));
  await eventually(async () => {
    const [, count] = (await admin.call('PUBSUB', 'NUMSUB', 'bffkit:cache:shared:purges')) as [
      string,
      number,
    ];
    return count >= instances.length;
  });
  for (const { clock } of instances) clock.advance(1); // what is asked for at the moment of a gap is not kept
}

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
  admin.on('error', () => {});
});
beforeEach(async () => {
  turn += 1;
  for (const close of closing.splice(0)) await close();
  await admin.flushall();
});
afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  admin.disconnect();
  await server.kill();
});

test('what one instance asked for the other one has', async () => {
  const { service, one, two } = pair();
  await ready(one, two);
  expect(await one.idAt(path())).toBe('answer 1');
  await eventually(async () => (await admin.keys('bffkit:cache:*')).length === 1);
  expect(await two.idAt(path())).toBe('answer 1');
  expect(service.asked).toBe(1);
});

test('a stale answer is renewed once, whichever instances find it', async () => {
  const { service, one, two } = pair();
  await ready(one, two);
  await one.idAt(path());
  await eventually(async () => (await admin.keys('bffkit:cache:*')).length === 1);
  await two.idAt(path());
  const gate = Promise.withResolvers<void>();
  service.gate = gate.promise;
  for (const { clock } of [one, two]) clock.advance(15_000);
  const asked = await Promise.all([one, two, one, two].map(({ idAt }) => idAt(path())));
  expect(new Set(asked)).toEqual(new Set(['answer 1']));
  await eventually(() => service.asked === 2);
  expect(await Promise.all([one, two].map(({ idAt }) => idAt(path())))).toEqual(['answer 1', 'answer 1']);
  gate.resolve();
  await eventually(
    async () => (await one.idAt(path())) === 'answer 2' || (await two.idAt(path())) === 'answer 2',
  );
  for (const { clock } of [one, two]) clock.advance(1_001); // the other one looks again
  await eventually(
    async () => (await one.idAt(path())) === 'answer 2' && (await two.idAt(path())) === 'answer 2',
  );
  expect(service.asked).toBe(2);
});

test('a purge on one instance is seen on the other within a second', async () => {
  const { service, one, two } = pair();
  await ready(one, two);
  for (const { idAt } of [one, two]) {
    await idAt(path());
    await idAt('/whole');
  }
  const before = service.asked;
  const startedMs = performance.now();
  await one.bff.purge('parts');
  for (const { clock } of [one, two]) clock.advance(1);
  await eventually(async () => (await two.idAt(path())) !== 'answer 1', 1_000);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  await eventually(async () => (await two.idAt('/whole')) !== 'answer 2');
  expect(service.asked).toBeGreaterThan(before);
});

test('what belongs to one caller is unreadable in Redis, what is public is text', async () => {
  const { service, one, two } = pair(sealKey(1), sealKey(2));
  await ready(one, two);
  await one.idAt('/mine', asCaller('ada'));
  await one.idAt(path());
  await eventually(async () => (await admin.keys('bffkit:cache:*')).length === 2);
  const texts = await Promise.all(
    (await admin.keys('*')).map(async (key) => `${key} ${await admin.get(key)}`),
  );
  expect(texts.filter((text) => text.includes('answer 1'))).toEqual([]);
  expect(texts.filter((text) => text.includes('answer 2')).length).toBe(1);
  expect(texts.join()).not.toContain('ada');
  expect(await two.idAt('/mine', asCaller('ada'))).toBe('answer 3'); // it has another key
  expect(service.asked).toBe(3);
});

test('an entry in the place of another one does not open', async () => {
  const { one, two } = pair();
  await ready(one, two);
  await one.idAt('/mine', asCaller('ada'));
  await one.idAt('/mine', asCaller('grace'));
  await eventually(async () => (await admin.keys('bffkit:cache:*')).length === 2);
  const [first = '', second = ''] = await admin.keys('bffkit:cache:*');
  const text = (await admin.get(first)) ?? '';
  await admin.set(second, text);
  await admin.set('bffkit:cache:{none}', 'x');
  const seen = [await two.idAt('/mine', asCaller('ada')), await two.idAt('/mine', asCaller('grace'))];
  expect(seen).toContain('answer 3'); // the one whose record was replaced was asked for again
  expect(new Set(seen).size).toBe(2);
});

test('without keys boot refuses to share what belongs to one caller', async () => {
  const records = redisRecords({ url: server.url });
  const declare = () =>
    defineBff({
      name: 'shared',
      owner: '@acme/test',
      identity: [testCallers()],
      upstreams: [bind(shop, { targets: 'http://shop.test' })],
      endpoints: [mine],
      cache: { records },
    });
  expect(declare).toThrow(
    "cache of scope 'principal' is shared sealed only; add cache.sealKeys to defineBff",
  );
  await records.close();
});

test('Redis killed in the middle: everything is answered as without it, and shared again when it is back', async () => {
  const { service, one, two } = pair();
  await ready(one, two);
  await one.idAt(path());
  const whole = await one.idAt('/whole');
  server.process.kill('SIGKILL');
  expect([await one.idAt(path()), await one.idAt('/whole')]).toEqual(['answer 1', whole]); // from memory
  expect(await two.idAt(path())).toBe('answer 3'); // nobody to ask but the service
  const other = `${path()}-other`;
  const asked = await Promise.all(Array.from({ length: 50 }, () => one.idAt(other)));
  expect(new Set(asked)).toEqual(new Set(['answer 4']));
  one.clock.advance(15_000);
  expect(await one.idAt(path())).toBe('answer 1'); // stale
  await eventually(async () => (await one.idAt(path())) === 'answer 5');
  await expect(one.bff.purge('parts')).rejects.toMatchObject({ code: 'dependency-unavailable' });
  one.clock.advance(1);
  expect(await one.idAt(path())).toBe('answer 6');

  await server.restart();
  await ready(one, two);
  const last = `${path()}-last`;
  await eventually(async () => {
    one.clock.advance(1);
    await one.idAt(last);
    return (await admin.keys('bffkit:cache:*')).length > 0;
  });
  const before = service.asked;
  await two.idAt(last);
  expect(service.asked).toBe(before);
});
