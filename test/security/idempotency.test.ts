/**
 * Attacks on writes that are done once for one key (A75, A76): two instances of a partner API that share one real
 * Redis, and a service that counts what it is asked.
 */
import { bind, endpoint, post, scopes, tokenBucket, upstream } from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import { asCaller } from 'bffkit/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ok } from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type ServedBff, served } from '../support/served.ts';
import { refusal } from './standing.ts';

const Order = z.object({ id: z.string() });
const orders = upstream('orders', {
  operations: {
    create: post('/orders', { body: Order, response: Order, forwardRequestHeaders: ['idempotency-key'] }),
  },
});
const create = endpoint('POST', '/orders', {
  summary: 'Places an order.',
  access: scopes('orders:write'),
  body: Order,
  deadlineMs: 5_000,
  status: 201,
  idempotency: 'required',
})
  .plan(({ call }) => ({ order: call(orders.create, ({ input }) => ({ body: input.body })) }))
  .respond(Order, ({ order }) => order);

const key = 'the-partners-own-key-4711';
const body = '{"id":"a secret of the order"}';
const caller = asCaller({ subject: 'acme', kind: 'partner', scopes: ['orders:write'] });

let redis: RedisServer;
let operator: Redis;
let service: FaultyUpstream;
let instances: readonly ServedBff[];
const open: (() => unknown)[] = [];

beforeAll(async () => {
  redis = await startRedis();
  operator = new Redis(redis.url);
  operator.on('error', () => {});
  service = await faultyUpstream(ok({ id: 'o1' }));
});
beforeEach(async () => {
  await operator.flushall();
  service.mode = ok({ id: 'o1' });
  instances = await Promise.all([instance(), instance()]);
});
afterEach(async () => {
  redis.process.kill('SIGCONT');
  for (const close of open.splice(0)) await close();
});
afterAll(async () => {
  operator.disconnect();
  await service.close();
  await redis.kill();
});

async function instance(): Promise<ServedBff> {
  const records = redisRecords({ url: redis.url });
  await vi.waitFor(() => records.get('proof:{ready}'), { timeout: 10_000 });
  const bff = await served({
    limits: tokenBucket({ capacity: 100_000 }),
    idempotency: { records, sealKeys: [Buffer.alloc(32, 1).toString('base64')] },
    upstreams: [bind(orders, { targets: service.url, retry: { attempts: 0 } })],
    endpoints: [create],
  });
  open.push(
    () => bff.close(),
    () => records.close(),
  );
  return bff;
}

function ask(headers: Record<string, string>, sent = body, at = 0): Promise<Response> {
  const all = { ...caller, 'content-type': 'application/json', ...headers };
  return fetch(`${instances[at]?.url}/orders`, { method: 'POST', headers: all, body: sent });
}

function refused(headers: Record<string, string>, sent = body, at = 0) {
  const log = instances.flatMap(({ log }) => log);
  return refusal(() => ask(headers, sent, at), { log, service, secrets: [key, 'a secret of the order'] });
}

describe('A75: a write without a key, or with one that is none, is 400 and does nothing', () => {
  test.each([
    ['no key', {}, 'idempotency-key-missing'],
    ['an empty key', { 'idempotency-key': '' }, 'idempotency-key-malformed'],
    ['a short key', { 'idempotency-key': 'a'.repeat(15) }, 'idempotency-key-malformed'],
    ['a long key', { 'idempotency-key': 'a'.repeat(256) }, 'idempotency-key-malformed'],
    ['a key with a space', { 'idempotency-key': '"aaaaaaaa bbbbbbbb"' }, 'idempotency-key-malformed'],
    ['a key with a quote open', { 'idempotency-key': `"${key}` }, 'idempotency-key-malformed'],
    ['a key with letters of Latin-1', { 'idempotency-key': 'é'.repeat(20) }, 'idempotency-key-malformed'],
    ['two keys in one line', { 'idempotency-key': `${key}, ${key}` }, 'idempotency-key-malformed'],
  ])('A75: %s', async (_what, headers, code) => {
    expect(await refused(headers)).toMatchObject({ status: 400, code });
    expect(await operator.keys('*write*')).toEqual([]);
  });
});

describe('A76: a key that was used', () => {
  const keyed = { 'idempotency-key': key };

  test('A76: repeats the answer on both instances, and does nothing again', async () => {
    const before = service.requests.length;
    const first = await ask(keyed);
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
    const text = await first.text();
    for (const at of [0, 1]) {
      const again = await ask(keyed, body, at);
      expect([again.status, await again.text(), again.headers.get('idempotency-replayed')]).toEqual([
        201,
        text,
        'true',
      ]);
    }
    expect(service.requests.length - before).toBe(1);
  });

  test('A76: with another body is 422', async () => {
    await ask(keyed);
    const other = await refused(keyed, '{"id":"another"}', 1);
    expect(other).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  test('A76: while the first request runs is 409 with Retry-After', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    service.mode = (socket, request) => void promise.then(() => ok({ id: 'o1' })(socket, request));
    const arrived = service.nextRequest();
    const first = ask(keyed);
    await arrived;
    const again = await refused(keyed, body, 1);
    expect(again).toMatchObject({ status: 409, code: 'idempotency-in-progress' });
    expect(again.headers.get('retry-after')).toBe('1');
    resolve();
    expect((await first).status).toBe(201);
  });

  test('A76: whose client left in the middle of the work gets the answer of that work', async () => {
    const before = service.requests.length;
    const { promise, resolve } = Promise.withResolvers<void>();
    service.mode = (socket, request) => void promise.then(() => ok({ id: 'o1' })(socket, request));
    const arrived = service.nextRequest();
    const leaving = new AbortController();
    const all = { ...caller, ...keyed, 'content-type': 'application/json' };
    const left = fetch(`${instances[0]?.url}/orders`, {
      method: 'POST',
      headers: all,
      body,
      signal: leaving.signal,
    });
    const { closed } = await arrived;
    leaving.abort();
    await expect(left).rejects.toThrow();
    const isFirst = await Promise.race([
      closed.then(() => 'cut'),
      ask(keyed, body, 1).then(({ status }) => status),
    ]);
    expect(isFirst).toBe(409);
    resolve();
    const again = await vi.waitFor(async () => {
      const answer = await ask(keyed, body, 1);
      expect(answer.status).toBe(201);
      return answer;
    });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(service.requests.length - before).toBe(1);
    expect(instances[0]?.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('A76: by another partner is that partner’s own, and shows nothing of the first', async () => {
    await ask(keyed);
    service.mode = ok({ id: 'o2' });
    const other = asCaller({ subject: 'zeta', kind: 'partner', scopes: ['orders:write'] });
    const answer = await ask({ ...keyed, ...other });
    expect([answer.headers.get('idempotency-replayed'), await answer.json()]).toEqual([null, { id: 'o2' }]);
    const [mine, theirs] = service.requests.slice(-2).map(({ headers }) => headers['idempotency-key']);
    expect(mine).not.toBe(theirs);
  });

  test('A76: while Redis is away is 503, and nothing is done', async () => {
    await ask(keyed);
    redis.process.kill('SIGSTOP');
    expect(await refused(keyed)).toMatchObject({ status: 503, code: 'dependency-unavailable' });
  });
});
