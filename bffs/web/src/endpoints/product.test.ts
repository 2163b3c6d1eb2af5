import { asCaller, type FakeUpstream, recordReads, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { product } from './product.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const down: FakeUpstream = () => ({ status: 503 });

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
  rating: { average: 4.5, count: 12 },
  price: eur(400),
  seo: { title: 'Lamp | Acme', description: 'Buy a lamp', canonicalPath: '/p/prd_1' },
  internalCost: eur(1),
  supplierCode: 'SECRET',
};
const review = {
  id: 'rev_1',
  author: 'Grace',
  rating: 5,
  title: 'Bright',
  body: 'It lights.',
  verified: true,
  createdAt: '2026-09-01T08:00:00Z',
};

const shop: Readonly<Record<string, FakeUpstream>> = {
  catalog: ({ operation }) => ({
    body: operation === 'get' ? lamp : [{ ...lamp, id: 'prd_2', title: 'Bulb', price: eur(50), images: [] }],
  }),
  pricing: () => ({ body: { list: eur(400), now: eur(360), promotion: 'Autumn Sale', marginPercent: 60 } }),
  inventory: () => ({
    body: { status: 'low', available: 2, restockAt: '2026-11-20T00:00:00Z', reserved: 7 },
  }),
  reviews: () => ({ body: { items: [{ ...review, moderationNote: 'internal' }], next: null } }),
  recommendations: () => ({ body: { items: [{ productId: 'prd_2' }, { productId: 'prd_gone' }] } }),
  users: () => ({ body: { tier: 'pro' } }),
};

