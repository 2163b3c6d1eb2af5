import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { customerOf } from '../customer.ts';
import { OrderDocument } from '../order-document.ts';
import { Id } from '../upstreams/id.ts';
import { orders } from '../upstreams/orders.ts';

export const NewOrder = z
  .strictObject({
    reference: z.string().min(1).max(80).describe('What the partner calls it.').optional(),
    lines: z
      .array(z.strictObject({ sku: Id, quantity: z.number().int().min(1).max(99) }))
      .min(1)
      .max(50)
      .describe('What is ordered; the price is what a product costs the partner now.'),
  })
  .meta({ id: 'NewOrder', description: 'An order to place.' });

export const createOrder = endpoint('POST', '/v1/orders', {
  summary: 'Places an order for the partner’s customer account.',
  access: scopes('orders:write'),
  body: NewOrder,
  deadlineMs: 5_000,
  slo: { availability: 99.9, latency: { p: 99, ms: 1_500 } },
  status: 201,
  idempotency: 'required',
})
  .plan(({ call }) => ({
    placed: call(orders.create, ({ principal, input }) => ({
      body: { ...input.body, customerId: customerOf(principal) },
    })),
  }))
  .respond(OrderDocument, ({ placed }) => placed);
