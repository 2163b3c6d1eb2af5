/**
 * The carts of the orders service: every known user has one, empty until something is put in.
 *
 * @module
 */
import * as z from 'zod';
import { indexBy } from '../data/index-by.ts';
import { EPOCH_MS, timestamp } from '../data/time.ts';
import type { World } from '../data/world.ts';
import { AnyId } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found, known } from '../rest/service-error.ts';
import { Cart } from '../schemas/order.ts';

/** The routes of the carts of one running shop. */
export function cartRoutes(world: World, now: () => string): readonly Route[] {
  const users = indexBy(world.users, ({ id }) => id);
  const products = indexBy(world.products, ({ id }) => id);
  const carts = new Map<string, Cart>();

  function cartOf(userId: string): Cart {
    const { id } = found(users.get(userId), 'customer');
    return carts.get(id) ?? { customerId: id, items: [], updatedAt: timestamp(EPOCH_MS) };
  }

  return [
    route({
      method: 'get',
      path: '/carts/:customerId',
      operationId: 'getCart',
      summary: 'The cart of a customer',
      params: { customerId: AnyId },
      status: 200,
      answer: Cart,
      errors: [404],
      handle: ({ params }) => cartOf(params.customerId),
    }),
    route({
      method: 'post',
      path: '/carts/:customerId/items',
      operationId: 'addCartItem',
      summary: 'Put a product into the cart, or more of one that is in it',
      params: { customerId: AnyId },
      body: { productId: AnyId, quantity: z.int().min(1).max(99) },
      status: 201,
      answer: Cart,
      errors: [404, 422],
      handle: ({ params, body }) => {
        const cart = cartOf(params.customerId);
        const { id: productId, sku } = known(products.get(body.productId), 'product');
        const items = addItem(cart.items, { productId, sku, quantity: body.quantity });
        const changed = { ...cart, items, updatedAt: now() };
        carts.set(cart.customerId, changed);
        return changed;
      },
    }),
  ];
}

type Items = Cart['items'];

function addItem(items: Items, added: Items[number]): Items {
  if (!items.some(({ productId }) => productId === added.productId)) return [...items, added];
  return items.map((item) =>
    item.productId === added.productId ? { ...item, quantity: item.quantity + added.quantity } : item,
  );
}
