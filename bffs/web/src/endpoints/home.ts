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
  greeting: z.string(),
  tier: z.string(),
  unread: z.number().int().nullable(),
  orders: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      placedAt: z.string(),
      total: Money,
      titles: z.array(z.string()),
    }),
  ),
  recommended: z.array(
    z.object({ id: z.string(), title: z.string(), price: Money, imageUrl: z.string().nullable() }),
  ),
});

export const home = endpoint('GET', '/api/home', {
  summary: 'Everything the home screen shows, in one round trip.',
  access: scopes('profile:read'),
  query: z.object({ orders: z.coerce.number().int().min(1).max(20).default(5) }),
  deadlineMs: 800,
  slo: { availability: 99.9, latency: { p: 99, ms: 500 } },
  cost: 2,
  progressive: true,
})
  .plan(({ call, optional, each, derive }) => {
    const profile = call(
      users.get.pick({ id: true, name: true, tier: true }),
      ({ principal }) => ({ params: { id: principal.subject } }),
      { cache: keptProfile },
    );
    const recent = optional(
      orders.list.pick({ items: { id: true, status: true, placedAt: true, total: true, productIds: true } }),
      { profile },
      ({ profile, input }) => ({ query: { customer: profile.id, limit: input.query.orders } }),
      { timeoutMs: 300, fallback: () => ({ items: [] }) },
    );
    const suggestions = optional(
      recommendations.forUser,
      ({ principal }) => ({ params: { userId: principal.subject }, query: { limit: 8 } }),
      { timeoutMs: 250, fallback: () => ({ items: [] }) },
    );
    const inbox = optional(
      notifications.list,
      ({ principal }) => ({ query: { user: principal.subject, unread: true, limit: 1 } }),
      { timeoutMs: 250 },
    );
    const productIds = derive({ recent, suggestions }, ({ recent, suggestions }) => [
      ...recent.items.flatMap((order) => order.productIds),
      ...suggestions.items.map((item) => item.productId),
    ]);
    const products = each(
      productIds,
      catalog.getMany.pick({ id: true, title: true, price: true, images: { url: true } }),
      { by: 'id', chunk: 50, max: 200, request: (ids) => ({ query: { ids } }), optional: true },
    );
    return { profile, recent, suggestions, inbox, products };
  })
  .respond(HomeScreen, ({ profile, recent, suggestions, inbox, products }) => ({
    greeting: `Hello, ${profile.name}`,
    tier: profile.tier,
    unread: inbox.ok ? inbox.value.unreadCount : null,
    orders: recent.items.map(({ productIds, ...order }) => ({
      ...order,
      titles: productIds.flatMap((id) => products.get(id)?.title ?? []),
    })),
    recommended: suggestions.items.flatMap(({ productId }) => {
      const product = products.get(productId);
      return product === undefined ? [] : [{ ...product, imageUrl: product.images[0]?.url ?? null }];
    }),
  }));
