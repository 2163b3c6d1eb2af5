import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { SERVICE_NAMES } from './directory.ts';
import { type Services, startServices } from './start-services.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices({ ports: 'free', faults: ['pricing=latency:1ms'] });
});
afterEach(() => services.faults.clear());
afterAll(() => services.close());

const NONE = Object.fromEntries(SERVICE_NAMES.map((name) => [name, []]));

it('shows the faults of all eight services, those from the start included', async () => {
  expect(await control('GET', '/faults')).toEqual([200, { ...NONE, pricing: ['latency:1ms'] }]);
});

it('sets the faults of the services named, and they work at once', async () => {
  services.faults.set('orders', 'reset');
  const [status, faults] = await control('PUT', '/faults', { users: ['status:502'], reviews: 'hang@1%' });
  expect(status).toBe(200);
  expect(faults).toEqual({ ...NONE, orders: ['reset'], users: ['status:502'], reviews: ['hang@1%'] });
  expect((await fetch(`${services.urls.users}/health`)).status).toBe(502);
});

it.each([
  ['one spec', 'status:503', ['status:503']],
  ['a list', ['latency:1ms', 'reset@5%'], ['latency:1ms', 'reset@5%']],
])('sets those of one service from %s', async (_, body, expected) => {
  expect(await control('PUT', '/faults/orders', body)).toEqual([200, { ...NONE, orders: expected }]);
});

it('clears one service, then all', async () => {
  services.faults.setAll({ orders: ['hang'], users: ['hang'], pricing: ['hang'] });
  expect(await control('DELETE', '/faults/orders')).toEqual([
    200,
    { ...NONE, users: ['hang'], pricing: ['hang'] },
  ]);
  expect(await control('DELETE', '/faults')).toEqual([200, NONE]);
});

it.each([
  ['PUT', '/faults', { payments: ['hang'] }, 'unknown_service', 'use users, catalog'],
  ['PUT', '/faults/payments', 'hang', 'unknown_service', 'use users, catalog'],
  ['DELETE', '/faults/payments', undefined, 'unknown_service', 'use users, catalog'],
  ['GET', '/requests?service=payments', undefined, 'unknown_service', 'use users, catalog'],
  ['PUT', '/faults/orders', 'slow', 'unknown_mode', 'use latency, status'],
  ['PUT', '/faults/orders', 'status:99', 'invalid_argument', '400 to 599'],
  ['PUT', '/faults/orders', { a: 1 }, 'invalid_fault', 'GET /'],
  ['PUT', '/faults', undefined, 'invalid_fault', 'GET /'],
] as const)('%s %s with %j is refused with %s', async (method, path, body, code, hint) => {
  const [status, answer] = await control(method, path, body);
  expect([status, answer]).toMatchObject([400, { error: { code, message: expect.stringContaining(hint) } }]);
  expect(services.faults.list().orders).toEqual([]);
});

it('tells where everything is, and how to use it', async () => {
  const [, answer] = await control('GET', '/');
  expect(answer).toMatchObject({ services: services.urls });
  expect(JSON.stringify(answer)).toContain('PUT /faults');
});

it('counts requests and shows the latest, without credentials', async () => {
  services.reset();
  await fetch(`${services.urls.users}/users/usr_0001?x=1`, {
    headers: { Authorization: 'Bearer secret', Cookie: 'session=secret', 'X-Request-Id': 'r1' },
  });
  await vi.waitFor(async () => {
    expect(await control('GET', '/stats')).toMatchObject([200, { users: { served: 1, open: 0 } }]);
  });
  const [, answer] = await control('GET', '/requests?service=users');
  expect(answer).toMatchObject({
    users: [{ method: 'GET', path: '/users/usr_0001?x=1', status: 400, headers: { 'x-request-id': 'r1' } }],
  });
  expect(JSON.stringify(answer)).not.toContain('secret');
});

it('puts the world back, and leaves the faults', async () => {
  const cart = `${services.urls.orders}/carts/usr_0001`;
  const body = JSON.stringify({ productId: 'prd_00001', quantity: 1 });
  await fetch(`${cart}/items`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  services.faults.set('pricing', 'hang');
  expect((await fetch(`${services.urls.control}/reset`, { method: 'POST' })).status).toBe(204);
  expect(await (await fetch(cart)).json()).toMatchObject({ items: [] });
  expect(services.faults.list().pricing).toEqual(['hang']);
});

async function control(method: string, path: string, body?: unknown): Promise<readonly [number, unknown]> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(services.urls.control + path, init);
  return [response.status, await response.json()];
}
