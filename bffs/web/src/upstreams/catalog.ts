import { get, upstream } from 'bffkit';
import { z } from 'zod';
import { Money } from './money.ts';

const Product = z.object({
  id: z.string(),
  sku: z.string(),
  title: z.string(),
  subtitle: z.string(),
  description: z.string(),
  brand: z.string(),
  category: z.string(),
  categoryPath: z.array(z.string()),
  images: z.array(z.object({ url: z.string(), width: z.number(), height: z.number(), alt: z.string() })),
  price: Money,
  rating: z.object({ average: z.number(), count: z.number().int() }),
  attributes: z.array(z.object({ name: z.string(), value: z.string() })),
  seo: z.object({ title: z.string(), description: z.string(), canonicalPath: z.string() }),
});

/** What the web app reads of the catalog service. */
export const catalog = upstream('catalog', {
  operations: {
    get: get('/products/:id', { response: Product, passes: [404] }),
    getMany: get('/products/batch', {
      query: z.object({ ids: z.array(z.string()) }),
      response: z.array(Product),
    }),
    search: get('/search', {
      query: z.object({ q: z.string(), limit: z.number().optional(), cursor: z.string().optional() }),
      response: z.object({
        items: z.array(Product),
        next: z.string().nullable(),
        total: z.number().int(),
        facets: z.array(z.object({ category: z.string(), count: z.number().int() })),
      }),
      passes: [400],
    }),
  },
});
