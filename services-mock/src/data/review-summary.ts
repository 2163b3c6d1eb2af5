/**
 * Counts reviews: the summary of a product, and from it the rating that the catalog shows.
 *
 * @module
 */
import type { Product } from '../schemas/product.ts';
import type { Review, ReviewSummary } from '../schemas/review.ts';
import type { ProductDraft } from './products.ts';

/** Counts the reviews of one product. */
export function summarise(productId: string, reviews: readonly Review[]): ReviewSummary {
  const times = (stars: number): number => reviews.filter(({ rating }) => rating === stars).length;
  const sum = reviews.reduce((total, { rating }) => total + rating, 0);
  return {
    productId,
    average: reviews.length === 0 ? 0 : Math.round((sum / reviews.length) * 10) / 10,
    count: reviews.length,
    histogram: { '1': times(1), '2': times(2), '3': times(3), '4': times(4), '5': times(5) },
  };
}

/** Completes products with the ratings that their reviews give. */
export function rateProducts(
  drafts: readonly ProductDraft[],
  reviews: readonly Review[],
): readonly Product[] {
  const byProduct = Map.groupBy(reviews, ({ productId }) => productId);
  return drafts.map((draft) => {
    const { average, count } = summarise(draft.id, byProduct.get(draft.id) ?? []);
    return { ...draft, rating: { average, count } };
  });
}
