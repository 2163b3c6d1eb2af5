/**
 * The three jobs as bffkit endpoints: what the others write by hand is declared here.
 *
 * @module
 */
import { type Access, type Endpoint, endpoint, whole } from 'bffkit';
import { z } from 'zod';
import * as up from './upstreams.ts';

const Money = z.object({ amount: z.number().int(), currency: z.string() });

function listOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ items: z.array(z.object(shape)) });
}

const Home = z.object({
  profile: z.object({ id: z.string(), name: z.string(), tier: z.string() }),
  orders: listOf({ id: z.string(), status: z.string(), total: Money }),
  products: listOf({ id: z.string(), title: z.string() }),
});

const Feed = z.object({
  account: z.object({
    id: z.string(),
    name: z.string(),
    tier: z.string(),
    loyalty: z.object({ points: z.number().int(), level: z.string() }),
    addresses: z.array(z.object({ line1: z.string(), city: z.string() })),
  }),
  purchases: listOf({
    id: z.string(),
    status: z.string(),
    placedAt: z.string(),
    lines: z.array(z.object({ title: z.string(), quantity: z.number().int() })),
    total: Money,
  }),
  recommendations: listOf({ productId: z.string(), title: z.string(), price: Money }),
  reviews: listOf({ id: z.string(), author: z.string(), rating: z.number().int(), text: z.string() }),
  notifications: listOf({ id: z.string(), title: z.string(), text: z.string(), createdAt: z.string() }),
  prices: listOf({ productId: z.string(), now: Money, discountPercent: z.number().int() }),
});

/** Long enough for the worst moment of a crowded machine: the timer costs the same, whatever it waits for. */
const deadlineMs = 30_000;

/** What is kept: nothing, the answers of the services, or whole answers. */
export type Keeping = 'nothing' | 'calls' | 'answers';

/** Longer than any run: after the first request nothing is asked again. */
const policy = { scope: 'public', ttlMs: 3_600_000 } as const;

/** All endpoints, open to whoever `access` lets in. */
export function benchEndpoints(access: Access, keeping: Keeping = 'nothing'): Endpoint[] {
  const kept = keeping === 'calls' ? { cache: policy } : {};
  const common = {
    access,
    deadlineMs,
    ...(keeping === 'answers' ? { cache: { ...policy, isSameForAll: true } } : {}),
  };
  // The others pass its text on, too.
  const productPage = endpoint('GET', '/s1', { summary: 'S1: one service.', ...common })
    .plan(({ call }) => ({ product: call(up.product.get.whole(), () => ({}), kept) }))
    .respond(whole(up.Product), ({ product }) => product);

  const home = endpoint('GET', '/s2', { summary: 'S2: three services.', ...common })
    .plan(({ call }) => ({
      profile: call(up.profile.get.pick({ id: true, name: true, tier: true }), () => ({}), kept),
      orders: call(up.orders.list.pick({ items: { id: true, status: true, total: true } }), () => ({}), kept),
      products: call(up.products.list.pick({ items: { id: true, title: true } }), () => ({}), kept),
    }))
    .respond(Home, ({ profile, orders, products }) => ({ profile, orders, products }));

  const feed = endpoint('GET', '/s3', { summary: 'S3: six services.', ...common })
    .plan(({ call }) => ({
      account: call(
        up.account.get.pick({
          id: true,
          name: true,
          tier: true,
          loyalty: { points: true, level: true },
          addresses: { line1: true, city: true },
        }),
        () => ({}),
        kept,
      ),
      purchases: call(
        up.purchases.list.pick({
          items: {
            id: true,
            status: true,
            placedAt: true,
            lines: { title: true, quantity: true },
            total: true,
          },
        }),
        () => ({}),
        kept,
      ),
      recommendations: call(
        up.recommendations.list.pick({ items: { productId: true, title: true, price: true } }),
        () => ({}),
        kept,
      ),
      reviews: call(
        up.reviews.list.pick({ items: { id: true, author: true, rating: true, text: true } }),
        () => ({}),
        kept,
      ),
      notifications: call(
        up.notifications.list.pick({ items: { id: true, title: true, text: true, createdAt: true } }),
        () => ({}),
        kept,
      ),
      prices: call(
        up.prices.list.pick({ items: { productId: true, now: true, discountPercent: true } }),
        () => ({}),
        kept,
      ),
    }))
    .respond(Feed, ({ account, purchases, recommendations, reviews, notifications, prices }) => ({
      account,
      purchases,
      recommendations,
      reviews,
      notifications,
      prices,
    }));

  return [productPage, home, feed];
}
