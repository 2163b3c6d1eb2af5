import { anyone, endpoint, PageHints } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { Id } from '../upstreams/id.ts';
import { inventory } from '../upstreams/inventory.ts';
import { keptProduct, keptProfile } from '../upstreams/kept.ts';
import { Money } from '../upstreams/money.ts';
import { pricing } from '../upstreams/pricing.ts';
import { recommendations } from '../upstreams/recommendations.ts';
import { reviews } from '../upstreams/reviews.ts';
import { users } from '../upstreams/users.ts';
import { productMeta } from './product-meta.ts';

const ProductPage = z.object({
  id: z.string(),
  title: z.string(),
  subtitle: z.string(),
  description: z.string(),
  brand: z.string(),
  categoryPath: z.array(z.string()),
  images: z.array(z.object({ url: z.string(), width: z.number(), height: z.number(), alt: z.string() })),
  attributes: z.array(z.object({ name: z.string(), value: z.string() })),
  rating: z.object({ average: z.number(), count: z.number().int() }),
  price: z.object({ list: Money, now: Money, promotion: z.string().nullable() }),
  stock: z
    .object({ status: z.string(), available: z.number().int(), restockAt: z.string().nullable() })
    .nullable(),
  reviews: z.array(
    z.object({
      id: z.string(),
      author: z.string(),
      rating: z.number(),
      title: z.string(),
      body: z.string(),
      verified: z.boolean(),
      createdAt: z.string(),
    }),
  ),
  related: z.array(
    z.object({ id: z.string(), title: z.string(), price: Money, imageUrl: z.string().nullable() }),
  ),
  html: PageHints,
});

export const product = endpoint('GET', '/api/products/:id', {
  summary: 'The product page: the product with its price, stock, reviews and related products.',
  access: anyone(),
  params: z.object({ id: Id }),
  query: z.object({ reviews: z.coerce.number().int().min(0).max(20).default(5) }),
  deadlineMs: 1_500,
  slo: { availability: 99.9, latency: { p: 99, ms: 500 } },
})
  .plan(({ call, optional, each, when, derive }) => {
    const item = call(
      catalog.get.pick({
        id: true,
        sku: true,
        title: true,
        subtitle: true,
        description: true,
        brand: true,
        categoryPath: true,
        images: true,
        attributes: true,
        rating: true,
        price: true,
        seo: true,
      }),
      ({ input }) => ({ params: { id: input.params.id } }),
      { cache: keptProduct },
    );
    const member = when(
      {},
      ({ principal }) => principal !== undefined,
      optional(
        users.get.pick({ tier: true }),
        ({ principal }) => ({ params: { id: principal?.subject ?? '' } }),
        { timeoutMs: 250, fallback: () => ({ tier: 'basic' }), cache: keptProfile },
      ),
    );
    const price = optional(
      pricing.get.pick({ list: true, now: true, promotion: true }),
      { member },
      ({ member, input }) => ({ params: { productId: input.params.id }, query: { tier: member?.tier } }),
    );
    const stock = optional(
      inventory.get.pick({ status: true, available: true, restockAt: true }),
      { item },
      ({ item }) => ({ params: { sku: item.sku } }),
    );
    const latest = when(
      {},
      ({ input }) => input.query.reviews > 0,
      optional(
        reviews.list,
        ({ input }) => ({ query: { product: input.params.id, limit: input.query.reviews } }),
        { fallback: () => ({ items: [] }) },
      ),
    );
    const similar = optional(
      recommendations.related,
      ({ input }) => ({ params: { productId: input.params.id }, query: { limit: 6 } }),
      {
        fallback: () => ({ items: [] }),
        cache: { scope: 'public', ttlMs: 300_000, swrMs: 3_600_000, tags: ['recommendations'] },
      },
    );
    const similarIds = derive({ similar }, ({ similar }) => similar.items.map(({ productId }) => productId));
    const related = each(
      similarIds,
      catalog.getMany.pick({ id: true, title: true, price: true, images: { url: true } }),
      {
        by: 'id',
        max: 6,
        request: (ids) => ({ query: { ids } }),
        optional: true,
        cache: { scope: 'public', ttlMs: 60_000, swrMs: 300_000, tags: ['catalog'] },
      },
    );
    return { item, member, price, stock, latest, similar, related };
  })
  .respond(ProductPage, ({ item, price, stock, latest, similar, related }) => ({
    ...item,
    price: price.ok ? price.value : { list: item.price, now: item.price, promotion: null },
    stock: stock.ok ? stock.value : null,
    reviews: latest?.items ?? [],
    related: similar.items.flatMap(({ productId }) => {
      const other = related.get(productId);
      return other === undefined ? [] : [{ ...other, imageUrl: other.images[0]?.url ?? null }];
    }),
    html: { meta: productMeta(item, item.price), preload: [] },
  }));
