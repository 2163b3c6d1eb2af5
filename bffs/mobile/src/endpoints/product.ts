import { endpoint, signedIn } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { Id } from '../upstreams/id.ts';
import { inventory } from '../upstreams/inventory.ts';
import { keptProduct, keptProfile } from '../upstreams/kept.ts';
import { Money } from '../upstreams/money.ts';
import { pricing } from '../upstreams/pricing.ts';
import { reviews } from '../upstreams/reviews.ts';
import { users } from '../upstreams/users.ts';

const ProductScreen = z.object({
  id: z.string(),
  title: z.string(),
  subtitle: z.string(),
  description: z.string(),
  brand: z.string(),
  imageUrls: z.array(z.string()),
  rating: z.object({ average: z.number(), count: z.number().int() }),
  price: z.object({ list: Money, now: Money, promotion: z.string().nullable() }),
  stock: z.string().nullable(),
  reviews: z.array(
    z.object({ id: z.string(), author: z.string(), rating: z.number().int(), title: z.string() }),
  ),
});

export const product = endpoint('GET', '/v1/products/:id', {
  summary: 'A product with the caller’s price, its stock and the latest reviews.',
  access: signedIn(),
  params: z.object({ id: Id }),
  deadlineMs: 1_000,
  budget: { bytes: 2_048 },
  fields: true,
})
  .plan(({ call, optional }) => {
    const item = call(
      catalog.get.pick({
        id: true,
        sku: true,
        title: true,
        subtitle: true,
        description: true,
        brand: true,
        images: { url: true },
        price: true,
        rating: true,
      }),
      ({ input }) => ({ params: { id: input.params.id } }),
      { cache: keptProduct },
    );
    const member = optional(
      users.get.pick({ tier: true }),
      ({ principal }) => ({ params: { id: principal.subject } }),
      { timeoutMs: 250, fallback: () => ({ tier: 'basic' }), cache: keptProfile },
    );
    const price = optional(
      pricing.get.pick({ now: true, promotion: true }),
      { member },
      ({ member, input }) => ({ params: { productId: input.params.id }, query: { tier: member.tier } }),
    );
    const stock = optional(inventory.get, { item }, ({ item }) => ({ params: { sku: item.sku } }), {
      timeoutMs: 250,
    });
    const latest = optional(
      reviews.list,
      ({ input }) => ({ query: { product: input.params.id, limit: 3 } }),
      { fallback: () => ({ items: [] }) },
    );
    return { item, member, price, stock, latest };
  })
  .respond(ProductScreen, ({ item, price, stock, latest }) => ({
    ...item,
    imageUrls: item.images.map(({ url }) => url).slice(0, 3),
    price: { list: item.price, ...(price.ok ? price.value : { now: item.price, promotion: null }) },
    stock: stock.ok ? stock.value.status : null,
    reviews: latest.items,
  }));
