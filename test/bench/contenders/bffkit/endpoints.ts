/**
 * The three jobs as bffkit endpoints: what the others write by hand is declared here.
 *
 * @module
 */
import { type Access, type Endpoint, endpoint, type Operation, type Whole, whole } from 'bffkit';
import { z } from 'zod';
import * as up from './upstreams.ts';

const Money = z.object({ amount: z.number().int(), currency: z.string() });

function listOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ items: z.array(z.object(shape)) });
}

/** Long enough for the worst moment of a crowded machine: the timer costs the same, whatever it waits for. */
const deadlineMs = 30_000;

/** What is kept: nothing, the answers of the services, or whole answers. */
export type Keeping = 'nothing' | 'calls' | 'answers';

/** Whether the parts of an answer are read and checked on their way, or what was picked is passed as text. */
export type Reading = 'unread' | 'checked';

/** Longer than any run: after the first request nothing is asked again. */
const policy = { scope: 'public', ttlMs: 3_600_000 } as const;

interface Passing {
  readonly part: typeof whole;
  pass<Request, Answer>(operation: Operation<Request, Answer>): Operation<Request, Whole<Answer>>;
}

const unread: Passing = { part: whole, pass: (operation) => operation.whole() };
/** The same endpoints, as far as the compiler is told. */
const checked = {
  part: (schema: z.ZodType) => schema,
  pass: (operation: unknown) => operation,
} as unknown as Passing;

/** All endpoints, open to whoever `access` lets in. */
export function benchEndpoints(
  access: Access,
  keeping: Keeping = 'nothing',
  reading: Reading = 'unread',
): Endpoint[] {
  const { part, pass } = reading === 'unread' ? unread : checked;
  const Home = z.object({
    profile: part(z.object({ id: z.string(), name: z.string(), tier: z.string() })),
    orders: part(listOf({ id: z.string(), status: z.string(), total: Money })),
    products: part(listOf({ id: z.string(), title: z.string() })),
  });
  const Feed = z.object({
    account: part(
      z.object({
        id: z.string(),
        name: z.string(),
        tier: z.string(),
        loyalty: z.object({ points: z.number().int(), level: z.string() }),
        addresses: z.array(z.object({ line1: z.string(), city: z.string() })),
      }),
    ),
    purchases: part(
      listOf({
        id: z.string(),
        status: z.string(),
        placedAt: z.string(),
        lines: z.array(z.object({ title: z.string(), quantity: z.number().int() })),
        total: Money,
      }),
    ),
    recommendations: part(listOf({ productId: z.string(), title: z.string(), price: Money })),
    reviews: part(listOf({ id: z.string(), author: z.string(), rating: z.number().int(), text: z.string() })),
    notifications: part(
      listOf({ id: z.string(), title: z.string(), text: z.string(), createdAt: z.string() }),
    ),
    prices: part(listOf({ productId: z.string(), now: Money, discountPercent: z.number().int() })),
  });
  const kept = keeping === 'calls' ? { cache: policy } : {};
  const common = {
    access,
    deadlineMs,
    ...(keeping === 'answers' ? { cache: { ...policy, isSameForAll: true } } : {}),
  };
  // What nobody reads is passed on as text: whole, as the others do with S1, or what was picked of it.
  const productPage = endpoint('GET', '/s1', { summary: 'S1: one service.', ...common })
    .plan(({ call }) => ({ product: call(pass(up.product.get), () => ({}), kept) }))
    .respond(part(up.Product), ({ product }) => product);

  const home = endpoint('GET', '/s2', { summary: 'S2: three services.', ...common })
    .plan(({ call }) => ({
      profile: call(pass(up.profile.get.pick({ id: true, name: true, tier: true })), () => ({}), kept),
      orders: call(
        pass(up.orders.list.pick({ items: { id: true, status: true, total: true } })),
        () => ({}),
        kept,
      ),
      products: call(pass(up.products.list.pick({ items: { id: true, title: true } })), () => ({}), kept),
    }))
    .respond(Home, ({ profile, orders, products }) => ({ profile, orders, products }));

  const feed = endpoint('GET', '/s3', { summary: 'S3: six services.', ...common })
    .plan(({ call }) => ({
      account: call(
        pass(
          up.account.get.pick({
            id: true,
            name: true,
            tier: true,
            loyalty: { points: true, level: true },
            addresses: { line1: true, city: true },
          }),
        ),
        () => ({}),
        kept,
      ),
      purchases: call(
        pass(
          up.purchases.list.pick({
            items: {
              id: true,
              status: true,
              placedAt: true,
              lines: { title: true, quantity: true },
              total: true,
            },
          }),
        ),
        () => ({}),
        kept,
      ),
      recommendations: call(
        pass(up.recommendations.list.pick({ items: { productId: true, title: true, price: true } })),
        () => ({}),
        kept,
      ),
      reviews: call(
        pass(up.reviews.list.pick({ items: { id: true, author: true, rating: true, text: true } })),
        () => ({}),
        kept,
      ),
      notifications: call(
        pass(up.notifications.list.pick({ items: { id: true, title: true, text: true, createdAt: true } })),
        () => ({}),
        kept,
      ),
      prices: call(
        pass(up.prices.list.pick({ items: { productId: true, now: true, discountPercent: true } })),
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
