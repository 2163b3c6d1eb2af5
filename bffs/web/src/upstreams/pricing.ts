import { get, upstream } from 'bffkit';
import { z } from 'zod';
import { Money } from './money.ts';

const Price = z.object({
  productId: z.string(),
  list: Money,
  now: Money,
  promotion: z.string().nullable(),
});

/** What the web app reads of the pricing service. */
export const pricing = upstream('pricing', {
  operations: {
    get: get('/prices/:productId', { query: z.object({ tier: z.string().optional() }), response: Price }),
    getMany: get('/prices/batch', {
      query: z.object({ ids: z.array(z.string()), tier: z.string().optional() }),
      response: z.array(Price),
    }),
  },
});
