import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { product } from './product.ts';

const partner = asCaller('usr_4', 'products:read');
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const lamp = {
  id: 'prd_1',
  sku: 'SKU-1',
  title: 'Lamp',
  subtitle: 'For the desk',
  description: 'A lamp that lights.',
  brand: 'Acme',
  categoryPath: ['Home', 'Lamps'],
  images: [{ url: 'https://img/1', width: 800, height: 600, alt: 'A lamp' }],
  attributes: [{ name: 'Colour', value: 'red' }],
  weightGrams: 900,
  updatedAt: '2026-10-01T08:00:00Z',
};
const price = { now: eur(388), validUntil: '2026-11-02T00:00:00Z' };
const shop: Readonly<Record<string, FakeUpstream>> = {
  catalog: () => ({
    body: { ...lamp, category: 'lamps', price: eur(400), internalCost: eur(1), supplierCode: 'SECRET' },
  }),
  users: () => ({ body: { tier: 'plus', email: 'partner@acme.example' } }),
  pricing: () => ({ body: { ...price, marginPercent: 60 } }),
  inventory: () => ({ body: { status: 'low', available: 2, reserved: 7 } }),
};
const document = { ...lamp, listPrice: eur(400), price, stock: { status: 'low', available: 2 } };

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  path = '/v1/products/prd_1',
  headers = partner,
) {
  const bff = testBff([product], { ...shop, ...changed });
  const response = await bff.app.request(path, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('shows the product with what this partner pays and what is in stock', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(document);
  expect(asked.toSorted()).toEqual([
    'catalog /products/prd_1',
    'inventory /stock/SKU-1',
    'pricing /prices/prd_1?tier=plus',
    'users /users/usr_4',
  ]);
});

test.each([
  ['pricing', 'price', { ...document, price: null }],
  ['inventory', 'stock', { ...document, stock: null }],
])('survives without %s', async (upstream, node, expected) => {
  const { response, body } = await ask({ [upstream]: () => ({ status: 503 }) });
  expect(response.status).toBe(200);
  expect(body).toEqual(expected);
  expect(response.headers.get('bff-degraded')).toBe(node);
});

test('survives without the partner’s tier, and then asks for no price: it would be a guess', async () => {
  const { response, body, asked } = await ask({ users: () => ({ status: 503 }) });
  expect(body).toEqual({ ...document, price: null });
  expect(response.headers.get('bff-degraded')).toBe('customer');
  expect(asked.filter((line) => line.startsWith('pricing'))).toEqual([]);
});

test.each([
  ['is not found when the catalog does not know the product', 404, 404],
  ['does not survive without the catalog', 503, 502],
])('%s', async (_sentence, upstreamStatus, status) => {
  const { response } = await ask({ catalog: () => ({ status: upstreamStatus }) });
  expect(response.status).toBe(status);
});

test.each([`/v1/products/${'x'.repeat(41)}`, '/v1/products/..%2Fsearch', '/v1/products/prd_1?tier=pro'])(
  'refuses %s without asking a service',
  async (path) => {
    const { response, asked } = await ask({}, path);
    expect(response.status).toBe(400);
    expect(asked).toEqual([]);
  },
);

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope products:read', asCaller('usr_4', 'orders:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '/v1/products/prd_1', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});

test('asks the catalog once for all partners; tier, price and stock are never old', async () => {
  const bff = testBff([product], shop);
  const asked = async (caller: string): Promise<string[]> => {
    const before = bff.requests.length;
    await bff.app.request('/v1/products/prd_1', { headers: asCaller(caller, 'products:read') });
    return bff.requests.slice(before).map(({ upstream }) => upstream);
  };
  const always = ['inventory', 'pricing', 'users'];
  expect((await asked('usr_4')).toSorted()).toEqual(['catalog', ...always]);
  expect((await asked('usr_4')).toSorted()).toEqual(always);
  expect((await asked('usr_5')).toSorted()).toEqual(always);
  bff.clock.advance(1);
  await bff.purge('catalog');
  expect((await asked('usr_4')).toSorted()).toEqual(['catalog', ...always]);
});
