import { get, post, upstream } from 'bffkit';
import { z } from 'zod';
import { Address } from './address.ts';
import { Money } from './money.ts';
import { OrderStatus } from './statuses.ts';

const Order = z.object({
  id: z.string(),
  customerId: z.string(),
  reference: z.string().nullable(),
  status: OrderStatus,
  placedAt: z.string(),
  updatedAt: z.string(),
  lines: z.array(
    z.object({ sku: z.string(), title: z.string(), quantity: z.number().int(), unitPrice: Money }),
  ),
  total: Money,
  shippingAddress: Address,
});

const NewOrder = z.object({
  customerId: z.string(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.number().int() })),
  reference: z.string().optional(),
});

/** What partners' requests read and write of the orders service. */
export const orders = upstream('orders', {
  operations: {
    get: get('/orders/:id', { response: Order, passes: [404] }),
    create: post('/orders', {
      body: NewOrder,
      response: Order,
      passes: [422],
      forwardRequestHeaders: ['idempotency-key'],
    }),
  },
});
