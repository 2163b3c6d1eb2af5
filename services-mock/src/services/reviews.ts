/**
 * The reviews service: what customers write about products.
 *
 * @module
 */
import * as z from 'zod';
import { summarise } from '../data/review-summary.ts';
import type { World } from '../data/world.ts';
import { IdList, lookUp } from '../rest/batch.ts';
import { AnyId, pageOf, pageQuery, paginate } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import { component } from '../schemas/component.ts';
import { Review, ReviewSummary } from '../schemas/review.ts';

const ReviewPage = component('ReviewPage', pageOf(Review));

/** The routes of the reviews service. */
export function reviewsService({ products, reviews }: World): readonly Route[] {
  const byProduct = Map.groupBy(reviews, ({ productId }) => productId);
  const summaries = new Map(products.map(({ id }) => [id, summarise(id, byProduct.get(id) ?? [])]));
  return [
    route({
      method: 'get',
      path: '/reviews',
      operationId: 'listReviews',
      summary: 'The reviews of a product, newest first',
      query: { ...pageQuery, product: AnyId },
      status: 200,
      answer: ReviewPage,
      errors: [],
      handle: ({ query }) => paginate(byProduct.get(query.product) ?? [], query),
    }),
    route({
      method: 'get',
      path: '/summaries/batch',
      operationId: 'getReviewSummaries',
      summary: 'The review summaries of several products at once',
      query: { ids: IdList },
      status: 200,
      answer: z.array(ReviewSummary),
      errors: [],
      handle: ({ query }) => lookUp(query.ids, (id) => summaries.get(id)),
    }),
    route({
      method: 'get',
      path: '/summaries/:productId',
      operationId: 'getReviewSummary',
      summary: 'The review summary of one product',
      params: { productId: AnyId },
      status: 200,
      answer: ReviewSummary,
      errors: [404],
      handle: ({ params }) => found(summaries.get(params.productId), 'product'),
    }),
  ];
}
