import { get, post, upstream } from 'bffkit';
import { z } from 'zod';
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
  shippingAddress: z.object({
    line1: z.string(),
    city: z.string(),
    postcode: z.string(),
    country: z.string(),
  }),
});

const Cart = z.object({
  customerId: z.string(),
  items: z.array(z.object({ productId: z.string(), sku: z.string(), quantity: z.number().int() })),
  updatedAt: z.string(),
});

/** What the web app reads and writes of the orders service. */
export const orders = upstream('orders', {
  operations: {
    list: get('/orders', {
      query: z.object({ customer: z.string(), limit: z.number().optional(), cursor: z.string().optional() }),
      response: z.object({ items: z.array(Order), next: z.string().nullable() }),
    }),
    get: get('/orders/:id', { response: Order, passes: [404] }),
    addCartItem: post('/carts/:customerId/items', {
      body: z.object({ productId: z.string(), quantity: z.number().int() }),
      response: Cart,
      passes: [422],
    }),
  },
});
