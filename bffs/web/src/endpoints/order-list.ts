import { endpoint, pageOf, pageQuery, scopes } from 'bffkit';
import { z } from 'zod';
import { Money } from '../upstreams/money.ts';
import { orders } from '../upstreams/orders.ts';

const OrderRow = z.object({
  id: z.string(),
  status: z.string(),
  placedAt: z.string(),
  total: Money,
  articles: z.number().int(),
});

export const orderList = endpoint('GET', '/api/orders', {
  summary: 'The orders of the caller, newest first.',
  access: scopes('orders:read'),
  query: z.object(pageQuery({ defaultLimit: 20, maxLimit: 100 })),
  deadlineMs: 1_000,
})
  .plan(({ call }) => ({
    page: call(
      orders.list.pick({
        items: { id: true, status: true, placedAt: true, total: true, lines: { quantity: true } },
        next: true,
      }),
      ({ principal, input }) => ({ query: { customer: principal.subject, ...input.query } }),
    ),
  }))
  .respond(pageOf(OrderRow), ({ page }) => ({
    items: page.items.map(({ lines, ...order }) => ({
      ...order,
      articles: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    })),
    next: page.next,
  }));
