/**
 * Attacks on partner keys and limits (A65 to A74, A80): two instances of a partner API that share one real
 * Redis, which a test may stop and kill.
 */

import { crc32 } from 'node:zlib';
import {
  type ApiKeys,
  apiKeys,
  bind,
  endpoint,
  get,
  type Limit,
  memoryRecords,
  monthlyQuota,
  post,
  scopes,
  tokenBucket,
  upstream,
} from 'bffkit';
import { redisRecords, redisStore } from 'bffkit/redis';
import { manualClock } from 'bffkit/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ok } from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { keyBff, order, pepper } from '../support/key-bffs.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type ServedBff, served } from '../support/served.ts';
import { shortest } from '../support/within.ts';
import { type Refused, refusal } from './standing.ts';

const Order = z.object({ id: z.string() });
const orders = upstream('orders', {
  operations: {
    get: get('/orders', { response: Order }),
    create: post('/orders', { body: Order, response: Order }),
  },
});
const options = { summary: 'Orders.', deadlineMs: 5_000 } as const;
const endpoints = [
  endpoint('GET', '/orders', { ...options, access: scopes('orders:read') })
    .plan(({ call }) => ({ order: call(orders.get, () => ({})) }))
    .respond(Order, ({ order }) => order),
  endpoint('POST', '/orders', { ...options, access: scopes('orders:write'), body: Order })
    .plan(({ call }) => ({ order: call(orders.create, ({ input }) => ({ body: input.body })) }))
    .respond(Order, ({ order }) => order),
];
const terms = { partner: 'acme', scopes: ['orders:read', 'orders:write'] };

interface Instance {
  readonly bff: ServedBff;
  readonly keys: ApiKeys['keys'];
  ask(key: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

let redis: RedisServer;
let operator: Redis;
let service: FaultyUpstream;
const open: Instance[] = [];

beforeAll(async () => {
  redis = await startRedis();
  operator = new Redis(redis.url);
  operator.on('error', () => {});
  service = await faultyUpstream(ok({ id: 'o1' }));
});
beforeEach(() => operator.flushall());
afterEach(async () => {
  redis.process.kill('SIGCONT');
  await Promise.all(open.splice(0).map((instance) => instance.close()));
});
afterAll(async () => {
  operator.disconnect();
  await service.close();
  await redis.kill();
});

async function instance(limits: Limit | readonly Limit[], path = '/orders'): Promise<Instance> {
  const records = redisRecords({ url: redis.url });
  const ways = apiKeys({ records, pepper, environment: 'live' });
  const bff = await served({
    identity: [ways],
    limits,
    limitStore: redisStore({ url: redis.url, instances: 2 }),
    upstreams: [bind(orders, { targets: service.url, retry: { attempts: 0 } })],
    endpoints,
    pressure: { level: () => 0 }, // a busy machine is no attack
  });
  const made: Instance = {
    bff,
    keys: ways.keys,
    ask: (key, init = {}) =>
      fetch(bff.url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } }),
    async close() {
      await bff.close();
      await records.close();
    },
  };
  open.push(made);
  await vi.waitFor(() => ways.keys.list('nobody'), { timeout: 10_000 });
  await vi.waitFor(isListening, { timeout: 10_000 });
  return made;
}

/** Until an instance listens to the others it forgets what it has learned when it begins to. */
async function isListening(): Promise<void> {
  const clients = String(await operator.client('LIST'));
  expect(clients.match(/ sub=[1-9]/g)?.length ?? 0).toBeGreaterThanOrEqual(open.length);
}

const principal = (partner: string) =>
  ({
    kind: 'partner',
    subject: partner,
    clientId: 'x',
    scopes: new Set<string>(),
    tenant: undefined,
  }) as const;

const posting: RequestInit = {
  method: 'POST',
  body: '{"id":"o1"}',
  headers: { 'content-type': 'application/json' },
};

function refused({ bff, ask }: Instance, key: string, init?: RequestInit): Promise<Refused> {
  return refusal(() => ask(key, init), { log: bff.log, service, secrets: [key.slice(23, 53)] });
}

