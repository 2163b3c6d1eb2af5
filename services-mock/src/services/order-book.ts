/**
 * The orders of one running shop: those of the world, and those placed since it started.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { indexBy } from '../data/index-by.ts';
import { totalOf, WAREHOUSES } from '../data/orders.ts';
import { priceOf } from '../data/prices.ts';
import { at } from '../data/random.ts';
import type { World } from '../data/world.ts';
import { known, ServiceError } from '../rest/service-error.ts';
import type { Address } from '../schemas/common.ts';
import type { Order, OrderLine } from '../schemas/order.ts';
import type { User } from '../schemas/user.ts';

/** What somebody wants to order. */
export interface OrderRequest {
  readonly customerId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly reference?: string | undefined;
  /** The customer's own address unless given. */
  readonly shippingAddress?: Address | undefined;
}

/** Hears what happens to orders. */
export interface OrderListener {
  /** An order was placed; `pay` moves it on. */
  readonly placed: (pay: () => void) => void;
  readonly updated: (order: Order) => void;
}

/** Nobody listens. */
const deafToOrders: OrderListener = { placed: () => {}, updated: () => {} };

/** Where orders are kept. */
export interface OrderBook {
  readonly get: (id: string) => Order | undefined;
  /** The orders of a customer, newest first. */
  readonly of: (customerId: string) => readonly Order[];
  /** Places an order, or finds the one that the same key placed; throws a 422 for what cannot be ordered. */
  readonly place: (request: OrderRequest, idempotencyKey: string | undefined) => Order;
  /** Moves an order on; throws a 409 for a step that there is not. */
  readonly move: (order: Order, status: Order['status']) => Order;
}

/** The steps of an order. */
const STEPS: Readonly<Record<Order['status'], readonly Order['status'][]>> = {
  placed: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
};

/** Opens a book with the orders of the world in it. */
export function createOrderBook(
  world: World,
  now: () => string,
  listener: OrderListener = deafToOrders,
): OrderBook {
  const users = indexBy(world.users, ({ id }) => id);
  const products = indexBy(world.products, ({ sku }) => sku);
  const promotions = indexBy(world.promotions, ({ productId }) => productId);
  const byId = new Map(world.orders.map((order) => [order.id, order]));
  const byCustomer = Map.groupBy(world.orders, ({ customerId }) => customerId);
  const byKey = new Map<string, { readonly request: string; readonly order: Order }>();

  function place(request: OrderRequest): Order {
    const customer = known(users.get(request.customerId), 'customer');
    const placedAt = now();
    const lines = request.lines.map((line) => buildLine(line, customer));
    const order: Order = {
      id: `ord_${String(byId.size + 1).padStart(6, '0')}`,
      customerId: customer.id,
      status: 'placed',
      placedAt,
      updatedAt: placedAt,
      lines,
      productIds: [...new Set(lines.map(({ productId }) => productId))],
      total: totalOf(lines),
      shippingAddress: request.shippingAddress ?? customer.address,
      reference: request.reference ?? null,
      warehouse: at(WAREHOUSES, byId.size % WAREHOUSES.length),
      fraudScore: 0.02,
    };
    byId.set(order.id, order);
    byCustomer.set(customer.id, [order, ...(byCustomer.get(customer.id) ?? [])]);
    listener.placed(() => {
      const now = byId.get(order.id);
      if (now?.status === 'placed') move(now, 'paid');
    });
    return order;
  }

  function move(order: Order, status: Order['status']): Order {
    if (!STEPS[order.status].includes(status))
      throw new ServiceError(
        409,
        'order_state',
        `An order that is ${order.status} cannot be ${status} next.`,
      );
    const moved: Order = { ...order, status, updatedAt: now() };
    byId.set(order.id, moved);
    const others = byCustomer.get(order.customerId) ?? [];
    byCustomer.set(
      order.customerId,
      others.map((each) => (each.id === order.id ? moved : each)),
    );
    listener.updated(moved);
    return moved;
  }

  function placeOnce(request: OrderRequest, key: string): Order {
    const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    const earlier = byKey.get(key);
    if (earlier === undefined) {
      const order = place(request);
      byKey.set(key, { request: fingerprint, order });
      return order;
    }
    if (earlier.request === fingerprint) return earlier.order;
    throw new ServiceError(422, 'idempotency_key_reused', 'This key was used for a different order.');
  }

  function buildLine({ sku, quantity }: OrderRequest['lines'][number], { tier }: User): OrderLine {
    const product = known(products.get(sku), 'sku');
    const { now: unitPrice } = priceOf(product, tier, promotions.get(product.id));
    return { productId: product.id, sku, title: product.title, quantity, unitPrice };
  }

  return {
    get: (id) => byId.get(id),
    of: (customerId) => byCustomer.get(customerId) ?? [],
    move,
    place: (request, key) => (key === undefined ? place(request) : placeOnce(request, key)),
  };
}
