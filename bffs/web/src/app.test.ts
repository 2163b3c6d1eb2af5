import { fakeUpstreams } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

function boot(env: Readonly<Record<string, string>> = {}) {
  const upstreams = fakeUpstreams({
    catalog: () => ({ body: { items: [], facets: [], total: 0, next: null } }),
  });
  return createBff(readConfig(env), { transport: upstreams.transport });
}

test('boots with the default configuration, owned by the web team', () => {
  const { graph } = boot();
  expect(graph).toMatchObject({ name: 'web', owner: '@acme/web' });
  expect(graph.upstreams.toSorted()).toEqual([
    'catalog',
    'inventory',
    'notifications',
    'orders',
    'pricing',
    'recommendations',
    'reviews',
    'users',
  ]);
});

test('promises for each endpoint how many calls it makes, how many in a row, and how long it takes', () => {
  const promises = boot().graph.endpoints.map(
    ({ method, path, maxCalls, depth, deadlineMs }) =>
      `${method} ${path}: ${maxCalls} calls, depth ${depth}, ${deadlineMs} ms`,
  );
  expect(promises).toEqual([
    'GET /api/home: 8 calls, depth 3, 800 ms',
    'GET /api/products/:id: 7 calls, depth 2, 1500 ms',
    'GET /api/orders: 1 calls, depth 1, 1000 ms',
    'GET /api/orders/:id: 3 calls, depth 2, 1000 ms',
    'GET /api/search: 3 calls, depth 2, 1000 ms',
    'GET /api/account: 1 calls, depth 1, 800 ms',
    'POST /api/cart/items: 3 calls, depth 2, 1500 ms',
  ]);
});

test('is open to strangers for products and search only', () => {
  const open = boot().graph.endpoints.filter(({ access }) => access.kind === 'anyone');
  expect(open.map(({ path }) => path)).toEqual(['/api/products/:id', '/api/search']);
});

test('takes access tokens and nothing else', async () => {
  const bff = boot();
  const none = await bff.app.request('/api/home');
  expect(none.status).toBe(401);
  expect(none.headers.get('www-authenticate')).toBe('Bearer');
  const cookie = await bff.app.request('/api/home', { headers: { cookie: 'session=1' } });
  expect(cookie.status).toBe(401);
  const apiKey = await bff.app.request('/api/search?q=lamp', {
    headers: { authorization: `Bearer bffk_test_${'a'.repeat(12)}_${'b'.repeat(30)}` },
  });
  expect(apiKey.status).toBe(401);
});

test('tells where the time went, in development only', async () => {
  const inDevelopment = await boot({ NODE_ENV: 'development' }).app.request('/api/search?q=lamp');
  expect(inDevelopment.headers.get('server-timing')).toContain('found;dur=');
  const inProduction = await boot({ NODE_ENV: 'production' }).app.request('/api/search?q=lamp');
  expect(inProduction.status).toBe(200);
  expect(inProduction.headers.get('server-timing')).toBeNull();
});
