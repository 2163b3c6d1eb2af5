import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { search } from './search.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const rating = { average: 4, count: 3 };

const shop: Readonly<Record<string, FakeUpstream>> = {
  catalog: () => ({
    body: {
      items: [
        {
          id: 'prd_1',
          title: 'Lamp',
          subtitle: 'Red',
          brand: 'Acme',
          images: [{ url: 'https://img/1' }],
          rating,
          price: eur(400),
          supplierCode: 'SECRET',
        },
        { id: 'prd_2', title: 'Bulb', subtitle: 'Warm', brand: 'Acme', images: [], rating, price: eur(50) },
      ],
      facets: [{ category: 'lamps', count: 2 }],
      total: 2,
      next: 'cursor-2',
    },
  }),
  users: () => ({ body: { tier: 'pro' } }),
  pricing: () => ({
    body: [{ productId: 'prd_1', now: eur(360), promotion: 'Autumn Sale', marginPercent: 60 }],
  }),
};

const bulb = {
  id: 'prd_2',
  title: 'Bulb',
  subtitle: 'Warm',
  brand: 'Acme',
  imageUrl: null,
  rating,
  price: eur(50),
  promotion: null,
};
const lamp = {
  id: 'prd_1',
  title: 'Lamp',
  subtitle: 'Red',
  brand: 'Acme',
  imageUrl: 'https://img/1',
  rating,
  price: eur(360),
  promotion: 'Autumn Sale',
};
const results = {
  items: [lamp, bulb],
  facets: [{ category: 'lamps', count: 2 }],
  total: 2,
  next: expect.any(String),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '?q=lamp') {
  const bff = testBff([search], { ...shop, ...changed });
  const response = await bff.app.request(`/api/search${query}`);
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('shows everybody what matches, with today’s prices where there is one', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(results);
  expect(asked).toEqual(['catalog /search?q=lamp&limit=20', 'pricing /prices/batch?ids=prd_1,prd_2']);
});

test('survives without prices, at the list price', async () => {
  const { response, body } = await ask({ pricing: () => ({ status: 503 }) });
  expect(body).toEqual({ ...results, items: [{ ...lamp, price: eur(400), promotion: null }, bulb] });
  expect(response.headers.get('bff-degraded')).toBe('prices');
});

test('does not survive without the catalog', async () => {
  const { response } = await ask({ catalog: () => ({ status: 500 }) });
  expect(response.status).toBe(502);
});

test('asks for no prices when nothing matches', async () => {
  const { body, asked } = await ask({
    catalog: () => ({ body: { items: [], facets: [], total: 0, next: null } }),
  });
  expect(body).toEqual({ items: [], facets: [], total: 0, next: null });
  expect(asked).toHaveLength(1);
});

test('hands text, limit and cursor to the catalog, the text without blanks around it', async () => {
  const { body } = await ask({}, '?q=%20red%20lamp%20');
  const { asked } = await ask({}, `?q=%20red%20lamp%20&limit=50&cursor=${body.next}`);
  expect(asked[0]).toBe('catalog /search?q=red%20lamp&limit=50&cursor=cursor-2');
});

test.each([
  '',
  '?q=',
  '?q=%20',
  `?q=${'x'.repeat(101)}`,
  '?q=a&q=b',
  '?q=lamp&limit=51',
  '?q=lamp&limit=0',
  '?q=lamp&page=2',
])('refuses the query "%s" without asking a service', async (query) => {
  const { response, asked } = await ask({}, query);
  expect(response.status).toBe(400);
  expect(asked).toEqual([]);
});

test('shows a member their own prices, and everybody the public ones', async () => {
  const bff = testBff([search], shop);
  const askedPrices = async (headers: Record<string, string>) => {
    await bff.app.request('/api/search?q=lamp', { headers });
    return bff.requests.findLast(({ upstream }) => upstream === 'pricing')?.target;
  };
  expect(await askedPrices({})).toBe('/prices/batch?ids=prd_1,prd_2');
  expect(await askedPrices(asCaller('usr_1'))).toBe('/prices/batch?ids=prd_1,prd_2&tier=pro');
});
