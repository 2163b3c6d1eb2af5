import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { productList } from './product-list.ts';

const partner = asCaller('usr_4', 'products:read');
const lamp = {
  id: 'prd_1',
  sku: 'SKU-1',
  title: 'Lamp',
  brand: 'Acme',
  category: 'lamps',
  updatedAt: '2026-10-01T08:00:00Z',
};
const price = { amount: 400, currency: 'EUR' };
const shop: Readonly<Record<string, FakeUpstream>> = {
  catalog: () => ({
    body: { items: [{ ...lamp, price, supplierCode: 'SECRET', internalCost: price }], next: 'cursor-2' },
  }),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '', headers = partner) {
  const bff = testBff([productList], { ...shop, ...changed });
  const response = await bff.app.request(`/v1/products${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('lists products with their list price and the cursor of the next page', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual({ items: [{ ...lamp, listPrice: price }], next: expect.any(String) });
  expect(asked).toEqual(['catalog /products?limit=50']);
});

test('hands limit and cursor to the catalog', async () => {
  const { body } = await ask();
  const { asked } = await ask({}, `?limit=100&cursor=${body.next}`);
  expect(asked).toEqual(['catalog /products?limit=100&cursor=cursor-2']);
});

test('does not survive without the catalog', async () => {
  const { response, body } = await ask({ catalog: () => ({ status: 503 }) });
  expect(response.status).toBe(502);
  expect(body).toMatchObject({ code: 'upstream-error' });
});

test.each(['?limit=0', '?limit=101', '?cursor=', '?cursor=cursor-2', '?category=lamps'])(
  'refuses the query "%s" without asking a service',
  async (query) => {
    const { response, asked } = await ask({}, query);
    expect(response.status).toBe(400);
    expect(asked).toEqual([]);
  },
);

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope products:read', asCaller('usr_4', 'inventory:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
