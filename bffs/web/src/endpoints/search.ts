import { anyone, endpoint, nextCursor, pageQuery } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { keptProfile } from '../upstreams/kept.ts';
import { Money } from '../upstreams/money.ts';
import { pricing } from '../upstreams/pricing.ts';
import { users } from '../upstreams/users.ts';

const SearchResults = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      subtitle: z.string(),
      brand: z.string(),
      imageUrl: z.string().nullable(),
      rating: z.object({ average: z.number(), count: z.number().int() }),
      price: Money,
      promotion: z.string().nullable(),
    }),
  ),
  facets: z.array(z.object({ category: z.string(), count: z.number().int() })),
  total: z.number().int(),
  next: nextCursor().nullable(),
});

export const search = endpoint('GET', '/api/search', {
  summary: 'Products that match a text, with the caller’s prices.',
  access: anyone(),
  query: z.object({
    q: z.string().trim().min(1).max(100),
    ...pageQuery(),
  }),
  deadlineMs: 1_000,
  slo: { availability: 99.5 },
  cost: 2,
})
  .plan(({ call, optional, derive, each, when }) => {
    const found = call(
      catalog.search.pick({
        items: {
          id: true,
          title: true,
          subtitle: true,
          brand: true,
          images: { url: true },
          rating: true,
          price: true,
        },
        facets: true,
        total: true,
        next: true,
      }),
      ({ input }) => ({ query: input.query }),
      {
        cache: { scope: 'public', ttlMs: 30_000, swrMs: 60_000, staleIfErrorMs: 600_000, tags: ['catalog'] },
      },
    );
    const ids = derive({ found }, ({ found }) => found.items.map(({ id }) => id));
    const member = when(
      {},
      ({ principal }) => principal !== undefined,
      optional(
        users.get.pick({ tier: true }),
        ({ principal }) => ({ params: { id: principal?.subject ?? '' } }),
        { timeoutMs: 250, fallback: () => ({ tier: 'basic' }), cache: keptProfile },
      ),
    );
    const prices = each(
      ids,
      pricing.getMany.pick({ productId: true, now: true, promotion: true }),
      { member },
      {
        by: 'productId',
        max: 50,
        request: (ids, { member }) => ({ query: { ids, tier: member?.tier } }),
        optional: true,
      },
    );
    return { found, member, prices };
  })
  .respond(SearchResults, ({ found, prices }) => ({
    ...found,
    items: found.items.map(({ images, ...item }) => {
      const price = prices.get(item.id);
      return {
        ...item,
        imageUrl: images[0]?.url ?? null,
        price: price?.now ?? item.price,
        promotion: price?.promotion ?? null,
      };
    }),
  }));
