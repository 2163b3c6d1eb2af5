import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { keptProfile } from '../upstreams/kept.ts';
import { Money } from '../upstreams/money.ts';
import { notifications } from '../upstreams/notifications.ts';
import { orders } from '../upstreams/orders.ts';
import { recommendations } from '../upstreams/recommendations.ts';
import { users } from '../upstreams/users.ts';

const HomeScreen = z.object({
  name: z.string(),
  unread: z.number().int().nullable(),
  orders: z.array(z.object({ id: z.string(), status: z.string(), title: z.string() })),
  recommended: z.array(
    z.object({ id: z.string(), title: z.string(), price: Money, imageUrl: z.string().nullable() }),
  ),
});

export const home = endpoint('GET', '/v1/home', {
  summary: 'The first screen: the latest orders, the unread count and a few products, in one round trip.',
  access: scopes('profile:read'),
  deadlineMs: 800,
  slo: { availability: 99.9, latency: { p: 99, ms: 500 } },
  cost: 2,
  budget: { bytes: 2_048 },
  fields: true,
})
  .plan(({ call, optional, each, derive }) => {
    const profile = call(
      users.get.pick({ name: true }),
      ({ principal }) => ({ params: { id: principal.subject } }),
      { cache: keptProfile },
    );
    const recent = optional(
      orders.list.pick({ items: { id: true, status: true, lines: { title: true } } }),
      ({ principal }) => ({ query: { customer: principal.subject, limit: 3 } }),
      { timeoutMs: 400, fallback: () => ({ items: [] }) },
    );
    const inbox = optional(
      notifications.list.pick({ unreadCount: true }),
      ({ principal }) => ({ query: { user: principal.subject, limit: 1 } }),
      { timeoutMs: 250 },
    );
    const suggestions = optional(
      recommendations.forUser.pick({ items: { productId: true } }),
      ({ principal }) => ({ params: { userId: principal.subject }, query: { limit: 6 } }),
      { timeoutMs: 250, fallback: () => ({ items: [] }) },
    );
    const productIds = derive({ suggestions }, ({ suggestions }) =>
      suggestions.items.map(({ productId }) => productId),
    );
    const products = each(
      productIds,
      catalog.getMany.pick({ id: true, title: true, price: true, images: { url: true } }),
      { by: 'id', max: 6, request: (ids) => ({ query: { ids } }), optional: true, timeoutMs: 300 },
    );
    return { profile, recent, inbox, suggestions, products };
  })
  .respond(HomeScreen, ({ profile, recent, inbox, suggestions, products }) => ({
    name: profile.name,
    unread: inbox.ok ? inbox.value.unreadCount : null,
    orders: recent.items.map(({ lines, ...order }) => ({ ...order, title: lines[0]?.title ?? '' })),
    recommended: suggestions.items.flatMap(({ productId }) => {
      const product = products.get(productId);
      return product === undefined ? [] : [{ ...product, imageUrl: product.images[0]?.url ?? null }];
    }),
  }));
