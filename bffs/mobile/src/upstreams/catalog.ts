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
  images: z.array(z.object({ url: z.string() })),
  price: Money,
  rating: z.object({ average: z.number(), count: z.number().int() }),
});

/** What the phone apps read of the catalog service. */
export const catalog = upstream('catalog', {
  operations: {
    get: get('/products/:id', { response: Product, passes: [404] }),
    getMany: get('/products/batch', {
      query: z.object({ ids: z.array(z.string()) }),
      response: z.array(Product),
    }),
  },
});
