import { endpoint, GatewayError, scopes } from 'bffkit';
import { z } from 'zod';
import { Address } from '../upstreams/address.ts';
import { catalog } from '../upstreams/catalog.ts';
import { Id } from '../upstreams/id.ts';
import { Money } from '../upstreams/money.ts';
import { orders } from '../upstreams/orders.ts';

const OrderPage = z.object({
  id: z.string(),
  status: z.string(),
  placedAt: z.string(),
  total: Money,
  shippingAddress: Address,
  lines: z.array(
    z.object({
      productId: z.string(),
      title: z.string(),
      quantity: z.number().int(),
      unitPrice: Money,
      imageUrl: z.string().nullable(),
    }),
  ),
});

export const order = endpoint('GET', '/api/orders/:id', {
  summary: 'One order of the caller, with pictures of what was bought.',
  access: scopes('orders:read'),
  params: z.object({ id: Id }),
  deadlineMs: 1_000,
})
  .plan(({ call, derive, each }) => {
    const found = call(
      orders.get.pick({
        id: true,
        customerId: true,
        status: true,
        placedAt: true,
        total: true,
        shippingAddress: true,
        lines: { productId: true, title: true, quantity: true, unitPrice: true },
      }),
      ({ input }) => ({ params: { id: input.params.id } }),
    );
    const own = derive({ found }, ({ found, principal }) => {
      if (found.customerId !== principal.subject) throw new GatewayError('not-found');
      return found;
    });
    const productIds = derive({ own }, ({ own }) => own.lines.map(({ productId }) => productId));
    const products = each(productIds, catalog.getMany.pick({ id: true, images: { url: true } }), {
      by: 'id',
      max: 100,
      request: (ids) => ({ query: { ids } }),
      optional: true,
    });
    return { found, own, products };
  })
  .respond(OrderPage, ({ own, products }) => ({
    ...own,
    lines: own.lines.map((line) => ({
      ...line,
      imageUrl: products.get(line.productId)?.images[0]?.url ?? null,
    })),
  }));
