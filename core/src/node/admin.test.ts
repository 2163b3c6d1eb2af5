import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { SwitchFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { type FakeAnswer, type FakeUpstream, type TestBff, testBff } from '../testing/index.ts';
import { resolveBinding } from '../upstream/binding.ts';
import { get, upstream } from '../upstream/operation.ts';
import type { Target } from '../upstream/target.ts';
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

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    main: get('/main', { response: Part }),
    side: get('/side', { response: Part }),
    unused: get('/unused'),
  },
});
const parts = endpoint('GET', '/parts', { summary: 'Parts.', access: anyone(), deadlineMs: 1_000 })
  .plan(({ call, optional }) => ({
    main: call(shop.main, () => ({})),
    side: optional(shop.side, () => ({}), { fallback: () => ({ id: 'none' }) }),
  }))
  .respond(z.array(z.string()), ({ main, side }) => [main.id, side.id]);
const good: FakeUpstream = ({ operation }) => ({ body: { id: operation } });

function rigOf(fake = good, isReady = () => true) {
  const bff = testBff([parts], { shop: fake });
  return { bff, admin: adminApp(bff, isReady) };
}

describe('the kill switch', () => {
  test('turns an operation off and on again', async () => {
    const { bff, admin } = rigOf();
    const facts: SwitchFact[] = [];
    bff.events.on('switch', (fact) => facts.push(fact));
    const off = await admin.request('/off/shop.side', { method: 'PUT' });
    expect([off.status, await off.json()]).toEqual([200, { operation: 'shop.side', on: false }]);
    const degraded = await bff.app.request('/parts');
    expect([degraded.status, degraded.headers.get('bff-degraded')]).toEqual([200, 'side']);
    expect(await degraded.json()).toEqual(['main', 'none']);
    expect(bff.requests.map(({ operation }) => operation)).toEqual(['main']);

    const on = await admin.request('/off/shop.side', { method: 'DELETE' });
    expect([on.status, await on.json()]).toEqual([200, { operation: 'shop.side', on: true }]);
    expect(await (await bff.app.request('/parts')).json()).toEqual(['main', 'side']);
    expect(facts).toEqual([
      { operation: 'shop.side', on: false },
      { operation: 'shop.side', on: true },
    ]);
  });

  test('makes a required call fail at once, with a time to try again', async () => {
    const { bff, admin } = rigOf();
    await admin.request('/off/shop.main', { method: 'PUT' });
    const answer = await bff.app.request('/parts');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await answer.json()).toMatchObject({ code: 'circuit-open' });
    expect(bff.requests.filter(({ operation }) => operation === 'main')).toEqual([]);
  });

  test('is shown in /readyz?verbose, and does not take the instance out', async () => {
    const { admin } = rigOf();
    for (let time = 0; time < 2; time += 1) await admin.request('/off/shop.side', { method: 'PUT' });
    const answer = await admin.request('/readyz?verbose');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ upstreams: [{ upstream: 'shop', off: ['side'] }] });
  });

  test.each(['shop.unused', 'shop', 'shop.', 'other.main', 'shop.main.x', '%00'])(
    'does not know %s, and says what there is',
    async (operation) => {
      const { bff, admin } = rigOf();
      const facts: SwitchFact[] = [];
      bff.events.on('switch', (fact) => facts.push(fact));
      for (const method of ['PUT', 'DELETE']) {
        const answer = await admin.request(`/off/${operation}`, { method });
        expect(answer.status).toBe(404);
        expect(await answer.json()).toEqual({
          error: `no endpoint calls '${decodeURIComponent(operation)}'; they call shop.main, shop.side`,
        });
      }
      expect(facts).toEqual([]);
    },
  );

  test('is turned by PUT and DELETE only', async () => {
    const { admin } = rigOf();
    expect((await admin.request('/off/shop.side')).status).toBe(404);
    expect((await admin.request('/off/shop.side', { method: 'POST' })).status).toBe(404);
  });
});

describe('readiness of an instance that calls others', () => {
  const statusOf = async (answer: Response): Promise<unknown> => [answer.status, await answer.json()];

  test('is starting until every upstream has somewhere to send calls', async () => {
    let hand: (targets: readonly Target[]) => void = () => {};
    const targets = {
      start(onTargets: typeof hand) {
        hand = onTargets;
        return () => {};
      },
    };
    const bff = testBff([parts], { shop: good }, { upstreams: [resolveBinding('shop', [], { targets })] });
    const admin = adminApp(bff, () => true);
    expect(await statusOf(await admin.request('/readyz'))).toEqual([503, { status: 'starting' }]);
    expect((await admin.request('/livez')).status).toBe(200);
    hand([{ origin: 'http://shop.test', weight: 1 }]);
    expect(await statusOf(await admin.request('/readyz'))).toEqual([200, { status: 'ready' }]);
  });

  test('tells, when asked for more, what runs and how the upstreams are', async () => {
    const hanging = Promise.withResolvers<FakeAnswer>();
    const { bff, admin } = rigOf(() => hanging.promise);
    const answer = bff.app.request('/parts');
    await turn();
    expect(await (await admin.request('/readyz?verbose')).json()).toEqual({
      status: 'ready',
      liveRequests: 1,
      upstreams: [
        {
          upstream: 'shop',
          breakers: [{ upstream: 'shop', state: 'closed' }],
          targets: [
            { origin: 'http://shop.test', weight: 1, pending: 2, health: 'unknown', ejectedForMs: 0 },
          ],
          bulkhead: { running: 2, waiting: 0, limit: 64 },
          retryBudget: { spent: 0, allowed: 30 },
          off: [],
        },
      ],
    });
    hanging.resolve({ body: { id: '1' } });
    await answer;
    expect(await (await admin.request('/readyz?verbose')).json()).toMatchObject({
      liveRequests: 0,
      upstreams: [{ targets: [{ pending: 0 }], bulkhead: { running: 0 } }],
    });
  });
});
