import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { order } from './order.ts';

const partner = asCaller('usr_4', 'orders:read');
const document = {
  id: 'ord_9',
  reference: null,
  status: 'shipped',
  placedAt: '2026-10-01T08:00:00Z',
  updatedAt: '2026-10-03T08:00:00Z',
  lines: [{ sku: 'SKU-1', title: 'Lamp', quantity: 2, unitPrice: { amount: 388, currency: 'EUR' } }],
  total: { amount: 776, currency: 'EUR' },
  shippingAddress: { line1: '1 Main St', city: 'Lyon', postcode: '69001', country: 'FR' },
};
const shop: Readonly<Record<string, FakeUpstream>> = {
  orders: () => ({ body: { ...document, customerId: 'usr_4', warehouse: 'LYS1', fraudScore: 0.02 } }),
};

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  path = '/v1/orders/ord_9',
  headers = partner,
) {
  const bff = testBff([order], { ...shop, ...changed });
  const response = await bff.app.request(path, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('shows the partner’s own order, without what only the company may know', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(document);
  expect(asked).toEqual(['orders /orders/ord_9']);
});

test('says the same of another customer’s order as of one that does not exist', async () => {
  const foreign = await ask({}, '/v1/orders/ord_9', asCaller('usr_5', 'orders:read'));
  const missing = await ask({ orders: () => ({ status: 404 }) });
  expect(foreign.response.status).toBe(404);
  expect(missing.response.status).toBe(404);
  const silent = { requestId: '' };
  expect({ ...(foreign.body as object), ...silent }).toEqual({ ...(missing.body as object), ...silent });
});

test('does not survive without the orders service', async () => {
  const { response } = await ask({ orders: () => ({ status: 503 }) });
  expect(response.status).toBe(502);
});

test.each([`/v1/orders/${'x'.repeat(41)}`, '/v1/orders/..%2Fcarts', '/v1/orders/ord_9?full=1'])(
  'refuses %s without asking a service',
  async (path) => {
    const { response, asked } = await ask({}, path);
    expect(response.status).toBe(400);
    expect(asked).toEqual([]);
  },
);

test.each([
  ['nobody', {}, 401],
  ['a caller that may only write orders', asCaller('usr_4', 'orders:write'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '/v1/orders/ord_9', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
