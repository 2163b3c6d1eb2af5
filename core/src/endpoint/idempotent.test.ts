import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ProblemFact } from '../context/events.ts';
import { scopes } from '../identity/access.ts';
import { monthlyQuota, tokenBucket } from '../limit/declare.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { asCaller } from '../testing/callers.ts';
import type { FakeUpstream } from '../testing/fake-upstreams.ts';
import { testBff } from '../testing/test-bff.ts';
import { post, upstream } from '../upstream/operation.ts';
import { type EndpointOptions, endpoint } from './endpoint.ts';

const Order = z.object({ id: z.string() });
const Wanted = z.object({ sku: z.string(), quantity: z.number().default(1) });
const orders = upstream('orders', {
  operations: {
    create: post('/orders', {
      body: z.object({ sku: z.string(), quantity: z.number() }),
      response: Order,
      passes: [404, 409, 422],
      forwardRequestHeaders: ['idempotency-key'],
      forwardResponseHeaders: ['x-stock', 'location'],
    }),
  },
});
const common = { summary: 'Orders.', access: scopes('orders:write'), deadlineMs: 5_000 } as const;
const create = (idempotency: 'required' | 'optional' = 'required', path = '/orders') =>
  endpoint('POST', path, { ...common, body: Wanted, status: 201, idempotency })
    .plan(({ call }) => ({ order: call(orders.create, ({ input }) => ({ body: input.body })) }))
    .respond(Order, ({ order }) => order);

const key = 'a-key-of-sixteen-or-more';
const acme = asCaller({ subject: 'acme', kind: 'partner', scopes: ['orders:write'] });
const zeta = asCaller({ subject: 'zeta', kind: 'partner', scopes: ['orders:write'] });

/** A service that makes an order of every request. */
function shop(): FakeUpstream {
  let made = 0;
  return () => {
    made += 1;
    const headers = { 'x-stock': '7', location: `/orders/o${made}`, 'x-internal': 'no' };
    return { status: 201, headers, body: { id: `o${made}` } };
  };
}

function rig(service: FakeUpstream = shop(), options: Parameters<typeof testBff>[2] = {}) {
  const bff = testBff([create(), create('optional', '/drafts')], { orders: service }, options);
  const problems: ProblemFact[] = [];
  bff.events.on('problem', (fact) => problems.push(fact));
  const ask = async (
    headers: Record<string, string> = {},
    body: unknown = { sku: 's' },
    path = '/orders',
  ) => {
    const all = { 'content-type': 'application/json', ...acme, 'idempotency-key': key, ...headers };
    const answer = await bff.app.request(path, { method: 'POST', headers: all, body: JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) };
  };
  return { bff, ask, problems };
}

