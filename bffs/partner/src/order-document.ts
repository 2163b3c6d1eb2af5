import { z } from 'zod';
import { Address } from './upstreams/address.ts';
import { stableId } from './upstreams/id.ts';
import { instant } from './upstreams/instant.ts';
import { Money } from './upstreams/money.ts';
import { OrderStatus } from './upstreams/statuses.ts';

const OrderLine = z.object({
  sku: z.string(),
  title: z.string().describe('Of the product as it was ordered.'),
  quantity: z.number().int(),
  unitPrice: Money,
});

/** An order as partners get it, when they place it and when they read it again. */
export const OrderDocument = z
  .object({
    id: stableId('the order'),
    reference: z.string().nullable().describe('What the partner calls it.'),
    status: OrderStatus,
    placedAt: instant('When it was placed.'),
    updatedAt: instant('When it changed last.'),
    lines: z.array(OrderLine),
    total: Money,
    shippingAddress: Address,
  })
  .meta({ id: 'Order', description: 'An order of the partner.' });
