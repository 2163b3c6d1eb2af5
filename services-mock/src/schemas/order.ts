/**
 * An order and a cart, as the orders service sends them.
 *
 * @module
 */
import * as z from 'zod';
import { Address, Money, OrderId, ProductId, Sku, Timestamp, UserId } from './common.ts';
import { component, type Immutable } from './component.ts';

/** One product in an order, with the title and the price of the day it was ordered. */
export const OrderLine = component(
  'OrderLine',
  z.strictObject({
    productId: ProductId,
    sku: Sku,
    title: z.string(),
    quantity: z.int().positive(),
    unitPrice: Money,
  }),
);
export type OrderLine = Immutable<z.infer<typeof OrderLine>>;

/** `total` is the sum of the lines. `warehouse` and `fraudScore` are internal. */
export const Order = component(
  'Order',
  z.strictObject({
    id: OrderId,
    customerId: UserId,
    status: z.enum(['placed', 'paid', 'shipped', 'delivered', 'cancelled']),
    placedAt: Timestamp,
    updatedAt: Timestamp,
    lines: z.array(OrderLine).min(1),
    productIds: z.array(ProductId).min(1),
    total: Money,
    shippingAddress: Address,
    reference: z.string().nullable(),
    warehouse: z.string(),
    fraudScore: z.number().min(0).max(1),
  }),
);
export type Order = Immutable<z.infer<typeof Order>>;

/** What a customer has put aside to order. */
export const Cart = component(
  'Cart',
  z.strictObject({
    customerId: UserId,
    items: z.array(z.strictObject({ productId: ProductId, sku: Sku, quantity: z.int().positive() })),
    updatedAt: Timestamp,
  }),
);
export type Cart = Immutable<z.infer<typeof Cart>>;
