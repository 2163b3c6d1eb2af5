/**
 * A product, as the catalog service sends it.
 *
 * @module
 */
import * as z from 'zod';
import { Money, ProductId, Sku, Timestamp } from './common.ts';
import { component, type Immutable } from './component.ts';

/** `price` is the list price. `supplierCode` and `internalCost` are internal. */
export const Product = component(
  'Product',
  z.strictObject({
    id: ProductId,
    sku: Sku,
    title: z.string(),
    subtitle: z.string(),
    description: z.string().min(300).max(900),
    brand: z.string(),
    category: z.string(),
    categoryPath: z.array(z.string()).min(1),
    images: z.array(
      z.strictObject({
        url: z.url(),
        width: z.int().positive(),
        height: z.int().positive(),
        alt: z.string(),
      }),
    ),
    price: Money,
    rating: z.strictObject({ average: z.number().min(0).max(5), count: z.int().nonnegative() }),
    attributes: z.array(z.strictObject({ name: z.string(), value: z.string() })),
    tags: z.array(z.string()),
    seo: z.strictObject({ title: z.string(), description: z.string(), canonicalPath: z.string() }),
    weightGrams: z.int().positive(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    supplierCode: z.string(),
    internalCost: Money,
  }),
);
export type Product = Immutable<z.infer<typeof Product>>;
