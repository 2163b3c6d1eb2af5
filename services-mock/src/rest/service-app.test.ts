import { expect, it } from 'vitest';
import * as z from 'zod';
import { DEFAULT_SEED, worldOf } from '../data/world.ts';
import { SERVICE_NAMES } from '../directory.ts';
import { User } from '../schemas/user.ts';
import { SERVICES } from '../services/index.ts';
import { createServiceApp } from './service-app.ts';
import { ErrorBody } from './service-error.ts';

const world = worldOf(DEFAULT_SEED);
const users = createServiceApp('users', SERVICES.users(world));
const orders = createServiceApp('orders', SERVICES.orders(world));

it.each(SERVICE_NAMES)('%s is healthy and gives itself away in its headers', async (service) => {
  const response = await createServiceApp(service, SERVICES[service](world)).request('/health');
  expect(await response.json()).toEqual({ status: 'ok', service });
  expect(response.headers.get('Server')).toMatch(`acme-${service}/`);
  expect(response.headers.get('X-Internal-Host')).toMatch(/^[a-z]+-\w{4}\.internal$/);
  expect(response.headers.get('X-Powered-By')).not.toBeNull();
});

it.each([
  ['a query parameter nobody knows', '/users?page=2'],
  ['a parameter given twice', '/users?limit=1&limit=2'],
  ['a limit of 0', '/users?limit=0'],
  ['a limit above 100', '/users?limit=101'],
  ['a limit that is no number', '/users?limit=1e1'],
  ['a batch without ids', '/users/batch'],
  ['an empty id in a batch', '/users/batch?ids=usr_0001,'],
  ['more than 100 ids in a batch', `/users/batch?ids=${Array(101).fill('usr_0001').join(',')}`],
  ['the name of a prototype', '/users?__proto__=1'],
])('refuses %s', async (_, path) => {
  const response = await users.request(path);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } });
});

it('a batch of 100 comes in the order of its ids, without those nobody knows', async () => {
  const known = world.users.slice(0, 99).map(({ id }) => id);
  const ids = ['usr_9999', ...known].reverse();
  const response = await users.request(`/users/batch?ids=${ids.join(',')}`);
  const found = z.array(User).parse(await response.json());
  expect(found.map(({ id }) => id)).toEqual([...known].reverse());
});

it.each([
  ['/users/usr_9999', 'user_not_found'],
  ['/nowhere', 'route_not_found'],
])('does not find %s', async (path, code) => {
  const response = await users.request(path);
  expect([response.status, await response.json()]).toMatchObject([404, { error: { code } }]);
});

it.each([
  ['a form', 415, { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b'],
  ['no media type', 415, { 'Content-Type': '' }, '{}'],
  ['broken JSON', 400, { 'Content-Type': 'application/json' }, '{"customerId":'],
  ['a list', 400, { 'Content-Type': 'application/json; charset=utf-8' }, '[]'],
  [
    'a body that says it is too large',
    413,
    { 'Content-Type': 'application/json', 'Content-Length': '70000' },
    '{}',
  ],
  ['a body that is too large', 413, { 'Content-Type': 'application/json' }, `"${'x'.repeat(70_000)}"`],
])('refuses %s', async (_, status, headers, body) => {
  const response = await orders.request('/orders', { method: 'POST', headers: { ...headers }, body });
  expect(response.status).toBe(status);
  expect(ErrorBody.safeParse(await response.json()).success).toBe(true);
});
