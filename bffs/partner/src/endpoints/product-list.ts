import { endpoint, pageOf, pageQuery, scopes } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { stableId } from '../upstreams/id.ts';
import { instant } from '../upstreams/instant.ts';
import { Money } from '../upstreams/money.ts';

export const ProductRow = z
  .object({
    id: stableId('the product'),
    sku: z.string().describe('What it is ordered by.'),
    title: z.string(),
    brand: z.string(),
    category: z.string(),
    listPrice: Money,
    updatedAt: instant('When it changed last.'),
  })
  .meta({ id: 'ProductRow', description: 'A product as the list shows it.' });

export const productList = endpoint('GET', '/v1/products', {
  summary: 'The catalog, page by page, in a stable order.',
  access: scopes('products:read'),
  query: z.object(pageQuery({ defaultLimit: 50, maxLimit: 100 })),
  deadlineMs: 2_500,
})
  .plan(({ call }) => ({
    page: call(
      catalog.list.pick({
        items: {
          id: true,
          sku: true,
          title: true,
          brand: true,
          category: true,
          price: true,
          updatedAt: true,
        },
        next: true,
      }),
      ({ input }) => ({ query: input.query }),
      {
        cache: { scope: 'public', ttlMs: 30_000, swrMs: 60_000, staleIfErrorMs: 600_000, tags: ['catalog'] },
      },
    ),
  }))
  .respond(pageOf(ProductRow), ({ page }) => ({
    items: page.items.map(({ price, ...item }) => ({ ...item, listPrice: price })),
    next: page.next,
  }));
