/**
 * The inventory service: how much of a sku there is, and where.
 *
 * @module
 */
import * as z from 'zod';
import { indexBy } from '../data/index-by.ts';
import type { World } from '../data/world.ts';
import { IdList, lookUp } from '../rest/batch.ts';
import { AnyId } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import { Stock } from '../schemas/stock.ts';

/** The routes of the inventory service. */
export function inventoryService({ stock }: World): readonly Route[] {
  const bySku = indexBy(stock, ({ sku }) => sku);
  return [
    route({
      method: 'get',
      path: '/stock/batch',
      operationId: 'getStocks',
      summary: 'The stock of several skus at once',
      query: { ids: IdList },
      status: 200,
      answer: z.array(Stock),
      errors: [],
      handle: ({ query }) => lookUp(query.ids, (sku) => bySku.get(sku)),
    }),
    route({
      method: 'get',
      path: '/stock/:sku',
      operationId: 'getStock',
      summary: 'The stock of one sku',
      params: { sku: AnyId },
      status: 200,
      answer: Stock,
      errors: [404],
      handle: ({ params }) => found(bySku.get(params.sku), 'sku'),
    }),
  ];
}
