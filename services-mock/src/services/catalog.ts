/**
 * The catalog service: what there is to buy, and a search over it.
 *
 * @module
 */
import * as z from 'zod';
import { indexBy } from '../data/index-by.ts';
import type { World } from '../data/world.ts';
import { IdList, lookUp } from '../rest/batch.ts';
import { AnyId, pageOf, pageQuery, paginate } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import { component } from '../schemas/component.ts';
import { Product } from '../schemas/product.ts';
import { createSearch } from './search.ts';

const ProductPage = component('ProductPage', pageOf(Product));

/** `total` and `facets` count all hits, not those of the page. */
export const SearchPage = component(
  'SearchPage',
  z.strictObject({
    ...pageOf(Product).shape,
    total: z.int().nonnegative(),
    facets: z.array(z.strictObject({ category: z.string(), count: z.int().positive() })),
  }),
);

/** The routes of the catalog service. */
export function catalogService({ products }: World): readonly Route[] {
  const byId = indexBy(products, ({ id }) => id);
  const search = createSearch(products);
  return [
    route({
      method: 'get',
      path: '/products',
      operationId: 'listProducts',
      summary: 'All products, or those of a category, by id',
      query: { ...pageQuery, category: AnyId.optional() },
      status: 200,
      answer: ProductPage,
      errors: [],
      handle: ({ query }) =>
        paginate(products, query, ({ category }) => category === (query.category ?? category)),
    }),
    route({
      method: 'get',
      path: '/products/batch',
      operationId: 'getProducts',
      summary: 'Several products at once',
      query: { ids: IdList },
      status: 200,
      answer: z.array(Product),
      errors: [],
      handle: ({ query }) => lookUp(query.ids, (id) => byId.get(id)),
    }),
    route({
      method: 'get',
      path: '/products/:id',
      operationId: 'getProduct',
      summary: 'One product',
      params: { id: AnyId },
      status: 200,
      answer: Product,
      etag: ({ updatedAt }) => `W/"${Date.parse(updatedAt).toString(36)}"`,
      errors: [404],
      handle: ({ params }) => found(byId.get(params.id), 'product'),
    }),
    route({
      method: 'get',
      path: '/search',
      operationId: 'searchProducts',
      summary: 'The products that contain every word, the best match first',
      query: { ...pageQuery, q: z.string().trim().min(1).max(100) },
      status: 200,
      answer: SearchPage,
      errors: [],
      handle: ({ query }) => {
        const { hits, facets } = search(query.q);
        return { ...paginate(hits, query), total: hits.length, facets };
      },
    }),
  ];
}
