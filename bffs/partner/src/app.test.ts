import { createHmac } from 'node:crypto';
import { fakeUpstreams } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

const pepper = 'the pepper of the tests of this BFF';
const key = 'bffk_live_000000000000_00000000000000000000000000000020MQJu';
const record = {
  id: '000000000000',
  hash: createHmac('sha256', pepper).update(key).digest('hex'),
  partner: 'usr_0004',
  scopes: ['products:read', 'inventory:read', 'orders:read', 'orders:write'],
};
const configured = { PARTNER_KEY_PEPPER: pepper, PARTNER_API_KEYS: JSON.stringify([record]) };

function boot(env: Readonly<Record<string, string>> = configured) {
  const upstreams = fakeUpstreams({
    catalog: () => ({ body: { items: [], next: null } }),
  });
  return createBff(readConfig(env), { transport: upstreams.transport });
}

const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

test('boots with the default configuration, owned by the partner team', () => {
  const { graph } = boot();
  expect(graph).toMatchObject({ name: 'partner', owner: '@acme/partner' });
  expect(graph.upstreams.toSorted()).toEqual(['catalog', 'inventory', 'orders', 'pricing', 'users']);
});

test('promises for each endpoint how many calls it makes, how many in a row, and how long it takes', () => {
  const promises = boot().graph.endpoints.map(
    ({ method, path, maxCalls, depth, deadlineMs }) =>
      `${method} ${path}: ${maxCalls} calls, depth ${depth}, ${deadlineMs} ms`,
  );
  expect(promises).toEqual([
    'GET /v1/products: 1 calls, depth 1, 2500 ms',
    'GET /v1/products/:id: 4 calls, depth 2, 2500 ms',
    'GET /v1/inventory/:sku: 1 calls, depth 1, 2000 ms',
    'POST /v1/orders: 1 calls, depth 1, 5000 ms',
    'GET /v1/orders/:id: 1 calls, depth 1, 2000 ms',
    'GET /v1/usage: 0 calls, depth 0, 2000 ms',
    'GET /v1/webhook-endpoints: 0 calls, depth 0, 2000 ms',
    'POST /v1/webhook-endpoints: 0 calls, depth 0, 2000 ms',
    'GET /v1/webhook-endpoints/:id: 0 calls, depth 0, 2000 ms',
    'PATCH /v1/webhook-endpoints/:id: 0 calls, depth 0, 2000 ms',
    'DELETE /v1/webhook-endpoints/:id: 0 calls, depth 0, 2000 ms',
    'POST /v1/webhook-endpoints/:id/rotate-secret: 0 calls, depth 0, 2000 ms',
    'POST /v1/webhook-endpoints/:id/ping: 0 calls, depth 0, 2000 ms',
    'GET /v1/webhook-endpoints/:id/deliveries: 0 calls, depth 0, 2000 ms',
    'POST /v1/webhook-endpoints/:id/deliveries/:delivery/redeliver: 0 calls, depth 0, 2000 ms',
    'GET /docs: 0 calls, depth 0, 2000 ms',
    'GET /docs/:page: 0 calls, depth 0, 2000 ms',
    'GET /docs/:part/:page: 0 calls, depth 0, 2000 ms',
    'GET /docs/:part/:version/:page: 0 calls, depth 0, 2000 ms',
  ]);
});

test('opens nothing to strangers but its docs', () => {
  const open = boot().graph.endpoints.filter(({ access }) => access.kind !== 'scopes');
  expect(open.filter(({ method, path }) => method !== 'GET' || !/^\/docs(?:\/|$)/.test(path))).toEqual([]);
});

test('takes the configured keys, with the scopes they have', async () => {
  expect((await boot().app.request('/v1/products', withKey(key))).status).toBe(200);
  const reader = {
    ...configured,
    PARTNER_API_KEYS: JSON.stringify([{ ...record, scopes: ['orders:read'] }]),
  };
  expect((await boot(reader).app.request('/v1/products', withKey(key))).status).toBe(403);
});

test('takes no key when none is configured', async () => {
  expect((await boot({ PARTNER_KEY_PEPPER: pepper }).app.request('/v1/products', withKey(key))).status).toBe(
    401,
  );
});

test.each([
  ['nobody', undefined, 'not-signed-in'],
  ['a key with a wrong secret', key.replace('0020MQJu', '0120MQJv'), 'invalid-api-key'],
  ['a key nobody knows', key.replace('_0000', '_1111'), 'invalid-api-key'],
  ['a credential of another kind', 'something', 'invalid-token'],
])('refuses %s', async (_who, credential, code) => {
  const answer = await boot().app.request(
    '/v1/products',
    credential === undefined ? {} : withKey(credential),
  );
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  expect(await answer.json()).toMatchObject({ code });
});

test('tells where the time went, in development only', async () => {
  const inDevelopment = await boot({ ...configured, NODE_ENV: 'development' }).app.request(
    '/v1/products',
    withKey(key),
  );
  expect(inDevelopment.headers.get('server-timing')).toContain('page;dur=');
  const elsewhere = await boot().app.request('/v1/products', withKey(key));
  expect(elsewhere.headers.get('server-timing')).toBeNull();
});
