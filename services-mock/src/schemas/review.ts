/**
 * A review and the summary of a product's reviews, as the reviews service sends them.
 *
 * @module
 */
import * as z from 'zod';
import { ProductId, ReviewId, Timestamp, UserId } from './common.ts';
import { component, type Immutable } from './component.ts';

/** `verified` says that the author bought the product. `moderationNote` is internal. */
export const Review = component(
  'Review',
  z.strictObject({
    id: ReviewId,
    productId: ProductId,
    userId: UserId,
    author: z.string(),
    rating: z.int().min(1).max(5),
    title: z.string(),
    body: z.string().min(80).max(600),
    helpful: z.int().nonnegative(),
    verified: z.boolean(),
    createdAt: Timestamp,
    moderationNote: z.string(),
  }),
);
export type Review = Immutable<z.infer<typeof Review>>;

/** How often each rating was given. */
const Histogram = z.strictObject({
  '1': z.int().nonnegative(),
  '2': z.int().nonnegative(),
  '3': z.int().nonnegative(),
  '4': z.int().nonnegative(),
  '5': z.int().nonnegative(),
});

/** `average` has one decimal, and is 0 when nobody reviewed the product. */
export const ReviewSummary = component(
  'ReviewSummary',
  z.strictObject({
    productId: ProductId,
    average: z.number().min(0).max(5),
    count: z.int().nonnegative(),
    histogram: Histogram,
  }),
);
export type ReviewSummary = Immutable<z.infer<typeof ReviewSummary>>;
