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
  attributes: z.array(z.object({ name: z.string(), value: z.string() })),
  weightGrams: z.number().int(),
  updatedAt: z.string(),
});

/** What partners' requests read of the catalog service. */
export const catalog = upstream('catalog', {
  operations: {
    list: get('/products', {
      query: z.object({ limit: z.number(), cursor: z.string().optional() }),
      response: z.object({ items: z.array(Product), next: z.string().nullable() }),
      passes: [400],
    }),
    get: get('/products/:id', { response: Product, passes: [404] }),
  },
});