/** The work is under way, and the step after it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

test('a repetition gets the same status and body, is marked, and nothing is done again', async () => {
  const { bff, ask } = rig();
  const first = await ask();
  const again = await ask();
  expect([first.status, first.body, again.status, again.text]).toEqual([201, { id: 'o1' }, 201, first.text]);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  for (const name of ['content-type', 'cache-control', 'location', 'x-stock'])
    expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
  expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
  expect(bff.requests).toHaveLength(1);
});

test('the key is the same in quotes, and the body is the same in another order', async () => {
  const { bff, ask } = rig();
  await ask({}, { sku: 's', quantity: 2 });
  expect((await ask({ 'idempotency-key': `"${key}"` }, { quantity: 2, sku: 's' })).body).toEqual({
    id: 'o1',
  });
  expect(bff.requests).toHaveLength(1);
});

test('the service gets a key of its own: the same for a repetition, another for another caller', async () => {
  const { bff, ask } = rig(() => ({ status: 500 }));
  await ask();
  await ask();
  await ask(zeta);
  const sent = bff.requests.map(({ headers }) => headers['idempotency-key'] ?? '');
  expect(sent[0]).toMatch(/^[\w-]{43}$/);
  expect(sent[1]).toBe(sent[0]);
  expect(sent[2]).not.toBe(sent[0]);
});

test('a client cannot keep the key from the service, or put another in its place', async () => {
  const { bff, ask } = rig();
  await ask();
  await ask({ ...zeta, connection: 'idempotency-key' });
  expect(bff.requests[1]?.headers['idempotency-key']).toMatch(/^[\w-]{43}$/);
});

test('two callers with one key are two requests', async () => {
  const { ask } = rig();
  expect([(await ask()).body, (await ask(zeta)).body]).toEqual([{ id: 'o1' }, { id: 'o2' }]);
});

test.each([
  ['another body', {}, { sku: 't' }, '/orders'],
  ['a default that is said', {}, { sku: 's', quantity: 1 }, '/orders'],
  ['another endpoint', {}, { sku: 's' }, '/drafts'],
])('the key with %s is refused with 422, and what was kept stays', async (_what, headers, body, path) => {
  const { bff, ask } = rig();
  await ask();
  const other = await ask(headers, body, path);
  expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
  expect(await ask()).toMatchObject({ status: 201, body: { id: 'o1' } });
  expect(bff.requests).toHaveLength(1);
});

test('while the first one runs a repetition is 409 with Retry-After, and another body 422', async () => {
  const { promise, resolve } = Promise.withResolvers<{ status: number; body: unknown }>();
  const { bff, ask } = rig(() => promise);
  const first = ask();
  await settle();
  const again = await ask();
  expect([again.status, again.body.code, again.headers.get('retry-after')]).toEqual([
    409,
    'idempotency-in-progress',
    '1',
  ]);
  expect(await ask({}, { sku: 't' })).toMatchObject({ status: 422 });
  resolve({ status: 201, body: { id: 'o1' } });
  expect((await first).status).toBe(201);
  expect(await ask()).toMatchObject({ status: 201, body: { id: 'o1' } });
  expect(bff.requests).toHaveLength(1);
});

test.each([
  ['missing', {}, 'idempotency-key-missing'],
  ['malformed', { 'idempotency-key': 'short' }, 'idempotency-key-malformed'],
])('a key that is %s is 400 where it is required, and nothing is done', async (_what, sent, code) => {
  const { bff } = rig();
  const headers = { 'content-type': 'application/json', ...acme, ...sent };
  const answer = await bff.app.request('/orders', { method: 'POST', headers, body: '{"sku":"s"}' });
  expect([answer.status, (await answer.json()).code]).toEqual([400, code]);
  expect(answer.headers.get('x-ratelimit-remaining')).not.toBeNull();
  expect(bff.requests).toEqual([]);
});

test('where the key is optional, requests without one are done each time, and get no key', async () => {
  const { bff, ask } = rig();
  const headers = { 'content-type': 'application/json', ...acme };
  for (const _turn of [1, 2])
    await bff.app.request('/drafts', { method: 'POST', headers, body: '{"sku":"s"}' });
  expect(bff.requests.map((request) => request.headers['idempotency-key'])).toEqual([undefined, undefined]);
  const malformed = await ask({ 'idempotency-key': 'short' }, { sku: 's' }, '/drafts');
  expect(malformed.body.code).toBe('idempotency-key-malformed');
});

test('an answer is kept for a day', async () => {
  const { bff, ask } = rig();
  await ask();
  bff.clock.advance(86_400_000 - 1);
  expect((await ask()).body).toEqual({ id: 'o1' });
  bff.clock.advance(1);
  expect((await ask()).body).toEqual({ id: 'o2' });
});

describe('of failures', () => {
  test.each([404, 409, 422])('a %i that the service decided is kept, word for word', async (status) => {
    const { bff, ask } = rig(() => ({ status }));
    const first = await ask();
    const again = await ask();
    expect([first.status, again.status, again.text]).toEqual([status, status, first.text]);
    expect(again.headers.get('content-type')).toBe('application/problem+json');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(bff.requests).toHaveLength(1);
  });

  test.each([
    ['a service that fails', { status: 500 }, 502],
    ['a service that is busy', { status: 429 }, 503],
    ['an answer that means nothing', { status: 200, body: { id: 7 } }, 502],
    ['a refusal of the gateway', { status: 401 }, 502],
  ])('%s decides nothing: the next one with the key is done', async (_what, failure, status) => {
    const answers = [failure, { status: 201, body: { id: 'o1' } }];
    const { bff, ask } = rig(() => answers[bff.requests.length - 1] ?? { status: 500 });
    expect((await ask()).status).toBe(status);
    expect(await ask()).toMatchObject({ status: 201, body: { id: 'o1' } });
    expect(bff.requests).toHaveLength(2);
  });

  test('input that is not valid claims nothing: the same key takes what is mended', async () => {
    const { ask } = rig();
    expect((await ask({}, { sku: 7 })).status).toBe(400);
    expect((await ask()).status).toBe(201);
  });

  test('after a timeout the key is taken until nobody can be at it any more, and Retry-After says so', async () => {
    const service = shop();
    const { bff, ask } = rig((request) =>
      bff.requests.length === 1 ? new Promise(() => {}) : service(request),
    );
    const first = ask();
    await settle();
    bff.clock.advance(5_000);
    const late = await first;
    expect([late.status, late.headers.get('retry-after')]).toEqual([504, '5']);
    expect((await ask()).status).toBe(409);
    bff.clock.advance(5_000);
    expect((await ask()).status).toBe(201);
    const keys = bff.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys[1]).toBe(keys[0]);
  });

  test('a client that leaves changes nothing: the work is finished, and the answer is kept for it', async () => {
    const { promise, resolve } = Promise.withResolvers<{ status: number; body: unknown }>();
    const { bff, ask } = rig(() => promise);
    const leaving = new AbortController();
    const headers = { 'content-type': 'application/json', ...acme, 'idempotency-key': key };
    const request = new Request('http://bff.test/orders', {
      method: 'POST',
      headers,
      body: '{"sku":"s"}',
      signal: leaving.signal,
    });
    const answered = bff.app.request(request);
    await settle();
    leaving.abort();
    expect(bff.fakes.aborted()).toBe(0);
    resolve({ status: 201, body: { id: 'o1' } });
    await answered;
    expect(await ask()).toMatchObject({ status: 201, body: { id: 'o1' } });
    expect(bff.requests).toHaveLength(1);
  });
});

describe('the store', () => {
  const away = async (): Promise<never> => {
    throw new GatewayError('dependency-unavailable', { retryAfterMs: 1_000 });
  };
  const storeWithout = (...methods: readonly (keyof RecordStore)[]): RecordStore => ({
    ...memoryRecords(),
    ...Object.fromEntries(methods.map((method) => [method, away])),
  });

  test.each([
    ['cannot be read', storeWithout('get')],
    ['cannot be written', storeWithout('set')],
  ])('that %s answers 503 before anything is sent', async (_what, records) => {
    const { bff, ask } = rig(shop(), { idempotency: { records } });
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(bff.requests).toEqual([]);
  });

  test('that goes away while the work is done changes nothing of the answer, and is told', async () => {
    const records = memoryRecords();
    let writes = 0;
    const set: RecordStore['set'] = (...args) => {
      writes += 1;
      return writes === 1 ? records.set(...args) : away();
    };
    const { ask, problems } = rig(shop(), { idempotency: { records: { ...records, set } } });
    expect(await ask()).toMatchObject({ status: 201, body: { id: 'o1' } });
    expect(problems).toMatchObject([{ part: 'idempotency of POST /orders' }]);
    expect((await ask()).status).toBe(409); // until the claim ends
  });

  test('keeps no answer that is too large; the service has it', async () => {
    const { bff, ask, problems } = rig(() => ({ status: 201, body: { id: 'x'.repeat(262_144) } }));
    expect([(await ask()).status, (await ask()).status]).toEqual([201, 201]);
    const keys = bff.requests.map(({ headers }) => headers['idempotency-key']);
    expect([keys.length, keys[1]]).toEqual([2, keys[0]]);
    expect(problems).toHaveLength(2);
  });

  test('is named where it is of this process only', () => {
    expect(rig().bff.remembersAlone).toContain('idempotency keys');
    const records = { ...memoryRecords(), isLocal: false };
    const sealKeys = [Buffer.alloc(32).toString('base64')];
    expect(rig(shop(), { idempotency: { records, sealKeys } }).bff.remembersAlone).not.toContain(
      'idempotency keys',
    );
  });
});

describe('limits', () => {
  test('a repetition counts for the burst and not for the quota, and is answered when that is used up', async () => {
    const limits = [
      tokenBucket({ name: 'burst', capacity: 2, refillPerSecond: 1 }),
      monthlyQuota({ name: 'month', max: 2 }),
    ];
    const { bff, ask } = rig(shop(), { limits });
    const left = async (headers = {}): Promise<string> => {
      const answer = await ask(headers);
      return `${answer.status} ${answer.headers.get('ratelimit')?.replaceAll(/;t=\d+/g, '')}`;
    };
    expect(await left({ 'idempotency-key': `another-${key}` })).toBe('201 "burst";r=1, "month";r=1');
    expect(await left()).toBe('201 "burst";r=0, "month";r=0');
    expect(await left()).toBe('429 "burst";r=0, "month";r=0');
    bff.clock.advance(10_000);
    expect(await left()).toBe('201 "burst";r=1, "month";r=0');
    const fresh = await ask({ 'idempotency-key': `a-third-${key}` });
    expect([fresh.status, fresh.body['violated-policies']]).toEqual([429, ['month']]);
    expect(await left()).toBe('201 "burst";r=0, "month";r=0');
    expect(bff.requests).toHaveLength(2);
  });

  test('the log says of a repetition that quotas did not count it', async () => {
    const { bff, ask } = rig();
    const repeats: unknown[] = [];
    bff.events.on('request', ({ limit }) => repeats.push(limit?.isRepeat));
    await ask();
    await ask();
    expect(repeats).toEqual([undefined, true]);
  });

  test('a refusal claims nothing', async () => {
    const { bff, ask } = rig(shop(), { limits: tokenBucket({ capacity: 1, refillPerSecond: 1 }) });
    await ask({ 'idempotency-key': `another-${key}` });
    expect((await ask()).status).toBe(429);
    bff.clock.advance(1_000);
    expect((await ask()).body).toEqual({ id: 'o2' });
    expect(bff.requests).toHaveLength(2);
  });
});

describe('at boot', () => {
  const options = { ...common, body: Wanted, idempotency: 'required' } as const;
  const boot = (endpoints: Parameters<typeof testBff>[0]) => () => testBff(endpoints, { orders: shop() });

  test.each([
    [
      'a mode that is none',
      { idempotency: 'always' as 'required' },
      /must be one of required, optional, got 'always'/,
    ],
  ])('refuses %s', (_what, changed, message) => {
    const made = endpoint('POST', '/o', {
      ...options,
      ...(changed as Partial<EndpointOptions<never, never, never, never>>),
    } as never);
    expect(boot([made.handle(Order, async () => ({ id: '' }))])).toThrow(message);
  });

  test('refuses what is no write, what is no JSON, and what anyone may do', () => {
    const base = { summary: 'X.', deadlineMs: 100, access: scopes('a:b'), idempotency: 'required' } as const;
    const read = endpoint('GET', '/o', base).handle(Order, async () => ({ id: '' }));
    expect(boot([read])).toThrow(/idempotency is for POST and PATCH with JSON answers/);
    const form = endpoint('POST', '/o', base).answer(() => ({ status: 303 }));
    expect(boot([form])).toThrow(/idempotency is for POST and PATCH with JSON answers/);
  });

  const keyless = upstream('orders', {
    operations: {
      create: post('/orders', { response: Order }),
      find: post('/search', { response: Order, isIdempotent: true }),
      keyed: post('/keyed', { response: Order, forwardRequestHeaders: ['idempotency-key'] }),
    },
  });

  test('refuses a write to a service that gets no key, and lets through what is harmless twice', () => {
    const plan = (operation: typeof keyless.create) =>
      endpoint('POST', '/o', options)
        .plan(({ call }) => ({ order: call(operation, () => ({})) }))
        .respond(Order, ({ order }) => order);
    expect(boot([plan(keyless.create)])).toThrow(
      /orders\.create may do twice what is asked twice; declare forward/,
    );
    expect(boot([plan(keyless.find)])).not.toThrow();
  });

  test('refuses two calls that would have the same key', async () => {
    const twice = endpoint('POST', '/o', options)
      .plan(({ call }) => ({
        one: call(keyless.keyed, () => ({})),
        two: call(keyless.keyed, () => ({})),
      }))
      .respond(Order, ({ one }) => one);
    expect(boot([twice])).toThrow(/orders\.keyed is called several times, and has one key per request/);
    const handled = endpoint('POST', '/o', options).handle(Order, async ({ call, input }) => {
      await call(orders.create, { body: input.body });
      return call(orders.create, { body: input.body });
    });
    const bff = testBff([handled], { orders: shop() });
    const headers = { 'content-type': 'application/json', ...acme, 'idempotency-key': key };
    const answer = await bff.app.request('/o', { method: 'POST', headers, body: '{"sku":"s"}' });
    expect([answer.status, bff.requests.length]).toEqual([500, 1]);
  });
});
