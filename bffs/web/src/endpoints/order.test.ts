import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { order } from './order.ts';

const ada = asCaller('usr_1', 'orders:read');
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const shippingAddress = { line1: '1 Main St', city: 'Lyon', postcode: '69001', country: 'FR' };

const shop: Readonly<Record<string, FakeUpstream>> = {
  orders: () => ({
    body: {
      id: 'ord_1',
      customerId: 'usr_1',
      status: 'paid',
      placedAt: '2026-10-01T08:00:00Z',
      total: eur(900),
      shippingAddress,
      lines: [
        { productId: 'prd_1', sku: 'SKU-1', title: 'Lamp', quantity: 1, unitPrice: eur(400) },
        { productId: 'prd_2', sku: 'SKU-2', title: 'Chair', quantity: 1, unitPrice: eur(500) },
      ],
      fraudScore: 0.3,
    },
  }),
  catalog: () => ({ body: [{ id: 'prd_1', images: [{ url: 'https://img/1' }, { url: 'https://img/1b' }] }] }),
};

const page = {
  id: 'ord_1',
  status: 'paid',
  placedAt: '2026-10-01T08:00:00Z',
  total: eur(900),
  shippingAddress,
  lines: [
    { productId: 'prd_1', title: 'Lamp', quantity: 1, unitPrice: eur(400), imageUrl: 'https://img/1' },
    { productId: 'prd_2', title: 'Chair', quantity: 1, unitPrice: eur(500), imageUrl: null },
  ],
};

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  path = '/api/orders/ord_1',
  headers = ada,
) {
  const bff = testBff([order], { ...shop, ...changed });
  const response = await bff.app.request(path, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('shows an order of the caller with a picture of what has one', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(page);
  expect(asked).toEqual(['orders /orders/ord_1', 'catalog /products/batch?ids=prd_1,prd_2']);
});

test('survives without pictures', async () => {
  const { response, body } = await ask({ catalog: () => ({ status: 503 }) });
  expect(body).toEqual({ ...page, lines: page.lines.map((line) => ({ ...line, imageUrl: null })) });
  expect(response.headers.get('bff-degraded')).toBe('products');
});

test('does not survive without the order', async () => {
  const { response } = await ask({ orders: () => ({ status: 500 }) });
  expect(response.status).toBe(502);
});

test('says the same of another customer’s order as of one that does not exist', async () => {
  const foreign = await ask({}, '/api/orders/ord_1', asCaller('usr_2', 'orders:read'));
  const missing = await ask({ orders: () => ({ status: 404 }) });
  expect(foreign.response.status).toBe(404);
  expect(missing.response.status).toBe(404);
  const silent = { requestId: '' };
  expect({ ...(foreign.body as object), ...silent }).toEqual({ ...(missing.body as object), ...silent });
  expect(foreign.asked).toEqual(['orders /orders/ord_1']);
});

test.each([`/api/orders/${'x'.repeat(41)}`, '/api/orders/..%2Fcarts', '/api/orders/ord_1?full=1'])(
  'refuses %s without asking a service',
  async (path) => {
    const { response, asked } = await ask({}, path);
    expect(response.status).toBe(400);
    expect(asked).toEqual([]);
  },
);

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope orders:read', asCaller('usr_1', 'profile:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '/api/orders/ord_1', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
