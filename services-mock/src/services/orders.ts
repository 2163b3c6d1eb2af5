/**
 * The orders service: what customers have ordered. Carts are in `carts.ts`.
 *
 * @module
 */
import * as z from 'zod';
import { createShopClock } from '../data/time.ts';
import type { World } from '../data/world.ts';
import { AnyId, pageOf, pageQuery, paginate } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import { Address } from '../schemas/common.ts';
import { component } from '../schemas/component.ts';
import { Order } from '../schemas/order.ts';
import { cartRoutes } from './carts.ts';
import { createOrderBook, type OrderListener } from './order-book.ts';

const OrderPage = component('OrderPage', pageOf(Order));

/** The routes of the orders service. */
export function ordersService(world: World, listener?: OrderListener): readonly Route[] {
  const now = createShopClock();
  const book = createOrderBook(world, now, listener);
  return [
    route({
      method: 'get',
      path: '/orders',
      operationId: 'listOrders',
      summary: 'The orders of a customer, newest first',
      query: { ...pageQuery, customer: AnyId },
      status: 200,
      answer: OrderPage,
      errors: [],
      handle: ({ query }) => paginate(book.of(query.customer), query),
    }),
    route({
      method: 'get',
      path: '/orders/:id',
      operationId: 'getOrder',
      summary: 'One order',
      params: { id: AnyId },
      status: 200,
      answer: Order,
      errors: [404],
      handle: ({ params }) => found(book.get(params.id), 'order'),
    }),
    route({
      method: 'post',
      path: '/orders',
      operationId: 'createOrder',
      summary: 'Place an order; a repeated Idempotency-Key gets the first answer again',
      headers: { 'Idempotency-Key': z.string().min(1).max(255).optional() },
      body: {
        customerId: AnyId,
        lines: z
          .array(z.strictObject({ sku: AnyId, quantity: z.int().min(1).max(99) }))
          .min(1)
          .max(50),
        reference: z.string().min(1).max(80).optional(),
        shippingAddress: Address.optional(),
      },
      status: 201,
      answer: Order,
      errors: [422],
      handle: ({ body, headers }) => book.place(body, headers['Idempotency-Key']),
    }),
    route({
      method: 'post',
      path: '/orders/:id/status',
      operationId: 'moveOrder',
      summary: 'Move an order on: placed, paid, shipped, delivered; or cancelled before it is shipped',
      params: { id: AnyId },
      body: { status: Order.shape.status },
      status: 200,
      answer: Order,
      errors: [404, 409],
      handle: ({ params, body }) => book.move(found(book.get(params.id), 'order'), body.status),
    }),
    ...cartRoutes(world, now),
  ];
}
