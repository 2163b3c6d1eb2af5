import { endpoint, GatewayError, scopes } from 'bffkit';
import { z } from 'zod';
import { customerOf } from '../customer.ts';
import { OrderDocument } from '../order-document.ts';
import { Id } from '../upstreams/id.ts';
import { orders } from '../upstreams/orders.ts';

export const order = endpoint('GET', '/v1/orders/:id', {
  summary: 'One order of the partner; another customer’s order is not found.',
  access: scopes('orders:read'),
  params: z.object({ id: Id.describe('The id of the order.') }),
  deadlineMs: 2_000,
})
  .plan(({ call, derive }) => {
    const found = call(orders.get, ({ input }) => ({ params: { id: input.params.id } }));
    const own = derive({ found }, ({ found, principal }) => {
      if (found.customerId !== customerOf(principal)) throw new GatewayError('not-found');
      return found;
    });
    return { found, own };
  })
  .respond(OrderDocument, ({ own }) => own);
