import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { addCartItem } from './add-cart-item.ts';

const ada = asCaller('usr_1', 'cart:write');
const lamp = { productId: 'prd_1', quantity: 2 };
const shop: Readonly<Record<string, FakeUpstream>> = {
  orders: () => ({
    status: 201,
    body: {
      customerId: 'usr_1',
      items: [
        { ...lamp, sku: 'SKU-1' },
        { productId: 'prd_2', sku: 'SKU-2', quantity: 1 },
      ],
      updatedAt: '2026-11-01T00:00:00Z',
    },
  }),
  catalog: () => ({ body: [{ id: 'prd_1', title: 'Lamp' }] }),
};

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  body: unknown = lamp,
  headers: Readonly<Record<string, string>> = { ...ada, 'content-type': 'application/json' },
) {
  const bff = testBff([addCartItem], { ...shop, ...changed });
  const request = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await bff.app.request('/api/cart/items', request);
  return { response, body: await response.json(), requests: bff.requests };
}

test('puts the product into the caller’s own cart and shows the cart with titles', async () => {
  const { response, body, requests } = await ask();
  expect(response.status).toBe(201);
  expect(body).toEqual({
    items: [
      { ...lamp, title: 'Lamp' },
      { productId: 'prd_2', quantity: 1, title: null },
    ],
  });
  expect(requests).toMatchObject([
    { upstream: 'orders', method: 'POST', target: '/carts/usr_1/items', body: JSON.stringify(lamp) },
    { upstream: 'catalog', target: '/products/batch?ids=prd_1,prd_2' },
  ]);
});

test('survives without titles: the product is in the cart', async () => {
  const { response, body } = await ask({ catalog: () => ({ status: 503 }) });
  expect(response.status).toBe(201);
  expect(body).toEqual({
    items: [
      { ...lamp, title: null },
      { productId: 'prd_2', quantity: 1, title: null },
    ],
  });
  expect(response.headers.get('bff-degraded')).toBe('products');
});

test.each([
  ['says that there is no such product', 422, 422, 'unprocessable'],
  ['says that there is no such customer', 404, 404, 'not-found'],
  ['does not survive without the orders service', 503, 502, 'upstream-error'],
])('%s', async (_sentence, upstreamStatus, status, code) => {
  const { response, body } = await ask({ orders: () => ({ status: upstreamStatus }) });
  expect(response.status).toBe(status);
  expect(body).toMatchObject({ code });
});

test.each([
  ['nothing in it', {}, '/body/productId'],
  ['no quantity', { productId: 'prd_1' }, '/body/quantity'],
  ['a quantity of 0', { ...lamp, quantity: 0 }, '/body/quantity'],
  ['a quantity of 100', { ...lamp, quantity: 100 }, '/body/quantity'],
  ['a fraction', { ...lamp, quantity: 1.5 }, '/body/quantity'],
  ['a price', { ...lamp, price: 1 }, '/body/price'],
  ['an id that is none', { ...lamp, productId: '../prd_1' }, '/body/productId'],
])('refuses a body with %s and writes nothing', async (_what, sent, pointer) => {
  const { response, body, requests } = await ask({}, sent);
  expect(response.status).toBe(400);
  expect(body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ pointer })]) });
  expect(requests).toEqual([]);
});

test('refuses a body that is not JSON', async () => {
  const { response, requests } = await ask({}, lamp, { ...ada, 'content-type': 'text/plain' });
  expect(response.status).toBe(415);
  expect(requests).toEqual([]);
});

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope cart:write', asCaller('usr_1', 'orders:write'), 403],
])('refuses %s and writes nothing', async (_who, headers, status) => {
  const { response, requests } = await ask({}, lamp, { ...headers, 'content-type': 'application/json' });
  expect(response.status).toBe(status);
  expect(requests).toEqual([]);
});
