import { z } from 'zod';
import { Address } from './upstreams/address.ts';
import { Money } from './upstreams/money.ts';

/** An order as partners get it, when they place it and when they read it again. */
export const OrderDocument = z.object({
  id: z.string(),
  reference: z.string().nullable(),
  status: z.string(),
  placedAt: z.string(),
  updatedAt: z.string(),
  lines: z.array(
    z.object({ sku: z.string(), title: z.string(), quantity: z.number().int(), unitPrice: Money }),
  ),
  total: Money,
  shippingAddress: Address,
});
