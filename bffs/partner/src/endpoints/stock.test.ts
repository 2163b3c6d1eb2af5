import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { stock } from './stock.ts';

const partner = asCaller('usr_4', 'inventory:read');
const document = {
  sku: 'SKU-1',
  productId: 'prd_1',
  available: 2,
  status: 'low',
  restockAt: '2026-11-20T00:00:00Z',
  updatedAt: '2026-10-31T00:00:00Z',
};
const shop: Readonly<Record<string, FakeUpstream>> = {
  inventory: () => ({ body: { ...document, reserved: 7, warehouses: [{ code: 'LYS1', available: 2 }] } }),
};

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  path = '/v1/inventory/SKU-1',
  headers = partner,
) {
  const bff = testBff([stock], { ...shop, ...changed });
  const response = await bff.app.request(path, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('tells how much can be ordered, and not where it lies', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(document);
  expect(asked).toEqual(['inventory /stock/SKU-1']);
});

test.each([
  ['is not found when the inventory does not know the sku', 404, 404],
  ['does not survive without the inventory', 503, 502],
])('%s', async (_sentence, upstreamStatus, status) => {
  const { response } = await ask({ inventory: () => ({ status: upstreamStatus }) });
  expect(response.status).toBe(status);
});

test.each([
  `/v1/inventory/${'x'.repeat(41)}`,
  '/v1/inventory/SKU%2F1',
  '/v1/inventory/SKU-1,SKU-2',
  '/v1/inventory/SKU-1?warehouse=LYS1',
])('refuses %s without asking a service', async (path) => {
  const { response, asked } = await ask({}, path);
  expect(response.status).toBe(400);
  expect(asked).toEqual([]);
});

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope inventory:read', asCaller('usr_4', 'products:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '/v1/inventory/SKU-1', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
