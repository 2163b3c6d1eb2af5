import type { BffOptions } from 'bffkit';
import { asCaller, fakeUpstreams, testCallers } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

function boot(env: Readonly<Record<string, string>> = {}, parts: Partial<BffOptions> = {}) {
  const { transport } = fakeUpstreams({
    notifications: () => ({ body: { items: [], next: null, unreadCount: 0 } }),
  });
  return createBff(readConfig(env), { transport, ...parts });
}

test('boots with the default configuration, owned by the mobile team', () => {
  const { graph } = boot();
  expect(graph).toMatchObject({ name: 'mobile', owner: '@acme/mobile' });
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
    'GET /v1/home: 5 calls, depth 2, 800 ms',
    'GET /v1/feed: 7 calls, depth 2, 1200 ms',
    'GET /v1/products/:id: 5 calls, depth 2, 1000 ms',
    'GET /v1/orders: 2 calls, depth 2, 1000 ms',
    'GET /v1/notifications: 1 calls, depth 1, 600 ms',
  ]);
});

test('opens nothing to strangers', () => {
  expect(boot().graph.endpoints.filter(({ access }) => access.kind === 'anyone')).toEqual([]);
});

test('takes access tokens and nothing else, and says that they may be bound to a key', async () => {
  const bff = boot();
  const challenge = 'Bearer realm="mobile", DPoP realm="mobile", algs="ES256 EdDSA PS256 RS256"';
  const none = await bff.app.request('/v1/home');
  expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, challenge]);
  const apiKey = await bff.app.request('/v1/home', {
    headers: { authorization: `Bearer bffk_test_${'a'.repeat(12)}_${'b'.repeat(30)}` },
  });
  expect(apiKey.status).toBe(401);
  const cookie = await bff.app.request('/v1/home', { headers: { cookie: 'session=mine' } });
  expect([cookie.status, cookie.headers.get('www-authenticate')]).toEqual([401, challenge]);
  const query = await bff.app.request('/v1/home?access_token=a.b.c');
  expect([query.status, (await query.json()).code]).toEqual([400, 'credential-in-url']);
});

test('lets operators revoke a token on the admin port', () => {
  expect(boot().admin.flatMap(({ pages }) => pages)).toContain('/revocations');
});

test('tells where the time went, in development only', async () => {
  const timingIn = async (env: Readonly<Record<string, string>>): Promise<string | null> => {
    const bff = boot(env, { identity: [testCallers()] });
    const answer = await bff.app.request('/v1/notifications', { headers: asCaller('usr_1', 'profile:read') });
    expect(answer.status).toBe(200);
    return answer.headers.get('server-timing');
  };
  expect(await timingIn({ NODE_ENV: 'development' })).toContain('page;dur=');
  expect(await timingIn({ NODE_ENV: 'production' })).toBeNull();
});
