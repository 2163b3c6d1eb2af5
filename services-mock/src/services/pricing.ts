/**
 * The pricing service: what a product costs a customer of a tier today.
 *
 * @module
 */
import * as z from 'zod';
import { indexBy } from '../data/index-by.ts';
import { priceOf } from '../data/prices.ts';
import type { World } from '../data/world.ts';
import { IdList, lookUp } from '../rest/batch.ts';
import { AnyId } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import { Tier } from '../schemas/common.ts';
import { Price } from '../schemas/price.ts';

/** The routes of the pricing service. */
export function pricingService({ products, promotions }: World): readonly Route[] {
  const byId = indexBy(products, ({ id }) => id);
  const promotionOf = indexBy(promotions, ({ productId }) => productId);

  function price(productId: string, tier: Tier): Price | undefined {
    const product = byId.get(productId);
    return product && priceOf(product, tier, promotionOf.get(productId));
  }

  return [
    route({
      method: 'get',
      path: '/prices/batch',
      operationId: 'getPrices',
      summary: 'The prices of several products at once',
      query: { ids: IdList, tier: Tier.default('basic') },
      status: 200,
      answer: z.array(Price),
      errors: [],
      handle: ({ query }) => lookUp(query.ids, (id) => price(id, query.tier)),
    }),
    route({
      method: 'get',
      path: '/prices/:productId',
      operationId: 'getPrice',
      summary: 'The price of one product',
      params: { productId: AnyId },
      query: { tier: Tier.default('basic') },
      status: 200,
      answer: Price,
      errors: [404],
      handle: ({ params, query }) => found(price(params.productId, query.tier), 'product'),
    }),
  ];
}
