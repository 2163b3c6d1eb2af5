/**
 * The stock of a sku, as the inventory service sends it.
 *
 * @module
 */
import * as z from 'zod';
import { ProductId, Sku, Timestamp } from './common.ts';
import { component, type Immutable } from './component.ts';

/** `available` is the sum over the warehouses. `restockAt` is null while there is plenty. */
export const Stock = component(
  'Stock',
  z.strictObject({
    sku: Sku,
    productId: ProductId,
    available: z.int().nonnegative(),
    reserved: z.int().nonnegative(),
    status: z.enum(['in_stock', 'low', 'out_of_stock']),
    warehouses: z.array(z.strictObject({ code: z.string(), available: z.int().nonnegative() })),
    restockAt: Timestamp.nullable(),
    updatedAt: Timestamp,
  }),
);
export type Stock = Immutable<z.infer<typeof Stock>>;
