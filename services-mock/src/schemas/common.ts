/**
 * The vocabulary that all services of the company share: money, addresses, dates, ids.
 *
 * @module
 */
import * as z from 'zod';
import { component, type Immutable } from './component.ts';

/** An amount in minor units: 4990 is 49.90 euros. */
export const Money = component(
  'Money',
  z.strictObject({ amount: z.int().nonnegative(), currency: z.literal('EUR') }),
);
export type Money = Immutable<z.infer<typeof Money>>;

/** A postal address, country as ISO 3166-1 alpha-2. */
export const Address = component(
  'Address',
  z.strictObject({
    line1: z.string().min(1).max(120),
    city: z.string().min(1).max(80),
    postcode: z.string().min(1).max(12),
    country: z.string().regex(/^[A-Z]{2}$/),
  }),
);
export type Address = Immutable<z.infer<typeof Address>>;

/** A moment in UTC, ISO 8601. */
export const Timestamp = z.iso.datetime();

export const UserId = z.string().regex(/^usr_\d{4}$/);
export const ProductId = z.string().regex(/^prd_\d{5}$/);
export const OrderId = z.string().regex(/^ord_\d{6}$/);
export const ReviewId = z.string().regex(/^rev_\d{5}$/);
export const NotificationId = z.string().regex(/^ntf_\d{5}$/);
export const Sku = z.string().regex(/^SKU-\d{5}$/);

/** The membership of a customer; it decides the prices they see. */
export const Tier = z.enum(['basic', 'plus', 'pro']);
export type Tier = z.infer<typeof Tier>;