const page = {
  id: 'prd_1',
  title: 'Lamp',
  subtitle: 'For the desk',
  description: 'A lamp that lights.',
  brand: 'Acme',
  categoryPath: ['Home', 'Lamps'],
  images: lamp.images,
  attributes: lamp.attributes,
  rating: lamp.rating,
  price: { list: eur(400), now: eur(360), promotion: 'Autumn Sale' },
  stock: { status: 'low', available: 2, restockAt: '2026-11-20T00:00:00Z' },
  reviews: [review],
  related: [{ id: 'prd_2', title: 'Bulb', price: eur(50), imageUrl: null }],
  html: {
    meta: {
      title: 'Lamp | Acme',
      description: 'Buy a lamp',
      canonical: '/products/prd_1',
      openGraph: { type: 'product', title: 'Lamp', siteName: 'Acme', locale: 'en_GB' },
      jsonLd: [
        {
          '@context': 'https://schema.org',
          '@type': 'Product',
          name: 'Lamp',
          description: 'A lamp that lights.',
          sku: 'SKU-1',
          brand: { '@type': 'Brand', name: 'Acme' },
          offers: { '@type': 'Offer', price: '4.00', priceCurrency: 'EUR' },
          aggregateRating: { '@type': 'AggregateRating', ratingValue: 4.5, reviewCount: 12 },
        },
      ],
    },
    preload: [],
  },
};

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  path = '/api/products/prd_1',
  headers: Readonly<Record<string, string>> = {},
) {
  const bff = testBff([product], { ...shop, ...changed });
  const response = await bff.app.request(path, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('shows a stranger the whole product page at the public price', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(page);
  expect(asked.toSorted()).toEqual([
    'catalog /products/batch?ids=prd_2,prd_gone',
    'catalog /products/prd_1',
    'inventory /stock/SKU-1',
    'pricing /prices/prd_1',
    'recommendations /related/prd_1?limit=6',
    'reviews /reviews?product=prd_1&limit=5',
  ]);
});

test('asks for the price of the caller’s own tier', async () => {
  const { asked } = await ask({}, '/api/products/prd_1', asCaller('usr_1'));
  expect(asked).toContain('users /users/usr_1');
  expect(asked).toContain('pricing /prices/prd_1?tier=pro');
});

test('asks for the public price when the tier cannot be had', async () => {
  const { response, body, asked } = await ask({ users: down }, '/api/products/prd_1', asCaller('usr_1'));
  expect(body).toEqual(page);
  expect(asked).toContain('pricing /prices/prd_1?tier=basic');
  expect(response.headers.get('bff-degraded')).toBe('member');
});

test.each([
  [
    'pricing',
    'at the list price',
    'price',
    { ...page, price: { list: eur(400), now: eur(400), promotion: null } },
  ],
  ['inventory', 'with no stock shown', 'stock', { ...page, stock: null }],
  ['reviews', 'with no reviews', 'latest', { ...page, reviews: [] }],
  ['recommendations', 'with no related products', 'similar', { ...page, related: [] }],
])('survives without %s, %s', async (upstream, _how, node, expected) => {
  const { response, body } = await ask({ [upstream]: down });
  expect(response.status).toBe(200);
  expect(body).toEqual(expected);
  expect(response.headers.get('bff-degraded')).toBe(node);
});

test('survives when the related products cannot be read', async () => {
  const { response, body } = await ask({
    catalog: ({ operation }) => (operation === 'get' ? { body: lamp } : { status: 503 }),
  });
  expect(body).toEqual({ ...page, related: [] });
  expect(response.headers.get('bff-degraded')).toBe('related');
});

test('does not survive without the product', async () => {
  const { response, body } = await ask({ catalog: down });
  expect(response.status).toBe(502);
  expect(body).toMatchObject({ code: 'upstream-error' });
});

test('is not found when the catalog does not know the product', async () => {
  const { response, body } = await ask({ catalog: () => ({ status: 404 }) });
  expect(response.status).toBe(404);
  expect(body).toMatchObject({ code: 'not-found' });
});

test('asks for as many reviews as the client wants, and not at all for none', async () => {
  expect((await ask({}, '/api/products/prd_1?reviews=20')).asked).toContain(
    'reviews /reviews?product=prd_1&limit=20',
  );
  const none = await ask({}, '/api/products/prd_1?reviews=0');
  expect(none.body).toEqual({ ...page, reviews: [] });
  expect(none.asked.filter((line) => line.startsWith('reviews'))).toEqual([]);
});

test.each([
  '/api/products/prd_1?reviews=21',
  '/api/products/prd_1?reviews=-1',
  '/api/products/prd_1?limit=3',
  '/api/products/..%2Fadmin',
  `/api/products/${'x'.repeat(41)}`,
])('refuses %s without asking a service', async (path) => {
  const { response, asked } = await ask({}, path);
  expect(response.status).toBe(400);
  expect(asked).toEqual([]);
});

test('asks the catalog once for everybody, for stock and price every time, and again after a purge', async () => {
  const bff = testBff([product], shop);
  const asked = async (headers: Readonly<Record<string, string>> = {}): Promise<string[]> => {
    const before = bff.requests.length;
    const { status } = await bff.app.request('/api/products/prd_1', { headers });
    expect(status).toBe(200);
    return bff.requests.slice(before).map(({ upstream, target }) => `${upstream} ${target}`);
  };
  expect(await asked()).toHaveLength(6);
  const fresh = ['inventory /stock/SKU-1', 'reviews /reviews?product=prd_1&limit=5'];
  expect((await asked()).toSorted()).toEqual([fresh[0], 'pricing /prices/prd_1', fresh[1]]);
  const own = [fresh[0], 'pricing /prices/prd_1?tier=pro', fresh[1]];
  expect((await asked(asCaller('usr_1'))).toSorted()).toEqual([...own, 'users /users/usr_1']);
  expect((await asked(asCaller('usr_1'))).toSorted()).toEqual(own);
  expect(await asked(asCaller('usr_2'))).toContain('users /users/usr_2');
  bff.clock.advance(1);
  await bff.purge('product:prd_1');
  const again = await asked();
  expect(again).toContain('catalog /products/prd_1');
  expect(again).not.toContain('recommendations /related/prd_1?limit=6');
});

test('shows what it knows of the product for an hour when the catalog is down, and says so', async () => {
  let isDown = false;
  const bff = testBff([product], {
    ...shop,
    catalog: async (request) => (isDown ? { status: 503 } : (shop.catalog?.(request) ?? { status: 500 })),
  });
  await bff.app.request('/api/products/prd_1');
  isDown = true;
  bff.clock.advance(1_800_000);
  const old = await bff.app.request('/api/products/prd_1');
  expect([old.status, old.headers.get('bff-degraded')]).toEqual([200, 'item, related']);
  bff.clock.advance(3_600_000);
  expect((await bff.app.request('/api/products/prd_1')).status).toBe(502);
});

test('builds what is kept for everybody from the address alone', () => {
  const scope = {
    input: { params: { id: 'prd_1' }, query: { reviews: 5 } },
    principal: { subject: 'usr_1' },
    item: lamp,
    member: { tier: 'pro' },
  };
  const { item, similar, related } = recordReads(product, scope);
  const address = ['input', 'input.params', 'input.params.id'];
  expect([item, similar, related]).toEqual([address, address, []]);
});
