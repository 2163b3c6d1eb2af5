import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { type TestBff, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import { adminApp } from './admin.ts';

const users = upstream('users', {
  operations: { get: get('/users', { response: z.object({ id: z.string() }) }) },
});
const me = endpoint('GET', '/api/me', { summary: 'Me.', access: anyone(), deadlineMs: 500 })
  .plan(({ call }) => ({ user: call(users.get, () => ({})) }))
  .respond(z.object({ id: z.string() }), ({ user }) => user);

const failing = (): TestBff => testBff([me], { users: () => ({ status: 500 }) });

async function ask(path: string, isReady = true, bff = failing()): Promise<[number, unknown]> {
  const response = await adminApp(bff, () => isReady).request(path);
  return [response.status, await response.json()];
}

describe('/livez', () => {
  test('is about the process only', async () => {
    expect(await ask('/livez')).toEqual([200, { status: 'ok' }]);
    expect(await ask('/livez', false)).toEqual([200, { status: 'ok' }]);
  });
});

describe('/readyz', () => {
  test('says whether this instance takes requests', async () => {
    expect(await ask('/readyz')).toEqual([200, { status: 'ready' }]);
    expect(await ask('/readyz', false)).toEqual([503, { status: 'draining' }]);
  });

  test('stays ready when every service is down: an outage behind us must not restart the fleet', async () => {
    const bff = failing();
    for (let request = 0; request < 5; request += 1) await bff.app.request('/api/me');
    expect(await ask('/readyz?verbose', true, bff)).toMatchObject([
      200,
      {
        status: 'ready',
        liveRequests: 0,
        upstreams: [{ upstream: 'users', breakers: [{ upstream: 'users', state: 'open' }] }],
      },
    ]);
    expect(await ask('/livez', true, bff)).toEqual([200, { status: 'ok' }]);
  });

  test('says how much is under way', async () => {
    const answer = Promise.withResolvers<{ body: unknown }>();
    const bff = testBff([me], { users: () => answer.promise });
    const running = bff.app.request('/api/me');
    await Promise.resolve();
    expect(await ask('/readyz?verbose', false, bff)).toMatchObject([
      503,
      { status: 'draining', liveRequests: 1 },
    ]);
    answer.resolve({ body: { id: '1' } });
    await running;
  });
});

test('/metrics is the Prometheus text', async () => {
  const bff = failing();
  const response = await adminApp(bff, () => true).request('/metrics');
  expect([response.status, response.headers.get('content-type')]).toEqual([200, bff.metrics.contentType]);
  expect(await response.text()).toContain('# TYPE bff_http_request_duration_seconds histogram');
});

test('/graph is what the BFF is', async () => {
  const bff = failing();
  expect(await ask('/graph', true, bff)).toEqual([200, JSON.parse(JSON.stringify(bff.graph))]);
});

test('/ names the BFF, its owner and pages that all answer', async () => {
  const bff = failing();
  const [status, index] = await ask('/', true, bff);
  expect([status, index]).toMatchObject([200, { name: 'test', owner: '@acme/test' }]);
  const { pages } = index as { readonly pages: readonly string[] };
  const admin = adminApp(bff, () => true);
  for (const page of pages) expect([page, (await admin.request(page)).status]).toEqual([page, 200]);
});

test('the endpoints of the public port are not here', async () => {
  expect((await adminApp(failing(), () => true).request('/api/me')).status).toBe(404);
});
