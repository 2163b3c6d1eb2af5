import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { product } from './product.ts';

const ada = asCaller('usr_1');
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const down: FakeUpstream = () => ({ status: 503 });
const review = { id: 'rev_1', author: 'Grace', rating: 5, title: 'Bright' };
const lamp = {
  id: 'prd_1',
  title: 'Lamp',
  subtitle: 'For the desk',
  description: 'A lamp that lights.',
  brand: 'Acme',
  rating: { average: 4.5, count: 12 },
};

const shop: Readonly<Record<string, FakeUpstream>> = {
  catalog: () => ({
    body: {
      ...lamp,
      sku: 'SKU-1',
      images: ['1', '2', '3', '4'].map((name) => ({ url: `https://img/${name}`, width: 800 })),
      price: eur(400),
      internalCost: eur(1),
      supplierCode: 'SECRET',
    },
  }),
  users: () => ({ body: { name: 'Ada', tier: 'pro' } }),
  pricing: () => ({ body: { now: eur(372), promotion: null, marginPercent: 60 } }),
  inventory: () => ({ body: { status: 'low', available: 2 } }),
  reviews: () => ({ body: { items: [{ ...review, body: 'It lights.', moderationNote: 'internal' }] } }),
};

const screen = {
  ...lamp,
  imageUrls: ['https://img/1', 'https://img/2', 'https://img/3'],
  price: { list: eur(400), now: eur(372), promotion: null },
  stock: 'low',
  reviews: [review],
};

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  path = '/v1/products/prd_1',
  headers: Readonly<Record<string, string>> = ada,
) {
  const bff = testBff([product], { ...shop, ...changed });
  const response = await bff.app.request(path, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('shows the product at the price of the caller’s own tier', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(screen);
  expect(asked.toSorted()).toEqual([
    'catalog /products/prd_1',
    'inventory /stock/SKU-1',
    'pricing /prices/prd_1?tier=pro',
    'reviews /reviews?product=prd_1&limit=3',
    'users /users/usr_1',
  ]);
});

test.each([
  [
    'pricing, at the list price',
    'pricing',
    'price',
    { ...screen, price: { list: eur(400), now: eur(400), promotion: null } },
  ],
  ['inventory, with no stock shown', 'inventory', 'stock', { ...screen, stock: null }],
  ['reviews', 'reviews', 'latest', { ...screen, reviews: [] }],
])('survives without %s', async (_what, upstream, node, expected) => {
  const { response, body } = await ask({ [upstream]: down });
  expect(response.status).toBe(200);
  expect(body).toEqual(expected);
  expect(response.headers.get('bff-degraded')).toBe(node);
});

test('survives without the tier, at the price everybody sees', async () => {
  const { response, asked } = await ask({ users: down });
  expect(response.status).toBe(200);
  expect(asked).toContain('pricing /prices/prd_1?tier=basic');
  expect(response.headers.get('bff-degraded')).toBe('member');
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

test('needs a caller, whatever the scopes', async () => {
  const { response, asked } = await ask({}, '/v1/products/prd_1', {});
  expect(response.status).toBe(401);
  expect(asked).toEqual([]);
});

test('asks the catalog once for everybody, and for each caller who they are', async () => {
  const bff = testBff([product], shop);
  const asked = async (caller: string): Promise<string[]> => {
    const before = bff.requests.length;
    await bff.app.request('/v1/products/prd_1', { headers: asCaller(caller) });
    return bff.requests.slice(before).map(({ upstream }) => upstream);
  };
  const always = ['inventory', 'pricing', 'reviews'];
  expect((await asked('usr_1')).toSorted()).toEqual(['catalog', ...always, 'users']);
  expect((await asked('usr_1')).toSorted()).toEqual(always);
  expect((await asked('usr_2')).toSorted()).toEqual([...always, 'users']);
  bff.clock.advance(1);
  await bff.purge('product:prd_1');
  expect((await asked('usr_1')).toSorted()).toEqual(['catalog', ...always]);
});
