/**
 * What the recommendations service sends: products for a person, products like a product.
 *
 * @module
 */
import * as z from 'zod';
import { ProductId, Timestamp, UserId } from './common.ts';
import { component, type Immutable } from './component.ts';

/** Best first. `model` is internal. */
export const Recommendations = component(
  'Recommendations',
  z.strictObject({
    userId: UserId,
    items: z.array(
      z.strictObject({ productId: ProductId, score: z.number().min(0).max(1), reason: z.string() }),
    ),
    model: z.string(),
    generatedAt: Timestamp,
  }),
);
export type Recommendations = Immutable<z.infer<typeof Recommendations>>;

/** Products like this one, the closest first. */
export const RelatedProducts = component(
  'RelatedProducts',
  z.strictObject({
    productId: ProductId,
    items: z.array(z.strictObject({ productId: ProductId, score: z.number().min(0).max(1) })),
  }),
);
export type RelatedProducts = Immutable<z.infer<typeof RelatedProducts>>;