/** The questions Redis was asked so far, without those about itself. */
async function questions(): Promise<number> {
  const text = await operator.info('commandstats');
  const calls = [...text.matchAll(/cmdstat_([\w|-]+):calls=(\d+)/g)];
  return calls
    .filter(([, name = '']) => !/^(info|ping|hello|client|config|command|subscribe|pubsub|select)/.test(name))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

const roomy = tokenBucket({ capacity: 100_000 });

describe('keys', () => {
  test('A65: a thousand malformed keys are 401, and nobody asks Redis anything', async () => {
    const one = await instance(roomy);
    const { key } = await one.keys.create(terms, 'ada');
    await one.ask(key);
    const before = await questions();
    const wrong = Array.from({ length: 1_000 }, (_, time) => {
      const at = 10 + (time % (key.length - 10));
      return `${key.slice(0, at)}${key[at] === 'a' ? 'b' : 'a'}${key.slice(at + 1)}`;
    });
    for (const each of wrong.slice(0, 20)) {
      expect(await refused(one, each)).toMatchObject({ status: 401, code: 'invalid-api-key' });
    }
    const statuses = new Set<number>();
    for (const each of wrong.slice(20)) statuses.add((await one.ask(each)).status);
    expect([...statuses]).toEqual([401]);
    expect(await questions()).toBe(before);
    expect((await one.ask(key)).status).toBe(200);
  });

  test('guessing well-formed keys is bounded per address, and the partner pays nothing for it', async () => {
    const one = await instance(
      tokenBucket({ name: 'burst', capacity: 50, refillPerSecond: 0.001, by: 'partner' }),
    );
    const { key, id } = await one.keys.create({ ...terms, partner: 'guessed' }, 'ada');
    const statuses: number[] = [];
    for (let guess = 0; guess < 130; guess += 1) {
      statuses.push((await one.ask(keyOf(id, guess))).status);
    }
    expect(statuses.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 401));
    expect(statuses.at(-1)).toBe(429);
    expect((await one.bff.bff.usage(principal('guessed'))).map(({ used }) => used)).toEqual([0]);
    expect((await one.ask(key)).status).toBe(429); // of the same address, for a while
  });

  test.each(['api_key', 'API-KEY', 'access_token', 'x'])(
    'A66: a key in ?%s= is 400, whoever asks',
    async (name) => {
      const one = await instance(roomy);
      const { key } = await one.keys.create(terms, 'ada');
      const inUrl = await instance(roomy, `/orders?${name}=${key}`);
      for (const beside of [undefined, key]) {
        const answer = await refusal(
          () => (beside === undefined ? fetch(`${inUrl.bff.url}/orders?${name}=${key}`) : inUrl.ask(beside)),
          { log: inUrl.bff.log, service, secrets: [key.slice(23, 53)] },
        );
        expect([answer.status, answer.code]).toEqual([400, 'credential-in-url']);
      }
    },
  );

  test('A67: a key revoked on one instance is refused by the other within a second', async () => {
    const [one, other] = [await instance(roomy), await instance(roomy)];
    const ms = await shortest(1_000, 3, async () => {
      const { key, id } = await one.keys.create(terms, 'ada');
      expect((await other.ask(key)).status).toBe(200);
      const startMs = performance.now();
      await one.keys.revoke(id, 'ada');
      await expect.poll(async () => (await other.ask(key)).status, { interval: 5, timeout: 6_000 }).toBe(401);
      const tookMs = performance.now() - startMs;
      expect((await refused(other, key)).code).toBe('api-key-revoked');
      return tookMs;
    });
    expect(ms).toBeLessThan(1_000);
  });

  test('A68: both keys work for an overlap of two seconds, then the old one has expired', async () => {
    const clock = manualClock();
    const { keys, call } = keyBff(memoryRecords({ clock }), clock);
    const old = await keys.create({ ...order, plan: 'pro' }, 'ada');
    const fresh = await keys.rotate(old.id, { overlapMs: 2_000 }, 'ada');
    expect([await call(old.key), await call(fresh.key)]).toEqual(['200', '200']);
    clock.advance(2_000);
    expect([await call(old.key), await call(fresh.key)]).toEqual(['401 api-key-expired', '200']);
    expect(fresh).toMatchObject({ plan: 'pro', scopes: order.scopes, partner: order.partner });
  });

  test('two keys of one partner share what it may use, during a rotation too', async () => {
    const clock = manualClock();
    const limits = tokenBucket({ capacity: 2, refillPerSecond: 0.001, by: 'partner' });
    const { keys, call } = keyBff(memoryRecords({ clock }), clock, { limits });
    const old = await keys.create(order, 'ada');
    const fresh = await keys.rotate(old.id, {}, 'ada');
    const third = await keys.create(order, 'ada');
    expect([await call(old.key), await call(fresh.key)]).toEqual(['200', '200']);
    expect(await call(third.key)).toBe('429 rate-limited');
  });

  test.each([
    ['GET', ['orders:write']],
    ['POST', ['orders:read']],
    ['GET', ['orders:reader']],
    ['GET', ['order:read']],
    ['POST', ['orders:writ', 'orders:write-all']],
  ])('A69: %s with %j is 403', async (method, mine) => {
    const one = await instance(roomy);
    const { key } = await one.keys.create({ ...terms, scopes: mine }, 'ada');
    const answer = await refused(one, key, method === 'POST' ? posting : {});
    expect([answer.status, answer.code]).toEqual([403, 'insufficient-scope']);
  });
});

