import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { catalog } from '../upstreams/catalog.ts';
import { Id } from '../upstreams/id.ts';
import { orders } from '../upstreams/orders.ts';

const CartView = z.object({
  items: z.array(
    z.object({ productId: z.string(), quantity: z.number().int(), title: z.string().nullable() }),
  ),
});

export const addCartItem = endpoint('POST', '/api/cart/items', {
  summary: 'Puts a product into the caller’s cart.',
  access: scopes('cart:write'),
  body: z.strictObject({ productId: Id, quantity: z.number().int().min(1).max(99) }),
  deadlineMs: 1_500,
  status: 201,
})
  .plan(({ call, derive, each }) => {
    const cart = call(orders.addCartItem, ({ principal, input }) => ({
      params: { customerId: principal.subject },
      body: input.body,
    }));
    const productIds = derive({ cart }, ({ cart }) => cart.items.map(({ productId }) => productId));
    const products = each(productIds, catalog.getMany.pick({ id: true, title: true }), {
      by: 'id',
      max: 100,
      request: (ids) => ({ query: { ids } }),
      optional: true,
    });
    return { cart, products };
  })
  .respond(CartView, ({ cart, products }) => ({
    items: cart.items.map((item) => ({ ...item, title: products.get(item.productId)?.title ?? null })),
  }));
