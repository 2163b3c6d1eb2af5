import { setImmediate } from 'node:timers/promises';
import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { home } from './home.ts';

const ada = asCaller('usr_1', 'profile:read');
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const down: FakeUpstream = () => ({ status: 503 });

const shop: Readonly<Record<string, FakeUpstream>> = {
  users: () => ({ body: { name: 'Ada', tier: 'pro', passwordHash: 'never to be seen' } }),
  orders: () => ({
    body: {
      items: [
        { id: 'ord_1', status: 'paid', lines: [{ title: 'Lamp' }, { title: 'Chair' }], fraudScore: 0.9 },
      ],
      next: 'more',
    },
  }),
  notifications: () => ({ body: { items: [], next: null, unreadCount: 4 } }),
  recommendations: () => ({
    body: {
      items: [
        { productId: 'prd_2', reason: 'It sells well' },
        { productId: 'prd_gone', reason: 'It sold well' },
        { productId: 'prd_1', reason: 'You like lamps' },
      ],
      model: 'internal',
    },
  }),
  catalog: () => ({
    body: [
      { id: 'prd_1', title: 'Bulb', price: eur(50), images: [], internalCost: eur(1) },
      { id: 'prd_2', title: 'Kettle', price: eur(300), images: [{ url: 'https://img/2' }] },
    ],
  }),
};

const screen = {
  name: 'Ada',
  unread: 4,
  orders: [{ id: 'ord_1', status: 'paid', title: 'Lamp' }],
  recommended: [
    { id: 'prd_2', title: 'Kettle', price: eur(300), imageUrl: 'https://img/2' },
    { id: 'prd_1', title: 'Bulb', price: eur(50), imageUrl: null },
  ],
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '', headers = ada) {
  const bff = testBff([home], { ...shop, ...changed });
  const response = await bff.app.request(`/v1/home${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('joins five services into the first screen, products in the order they were recommended', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(screen);
  expect(response.headers.get('bff-degraded')).toBeNull();
  expect(asked.toSorted()).toEqual([
    'catalog /products/batch?ids=prd_2,prd_gone,prd_1',
    'notifications /notifications?user=usr_1&limit=1',
    'orders /orders?customer=usr_1&limit=3',
    'recommendations /recommendations/usr_1?limit=6',
    'users /users/usr_1',
  ]);
});

test.each([
  ['orders', 'recent', { ...screen, orders: [] }],
  ['notifications', 'inbox', { ...screen, unread: null }],
  ['recommendations', 'suggestions', { ...screen, recommended: [] }],
  ['catalog', 'products', { ...screen, recommended: [] }],
])('survives without %s', async (upstream, node, expected) => {
  const { response, body } = await ask({ [upstream]: down });
  expect(response.status).toBe(200);
  expect(body).toEqual(expected);
  expect(response.headers.get('bff-degraded')).toBe(node);
});

test.each([
  ['is not found for a caller the shop does not know', 404, 404],
  ['does not survive without the profile', 503, 502],
])('%s', async (_sentence, upstreamStatus, status) => {
  const { response } = await ask({ users: () => ({ status: upstreamStatus }) });
  expect(response.status).toBe(status);
});

test('waits 250 ms for recommendations, then goes out without them', async () => {
  const bff = testBff([home], { ...shop, recommendations: () => new Promise(() => {}) });
  const answer = bff.app.request('/v1/home', { headers: ada });
  await setImmediate(); // by now everything else has answered
  bff.clock.advance(249);
  expect(bff.fakes.open()).toBe(1);
  bff.clock.advance(1);
  expect(await (await answer).json()).toEqual({ ...screen, recommended: [] });
  expect(bff.fakes.aborted()).toBe(1);
});

test('refuses what it does not know', async () => {
  const { response, asked } = await ask({}, '?user=usr_2');
  expect(response.status).toBe(400);
  expect(asked).toEqual([]);
});

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope profile:read', asCaller('usr_1', 'orders:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
