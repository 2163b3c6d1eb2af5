import { get, post, upstream } from 'bffkit';
import { z } from 'zod';
import { Address } from './address.ts';
import { Money } from './money.ts';

const Order = z.object({
  id: z.string(),
  customerId: z.string(),
  status: z.enum(['placed', 'paid', 'shipped', 'delivered', 'cancelled']),
  placedAt: z.string(),
  lines: z.array(
    z.object({
      productId: z.string(),
      title: z.string(),
      quantity: z.number().int(),
      unitPrice: Money,
    }),
  ),
  productIds: z.array(z.string()),
  total: Money,
  shippingAddress: Address,
});

const Cart = z.object({
  items: z.array(z.object({ productId: z.string(), quantity: z.number().int() })),
});

/** What the web app reads and writes of the orders service. */
export const orders = upstream('orders', {
  operations: {
    list: get('/orders', {
      query: z.object({ customer: z.string(), limit: z.number().optional(), cursor: z.string().optional() }),
      response: z.object({ items: z.array(Order), next: z.string().nullable() }),
      passes: [400],
    }),
    get: get('/orders/:id', { response: Order, passes: [404] }),
    addCartItem: post('/carts/:customerId/items', {
      body: z.object({ productId: z.string(), quantity: z.number().int() }),
      response: Cart,
      passes: [404, 422],
    }),
  },
});
