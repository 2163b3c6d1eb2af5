import { setImmediate } from 'node:timers/promises';
import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { home } from './home.ts';

const ada = asCaller('usr_1', 'profile:read');
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const down: FakeUpstream = () => ({ status: 503 });

const shop: Readonly<Record<string, FakeUpstream>> = {
  users: () => ({ body: { id: 'usr_1', name: 'Ada', tier: 'pro', passwordHash: 'never to be seen' } }),
  orders: () => ({
    body: {
      items: [
        {
          id: 'ord_1',
          status: 'paid',
          placedAt: '2026-10-01T08:00:00Z',
          total: eur(900),
          productIds: ['prd_1', 'prd_2'],
          fraudScore: 0.9,
        },
      ],
      next: 'more',
    },
  }),
  recommendations: () => ({
    body: { items: [{ productId: 'prd_3' }, { productId: 'prd_gone' }], model: 'internal' },
  }),
  notifications: () => ({ body: { items: [], next: null, unreadCount: 4 } }),
  catalog: () => ({
    body: [
      { id: 'prd_1', title: 'Lamp', price: eur(400), images: [], internalCost: eur(1) },
      { id: 'prd_2', title: 'Chair', price: eur(500), images: [], internalCost: eur(1) },
      { id: 'prd_3', title: 'Kettle', price: eur(300), images: [{ url: 'https://img/3' }] },
    ],
  }),
};

const screen = {
  greeting: 'Hello, Ada',
  tier: 'pro',
  unread: 4,
  orders: [
    {
      id: 'ord_1',
      status: 'paid',
      placedAt: '2026-10-01T08:00:00Z',
      total: eur(900),
      titles: ['Lamp', 'Chair'],
    },
  ],
  recommended: [{ id: 'prd_3', title: 'Kettle', price: eur(300), imageUrl: 'https://img/3' }],
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '', headers = ada) {
  const bff = testBff([home], { ...shop, ...changed });
  const response = await bff.app.request(`/api/home${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('joins five services into the home screen and lets nothing else out', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(screen);
  expect(response.headers.get('bff-degraded')).toBeNull();
  expect(asked.toSorted()).toEqual([
    'catalog /products/batch?ids=prd_1,prd_2,prd_3,prd_gone',
    'notifications /notifications?user=usr_1&unread=true&limit=1',
    'orders /orders?customer=usr_1&limit=5',
    'recommendations /recommendations/usr_1?limit=8',
    'users /users/usr_1',
  ]);
});

test.each([
  ['orders', 'recent', { ...screen, orders: [] }],
  ['recommendations', 'suggestions', { ...screen, recommended: [] }],
  ['notifications', 'inbox', { ...screen, unread: null }],
  ['catalog', 'products', { ...screen, orders: [{ ...screen.orders[0], titles: [] }], recommended: [] }],
])('survives without %s', async (upstream, node, expected) => {
  const { response, body } = await ask({ [upstream]: down });
  expect(response.status).toBe(200);
  expect(body).toEqual(expected);
  expect(response.headers.get('bff-degraded')).toBe(node);
});

test('does not survive without the profile', async () => {
  const { response, body } = await ask({ users: down });
  expect(response.status).toBe(502);
  expect(body).toMatchObject({ code: 'upstream-error' });
});

test('is not found for a caller the shop does not know', async () => {
  const { response } = await ask({ users: () => ({ status: 404 }) });
  expect(response.status).toBe(404);
});

test('waits 300 ms for the orders, then goes out without them', async () => {
  const bff = testBff([home], { ...shop, orders: () => new Promise(() => {}) });
  const answer = bff.app.request('/api/home', { headers: ada });
  await setImmediate(); // by now everything else has answered
  bff.clock.advance(299);
  expect(bff.fakes.open()).toBe(1);
  bff.clock.advance(1);
  expect(await (await answer).json()).toEqual({ ...screen, orders: [] });
  expect(bff.fakes.aborted()).toBe(1);
});

test('asks no catalog when there is nothing to look up', async () => {
  const nothing = () => ({ body: { items: [] } });
  const { body, asked } = await ask({ orders: nothing, recommendations: nothing });
  expect(body).toEqual({ ...screen, orders: [], recommended: [] });
  expect(asked.filter((line) => line.startsWith('catalog'))).toEqual([]);
});

test('shows as many orders as the client wants, from 1 to 20', async () => {
  expect((await ask({}, '?orders=20')).asked).toContain('orders /orders?customer=usr_1&limit=20');
  expect((await ask({}, '?orders=0')).response.status).toBe(400);
  expect((await ask({}, '?orders=21')).response.status).toBe(400);
});

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope profile:read', asCaller('usr_1', 'orders:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
