/**
 * The recommendations service: what a customer may like, and what is like a product.
 *
 * @module
 */
import { indexBy } from '../data/index-by.ts';
import type { World } from '../data/world.ts';
import { AnyId, Limit } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import type { Product } from '../schemas/product.ts';
import { Recommendations, RelatedProducts } from '../schemas/recommendation.ts';

/** The routes of the recommendations service. */
export function recommendationsService({ products, recommendations }: World): readonly Route[] {
  const byUser = indexBy(recommendations, ({ userId }) => userId);
  const byId = indexBy(products, ({ id }) => id);
  const shelves = Map.groupBy(products, ({ category }) => category);
  return [
    route({
      method: 'get',
      path: '/recommendations/:userId',
      operationId: 'getRecommendations',
      summary: 'What a user may like, best first',
      params: { userId: AnyId },
      query: { limit: Limit },
      status: 200,
      answer: Recommendations,
      errors: [404],
      handle: ({ params, query }) => {
        const all = found(byUser.get(params.userId), 'user');
        return { ...all, items: all.items.slice(0, query.limit) };
      },
    }),
    route({
      method: 'get',
      path: '/related/:productId',
      operationId: 'getRelatedProducts',
      summary: 'Products of the same category, the closest in price first',
      params: { productId: AnyId },
      query: { limit: Limit },
      status: 200,
      answer: RelatedProducts,
      errors: [404],
      handle: ({ params, query }) => {
        const product = found(byId.get(params.productId), 'product');
        const items = relate(product, shelves.get(product.category) ?? []);
        return { productId: product.id, items: items.slice(0, query.limit) };
      },
    }),
  ];
}

function relate(product: Product, shelf: readonly Product[]): RelatedProducts['items'] {
  return shelf
    .filter(({ id }) => id !== product.id)
    .map(({ id, price }) => ({ productId: id, score: closeness(product.price.amount, price.amount) }))
    .sort((a, b) => b.score - a.score);
}

/** 1 for the same price, towards 0 the more one price is a multiple of the other. */
function closeness(one: number, other: number): number {
  return Math.round((Math.min(one, other) / Math.max(one, other)) * 1_000) / 1_000;
}