/** A well-formed key with the id of another, and a secret made of a number. */
function keyOf(id: string, guess: number): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const body = `bffk_live_${id}_${String(guess).padStart(30, '0')}`;
  let [left, sum] = [crc32(body), ''];
  for (; left > 0; left = Math.floor(left / 62)) sum = `${digits.charAt(left % 62)}${sum}`;
  return body + sum.padStart(6, '0');
}

describe('limits', () => {
  const burst = tokenBucket({ name: 'burst', capacity: 3, refillPerSecond: 0.5, by: 'partner' });
  const month = monthlyQuota({ name: 'month', max: 5, by: 'partner' });
  const used = async ({ bff }: Instance, partner: string): Promise<unknown> =>
    Object.fromEntries(
      (await bff.bff.usage(principal(partner))).map(({ limit, used: many }) => [limit, many]),
    );

  test('A70: 50 of 50 pass, then 50 of 60, and five seconds later 50 of 60', async () => {
    const clock = manualClock();
    const limits = tokenBucket({ capacity: 100, refillPerSecond: 10, by: 'partner' });
    const { keys, call, bff } = keyBff(memoryRecords({ clock }), clock, { limits });
    const { key } = await keys.create(order, 'ada');
    const many = async (count: number): Promise<unknown> => {
      const answers = await Promise.all(Array.from({ length: count }, () => call(key)));
      return answers.filter((answer) => answer === '200').length;
    };
    expect([await many(50), await many(60)]).toEqual([50, 50]);
    bff.clock.advance(5_000);
    expect(await many(60)).toBe(50);
    bff.clock.advance(60_000);
    expect(await many(110)).toBe(100);
  });

  test('A72: a 429 says which limit, what it allows and when to come back, and comes back right', async () => {
    const one = await instance([burst, month]);
    const { key } = await one.keys.create({ ...terms, partner: 'told' }, 'ada');
    for (let time = 0; time < 3; time += 1) expect((await one.ask(key)).status).toBe(200);
    const { status, headers, body } = await refused(one, key);
    expect([status, body.type, body['violated-policies']]).toEqual([
      429,
      'https://iana.org/assignments/http-problem-types#quota-exceeded',
      ['burst'],
    ]);
    const retryAfter = Number(headers.get('retry-after'));
    const t = Number(/"burst";r=0;t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeGreaterThanOrEqual(t);
    expect(headers.get('ratelimit-policy')).toMatch(/^"burst";q=3;w=6, "month";q=5;w=\d+$/);
    expect(headers.get('x-ratelimit-limit')).toBe('3');
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    const reset = Number(headers.get('x-ratelimit-reset'));
    expect(Math.abs(reset - Date.now() / 1_000)).toBeLessThan(10);
  });

  test('A73: what the burst refuses does not count for the month, on no instance', async () => {
    const [one, other] = [await instance([burst, month]), await instance([burst, month])];
    const { key } = await one.keys.create({ ...terms, partner: 'hasty' }, 'ada');
    const statuses: number[] = [];
    for (let time = 0; time < 12; time += 1) statuses.push((await (time % 2 ? one : other).ask(key)).status);
    const passed = statuses.filter((status) => status === 200).length;
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(8);
    expect(await used(one, 'hasty')).toMatchObject({ month: passed });
  });

  test('A74: what the month refuses does not count for the burst, and says so', async () => {
    const quick = tokenBucket({ name: 'burst', capacity: 5, refillPerSecond: 20, by: 'partner' });
    const one = await instance([quick, month]);
    const { key } = await one.keys.create({ ...terms, partner: 'eager' }, 'ada');
    for (let time = 0; time < 5; time += 1) expect((await one.ask(key)).status).toBe(200);
    let left = 0;
    const refusedByMonth = async (): Promise<boolean> => {
      const { status, headers, body } = await refused(one, key);
      expect(status).toBe(429);
      const now = Number(/"burst";r=(\d+);/.exec(headers.get('ratelimit') ?? '')?.[1]);
      expect(now).toBeGreaterThanOrEqual(left); // it only ever gets more
      left = now;
      return JSON.stringify(body['violated-policies']) === '["month"]';
    };
    await expect.poll(refusedByMonth, { timeout: 5_000 }).toBe(true);
    for (let time = 0; time < 30; time += 1) expect(await refusedByMonth()).toBe(true);
    await expect.poll(() => refusedByMonth().then(() => left)).toBe(5);
    expect(await used(one, 'eager')).toMatchObject({ month: 5 });
  });

  test('a caller cannot choose whose limit is used', async () => {
    const one = await instance(burst);
    const { key } = await one.keys.create({ ...terms, partner: 'mine' }, 'ada');
    const statuses: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      const headers = {
        'x-forwarded-for': `10.0.0.${time}`,
        'x-real-ip': '10.1.1.1',
        'user-agent': `agent ${time}`,
      };
      statuses.push((await one.ask(key, { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });
});

describe('A80: while Redis is stopped in mid-traffic', () => {
  const share = 10;
  const limits = tokenBucket({ name: 'burst', capacity: 2 * share, refillPerSecond: 0.01, by: 'partner' });
  const withinMs = 150;

  /** Stops Redis and asks; the slowest answer, in milliseconds. */
  async function slowest(ask: () => Promise<unknown>, times: number): Promise<number> {
    let worstMs = 0;
    redis.process.kill('SIGSTOP');
    for (let time = 0; time < times; time += 1) {
      const startMs = performance.now();
      await ask();
      worstMs = Math.max(worstMs, performance.now() - startMs);
    }
    redis.process.kill('SIGCONT');
    return worstMs;
  }

  test('a key that was just used is answered at once, within the share of this instance', async () => {
    let round = 0;
    const ms = await shortest(withinMs, 4, async () => {
      const one = await instance(limits);
      round += 1;
      const { key } = await one.keys.create({ ...terms, partner: `steady${round}` }, 'ada');
      for (let time = 0; time < 2; time += 1) expect((await one.ask(key)).status).toBe(200); // known by now
      const statuses: number[] = [];
      const worstMs = await slowest(async () => statuses.push((await one.ask(key)).status), share + 5);
      expect(statuses).toEqual([...Array.from({ length: share }, () => 200), 429, 429, 429, 429, 429]);
      expect(one.bff.log).toContainEqual(expect.objectContaining({ msg: 'limit store', state: 'down' }));
      return worstMs;
    });
    expect(ms).toBeLessThan(withinMs);
  });

  test.each<[string, RequestInit]>([
    ['a read', {}],
    ['a write', posting],
  ])(
    '%s with a key that cannot be looked up is 503 at once, never 401, and reaches no service',
    async (_what, init) => {
      const ms = await shortest(withinMs, 4, async () => {
        const one = await instance(limits);
        const { key } = await one.keys.create({ ...terms, partner: 'unread' }, 'ada');
        const worstMs = await slowest(async () => {
          const answer = await refused(one, key, init);
          expect([answer.status, answer.code]).toEqual([503, 'dependency-unavailable']);
          expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
        }, 5);
        await expect.poll(async () => (await one.ask(key, init)).status, { timeout: 5_000 }).toBe(200);
        return worstMs;
      });
      expect(ms).toBeLessThan(withinMs);
    },
  );

  test('a key revoked before is not forgotten: it stays refused where that is known', async () => {
    const one = await instance(limits);
    const { key, id } = await one.keys.create({ ...terms, partner: 'gone' }, 'ada');
    await one.keys.revoke(id, 'ada');
    expect((await refused(one, key)).code).toBe('api-key-revoked');
    await slowest(async () => expect((await refused(one, key)).code).toBe('api-key-revoked'), 3);
  });
});
