import { endpoint, pageOf, pageQuery, scopes } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { Money } from '../upstreams/money.ts';
import { orders } from '../upstreams/orders.ts';

const OrderRow = z.object({
  id: z.string(),
  status: z.string(),
  placedAt: z.string(),
  total: Money,
  /** Of the first line; `lines` says how many there are. */
  title: z.string(),
  imageUrl: z.string().nullable(),
  lines: z.number().int(),
});

export const orderList = endpoint('GET', '/v1/orders', {
  summary: 'The orders of the caller, newest first, each with the picture of its first line.',
  access: scopes('orders:read'),
  query: z.object(pageQuery()),
  deadlineMs: 1_000,
  budget: { bytes: 14_336 },
  fields: true,
})
  .plan(({ call, derive, each }) => {
    const page = call(
      orders.list.pick({
        items: {
          id: true,
          status: true,
          placedAt: true,
          total: true,
          lines: { productId: true, title: true },
        },
        next: true,
      }),
      ({ principal, input }) => ({ query: { customer: principal.subject, ...input.query } }),
    );
    const firstIds = derive({ page }, ({ page }) =>
      page.items.flatMap(({ lines }) => lines[0]?.productId ?? []),
    );
    const pictures = each(firstIds, catalog.getMany.pick({ id: true, images: { url: true } }), {
      by: 'id',
      max: 50,
      request: (ids) => ({ query: { ids } }),
      optional: true,
      timeoutMs: 300,
    });
    return { page, pictures };
  })
  .respond(pageOf(OrderRow), ({ page, pictures }) => ({
    items: page.items.map(({ lines, ...order }) => ({
      ...order,
      title: lines[0]?.title ?? '',
      imageUrl: pictures.get(lines[0]?.productId ?? '')?.images[0]?.url ?? null,
      lines: lines.length,
    })),
    next: page.next,
  }));
