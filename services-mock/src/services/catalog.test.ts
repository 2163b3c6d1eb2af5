import { expect, it } from 'vitest';
import { DEFAULT_SEED, worldOf } from '../data/world.ts';
import { createServiceApp } from '../rest/service-app.ts';
import { catalogService, SearchPage } from './catalog.ts';

const app = createServiceApp('catalog', catalogService(worldOf(DEFAULT_SEED)));
const read = async (path: string) => (await app.request(path)).json();

it('a search finds products with every word, those with the words in the title first', async () => {
  const { items, total, facets } = SearchPage.parse(await read('/search?q=Copper%20kettle&limit=100'));
  expect(items[0]?.title).toMatch(/Copper Gooseneck Kettle/);
  expect(facets[0]?.category).toBe('coffee');
  expect(facets.reduce((sum, { count }) => sum + count, 0)).toBe(total);
});

it('a search without hits is an empty page', async () => {
  expect(await read('/search?q=zzz')).toEqual({ items: [], next: null, total: 0, facets: [] });
});

it('an unknown category is an empty page', async () => {
  expect(await read('/products?category=boats')).toEqual({ items: [], next: null });
});

it('a product that has not changed is not sent again', async () => {
  const etag = (await app.request('/products/prd_00001')).headers.get('ETag') ?? '';
  expect(etag).toMatch(/^W\/"[a-z0-9]+"$/);
  const response = await app.request('/products/prd_00001', { headers: { 'If-None-Match': `"x", ${etag}` } });
  expect([response.status, await response.text()]).toEqual([304, '']);
});
