import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { orderList } from './order-list.ts';

const ada = asCaller('usr_1', 'orders:read');
const order = {
  id: 'ord_2',
  status: 'shipped',
  placedAt: '2026-10-01T08:00:00Z',
  total: { amount: 900, currency: 'EUR' },
};
const shop: Readonly<Record<string, FakeUpstream>> = {
  orders: () => ({
    body: {
      items: [
        {
          ...order,
          lines: [
            { productId: 'prd_1', title: 'Lamp' },
            { productId: 'prd_2', title: 'Chair' },
          ],
          warehouse: 'LYS1',
        },
        { ...order, id: 'ord_1', lines: [{ productId: 'prd_1', title: 'Lamp' }] },
        { ...order, id: 'ord_0', lines: [{ productId: 'prd_gone', title: 'Vase' }] },
      ],
      next: 'cursor-2',
    },
  }),
  catalog: () => ({ body: [{ id: 'prd_1', images: [{ url: 'https://img/1' }, { url: 'https://img/1b' }] }] }),
};

const page = {
  items: [
    { ...order, title: 'Lamp', imageUrl: 'https://img/1', lines: 2 },
    { ...order, id: 'ord_1', title: 'Lamp', imageUrl: 'https://img/1', lines: 1 },
    { ...order, id: 'ord_0', title: 'Vase', imageUrl: null, lines: 1 },
  ],
  next: expect.any(String),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '', headers = ada) {
  const bff = testBff([orderList], { ...shop, ...changed });
  const response = await bff.app.request(`/v1/orders${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('lists the caller’s own orders, and asks for each picture once', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(page);
  expect(asked).toEqual([
    'orders /orders?customer=usr_1&limit=20',
    'catalog /products/batch?ids=prd_1,prd_gone',
  ]);
});

test('survives without pictures', async () => {
  const { response, body } = await ask({ catalog: () => ({ status: 503 }) });
  expect(body).toEqual({ ...page, items: page.items.map((item) => ({ ...item, imageUrl: null })) });
  expect(response.headers.get('bff-degraded')).toBe('pictures');
});

test('does not survive without the orders', async () => {
  const { response } = await ask({ orders: () => ({ status: 503 }) });
  expect(response.status).toBe(502);
});

test('asks for no picture when there is no order', async () => {
  const { body, asked } = await ask({ orders: () => ({ body: { items: [], next: null } }) });
  expect(body).toEqual({ items: [], next: null });
  expect(asked).toHaveLength(1);
});

test('hands limit and cursor to the orders service', async () => {
  const { body } = await ask();
  const { asked } = await ask({}, `?limit=50&cursor=${body.next}`);
  expect(asked[0]).toBe('orders /orders?customer=usr_1&limit=50&cursor=cursor-2');
});

test.each(['?limit=0', '?limit=51', '?cursor=', '?cursor=cursor-2', '?customer=usr_2'])(
  'refuses the query "%s" without asking a service',
  async (query) => {
    const { response, asked } = await ask({}, query);
    expect(response.status).toBe(400);
    expect(asked).toEqual([]);
  },
);

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope orders:read', asCaller('usr_1', 'profile:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
