import { get, upstream } from 'bffkit';
import { z } from 'zod';
import { Money } from './money.ts';

const Order = z.object({
  id: z.string(),
  status: z.enum(['placed', 'paid', 'shipped', 'delivered', 'cancelled']),
  placedAt: z.string(),
  lines: z.array(z.object({ productId: z.string(), title: z.string(), quantity: z.number().int() })),
  total: Money,
});

/** What the phone apps read of the orders service. */
export const orders = upstream('orders', {
  operations: {
    list: get('/orders', {
      query: z.object({ customer: z.string(), limit: z.number(), cursor: z.string().optional() }),
      response: z.object({ items: z.array(Order), next: z.string().nullable() }),
      passes: [400],
    }),
  },
});
