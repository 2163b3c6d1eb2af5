/**
 * The price of a product for a tier, as the pricing service sends it.
 *
 * @module
 */
import * as z from 'zod';
import { Money, ProductId, Timestamp } from './common.ts';
import { component, type Immutable } from './component.ts';

/** `now` is what the customer pays, never more than `list`. `marginPercent` is internal. */
export const Price = component(
  'Price',
  z.strictObject({
    productId: ProductId,
    list: Money,
    now: Money,
    discountPercent: z.int().min(0).max(100),
    promotion: z.string().nullable(),
    validUntil: Timestamp,
    marginPercent: z.number(),
  }),
);
export type Price = Immutable<z.infer<typeof Price>>;
