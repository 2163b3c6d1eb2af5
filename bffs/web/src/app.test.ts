import { fakeUpstreams } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

const production = {
  NODE_ENV: 'production',
  ISSUER_URL: 'https://id.acme.example',
  WEB_PUBLIC_ORIGIN: 'https://shop.acme.example',
  WEB_CLIENT_SECRET: 'made for this test alone',
  WEB_SESSION_KEYS: Buffer.alloc(32, 'k').toString('base64'),
};

function boot(env: Readonly<Record<string, string>> = { NODE_ENV: 'test' }) {
  const upstreams = fakeUpstreams({
    catalog: () => ({ body: { items: [], facets: [], total: 0, next: null } }),
  });
  return createBff(readConfig(env), { transport: upstreams.transport });
}

test.each([
  ['an issuer', { ISSUER_URL: 'http://id.acme.example' }, /issuer must be https/],
  ['a public origin', { WEB_PUBLIC_ORIGIN: 'http://localhost:4001' }, /publicOrigin must be https/],
])('refuses %s without TLS in production', (_what, env, message) => {
  expect(() => boot({ ...production, ...env })).toThrow(message);
});

test('lets go of its sessions when it closes', async () => {
  await expect(boot().close()).resolves.toBeUndefined();
});

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
  const api = boot().graph.endpoints.filter(({ path }) => path.startsWith('/api/'));
  const promises = api.map(
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

test('is open to strangers for pages, sign-in, products and search only', () => {
  const open = boot().graph.endpoints.filter(({ access }) => access.kind === 'anyone');
  expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /bff/login',
    'GET /bff/callback',
    'GET /bff/user',
    'GET /bff/logout',
    'POST /bff/backchannel-logout',
    'GET /',
    'GET /search',
    'GET /products/:id',
    'GET /app.css',
    'GET /app.js',
    'GET /api.js',
    'GET /progressive.js',
    'GET /dom.js',
    'GET /parts.js',
    'GET /views.js',
    'GET /icon.svg',
    'GET /api/products/:id',
    'GET /api/search',
  ]);
});

test('takes sessions and access tokens and nothing else', async () => {
  const bff = boot();
  const none = await bff.app.request('/api/home');
  expect(none.status).toBe(401);
  expect(none.headers.get('www-authenticate')).toMatch(/^BffSession .*, Bearer/);
  const cookie = await bff.app.request('/api/home', { headers: { cookie: 'session=1', 'x-csrf': '1' } });
  expect(cookie.status).toBe(401);
  const apiKey = await bff.app.request('/api/search?q=lamp', {
    headers: { authorization: `Bearer bffk_test_${'a'.repeat(12)}_${'b'.repeat(30)}` },
  });
  expect(apiKey.status).toBe(401);
});

test('tells where the time went, in development only', async () => {
  const inDevelopment = await boot({ NODE_ENV: 'development' }).app.request('/api/search?q=lamp');
  expect(inDevelopment.headers.get('server-timing')).toContain('found;dur=');
  const inProduction = await boot(production).app.request('/api/search?q=lamp');
  expect(inProduction.status).toBe(200);
  expect(inProduction.headers.get('server-timing')).toBeNull();
});
