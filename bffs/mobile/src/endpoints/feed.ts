import { cursorOf, endpoint, nextCursor, type Settled, scopes } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { keptProfile } from '../upstreams/kept.ts';
import { Money } from '../upstreams/money.ts';
import { notifications } from '../upstreams/notifications.ts';
import { orders } from '../upstreams/orders.ts';
import { pricing } from '../upstreams/pricing.ts';
import { recommendations } from '../upstreams/recommendations.ts';
import { reviews } from '../upstreams/reviews.ts';
import { users } from '../upstreams/users.ts';

/** Cards of each paged source on one page. */
const perSource = 5;

/** How far each source was read: absent before its first page, `null` after its last. */
const Place = z.string().min(1).max(300).nullable().optional();
const Position = z.strictObject({ orders: Place, news: Place });

const OrderCard = z.object({
  type: z.literal('order'),
  id: z.string(),
  at: z.string(),
  status: z.string(),
  title: z.string(),
  total: Money,
});
const NewsCard = z.object({
  type: z.literal('news'),
  id: z.string(),
  at: z.string(),
  title: z.string(),
  body: z.string(),
  link: z.string(),
  read: z.boolean(),
});
const ProductCard = z.object({
  id: z.string(),
  title: z.string(),
  imageUrl: z.string().nullable(),
  reason: z.string(),
  price: Money,
  rating: z.object({ average: z.number(), count: z.number().int() }).nullable(),
});

/** `name` and `suggestions` are on the first page only. */
const FeedPage = z.object({
  name: z.string().nullable(),
  items: z.array(z.discriminatedUnion('type', [OrderCard, NewsCard])),
  suggestions: z.array(ProductCard),
  next: nextCursor<z.output<typeof Position>>().nullable(),
});

export const feed = endpoint('GET', '/v1/feed', {
  summary: 'What is new for the caller, page by page; the first page also suggests products.',
  access: scopes('profile:read', 'orders:read'),
  query: z.object({ cursor: cursorOf(Position).optional() }),
  deadlineMs: 1_200,
  slo: { availability: 99.5, latency: { p: 95, ms: 500 } },
  cost: 3,
  budget: { bytes: 5_120 },
  fields: true,
})
  .plan(({ call, optional, each, when, derive }) => {
    const isFirst = derive({}, ({ input }) => input.query.cursor === undefined);
    const profile = when(
      { isFirst },
      ({ isFirst }) => isFirst,
      call(users.get, ({ principal }) => ({ params: { id: principal.subject } }), { cache: keptProfile }),
    );
    const ordered = when(
      {},
      ({ input }) => input.query.cursor?.orders !== null,
      optional(
        orders.list.pick({
          items: { id: true, status: true, placedAt: true, total: true, lines: { title: true } },
          next: true,
        }),
        ({ principal, input }) => ({
          query: {
            customer: principal.subject,
            limit: perSource,
            cursor: input.query.cursor?.orders ?? undefined,
          },
        }),
        { timeoutMs: 600 },
      ),
    );
    const news = when(
      {},
      ({ input }) => input.query.cursor?.news !== null,
      optional(
        notifications.list.pick({
          items: { id: true, title: true, body: true, link: true, read: true, createdAt: true },
          next: true,
        }),
        ({ principal, input }) => ({
          query: {
            user: principal.subject,
            limit: perSource,
            cursor: input.query.cursor?.news ?? undefined,
          },
        }),
      ),
    );
    const suggested = when(
      { isFirst },
      ({ isFirst }) => isFirst,
      optional(
        recommendations.forUser,
        ({ principal }) => ({ params: { userId: principal.subject }, query: { limit: 6 } }),
        { fallback: () => ({ items: [] }) },
      ),
    );
    const productIds = derive(
      { suggested },
      ({ suggested }) => suggested?.items.map(({ productId }) => productId) ?? [],
    );
    const products = each(
      productIds,
      catalog.getMany.pick({ id: true, title: true, price: true, images: { url: true } }),
      { by: 'id', max: 6, request: (ids) => ({ query: { ids } }), optional: true, timeoutMs: 400 },
    );
    const ratings = each(productIds, reviews.getSummaries, {
      by: 'productId',
      max: 6,
      request: (ids) => ({ query: { ids } }),
      optional: true,
      timeoutMs: 250,
    });
    const prices = each(
      productIds,
      pricing.getMany.pick({ productId: true, now: true }),
      { profile },
      {
        by: 'productId',
        max: 6,
        request: (ids, { profile }) => ({ query: { ids, tier: profile?.tier } }),
        optional: true,
      },
    );
    return { profile, ordered, news, suggested, products, ratings, prices };
  })
  .respond(FeedPage, ({ input, profile, ordered, news, suggested, products, ratings, prices }) => {
    const orderCards = itemsOf(ordered).map(({ lines, placedAt, ...order }) => ({
      ...order,
      type: 'order' as const,
      at: placedAt,
      title: lines[0]?.title ?? '',
    }));
    const newsCards = itemsOf(news).map(({ createdAt, ...item }) => ({
      ...item,
      type: 'news' as const,
      at: createdAt,
    }));
    return {
      name: profile?.name ?? null,
      items: [...orderCards, ...newsCards].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)),
      suggestions: (suggested?.items ?? []).flatMap(({ productId, reason }) => {
        const product = products.get(productId);
        if (product === undefined) return [];
        return {
          ...product,
          imageUrl: product.images[0]?.url ?? null,
          reason,
          price: prices.get(productId)?.now ?? product.price,
          rating: ratings.get(productId) ?? null,
        };
      }),
      next: cursorAfter({
        orders: placeAfter(input.query.cursor?.orders, ordered),
        news: placeAfter(input.query.cursor?.news, news),
      }),
    };
  });

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

function itemsOf<Item>(page: Settled<Page<Item>> | undefined): readonly Item[] {
  return page?.ok === true ? page.value.items : [];
}

/** A source that was not asked has ended; one that failed is asked again from where it was. */
function placeAfter(
  before: z.output<typeof Place>,
  page: Settled<Page<unknown>> | undefined,
): z.output<typeof Place> {
  if (page === undefined) return null;
  return page.ok ? page.value.next : before;
}

function cursorAfter(position: z.output<typeof Position>): z.output<typeof Position> | null {
  return position.orders === null && position.news === null ? null : position;
}
