import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { orderList } from './order-list.ts';

const ada = asCaller('usr_1', 'orders:read');
const shop: Readonly<Record<string, FakeUpstream>> = {
  orders: () => ({
    body: {
      items: [
        {
          id: 'ord_1',
          status: 'shipped',
          placedAt: '2026-10-01T08:00:00Z',
          total: { amount: 900, currency: 'EUR' },
          lines: [{ quantity: 1 }, { quantity: 3 }],
          warehouse: 'LYS1',
        },
      ],
      next: 'cursor-2',
    },
  }),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '', headers = ada) {
  const bff = testBff([orderList], { ...shop, ...changed });
  const response = await bff.app.request(`/api/orders${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('lists the caller’s own orders with the cursor of the next page', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual({
    items: [
      {
        id: 'ord_1',
        status: 'shipped',
        placedAt: '2026-10-01T08:00:00Z',
        total: { amount: 900, currency: 'EUR' },
        articles: 4,
      },
    ],
    next: expect.any(String),
  });
  expect(asked).toEqual(['orders /orders?customer=usr_1&limit=20']);
});

test('hands limit and cursor to the orders service', async () => {
  const { body } = await ask();
  const { asked } = await ask({}, `?limit=100&cursor=${body.next}`);
  expect(asked).toEqual(['orders /orders?customer=usr_1&limit=100&cursor=cursor-2']);
});

test('does not survive without the orders', async () => {
  const { response, body } = await ask({ orders: () => ({ status: 503 }) });
  expect(response.status).toBe(502);
  expect(body).toMatchObject({ code: 'upstream-error' });
});

test.each(['?limit=0', '?limit=101', '?limit=ten', '?cursor=', '?cursor=cursor-2', '?customer=usr_2'])(
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
