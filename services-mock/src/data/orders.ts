/**
 * Makes the orders of the last eighteen months. Old ones have arrived, those of the last days are on their way.
 *
 * @module
 */
import type { Order, OrderLine } from '../schemas/order.ts';
import type { User } from '../schemas/user.ts';
import { ACCOUNTS } from './accounts.ts';
import { NEWEST_PRODUCT_MS, type ProductDraft } from './products.ts';
import { at, createRandom, type Random } from './random.ts';
import { DAY_MS, EPOCH_MS, MINUTE_MS, timestamp } from './time.ts';

/** The warehouses that goods lie in and leave from. */
export const WAREHOUSES: readonly string[] = ['LYS1', 'ROT2', 'WAW1', 'MAD1'];

/** The last users have not ordered anything yet. */
const NEWCOMERS = 12;

/** What orders are made from. */
export interface OrderWorld {
  readonly users: readonly User[];
  readonly products: readonly ProductDraft[];
}

/** Makes `count` orders, newest first. */
export function buildOrders(seed: number, count: number, world: OrderWorld): readonly Order[] {
  const random = createRandom(seed, 'orders');
  const moments = Array.from({ length: count }, () =>
    random.int(NEWEST_PRODUCT_MS, EPOCH_MS - MINUTE_MS),
  ).sort((a, b) => a - b);
  const customers = random.sample(buyers(random, count, world.users), count);
  const orders = moments.map((placedMs, index) =>
    buildOrder(random, { placedMs, number: index + 1, customer: at(customers, index), world }),
  );
  return orders.reverse();
}

/** One customer per order: the known accounts get their share, some people buy a lot, newcomers nothing. */
function buyers(random: Random, count: number, users: readonly User[]): readonly User[] {
  const known = ACCOUNTS.flatMap(({ orders }, index) =>
    Array.from({ length: orders }, () => at(users, index)),
  );
  const others = users.slice(ACCOUNTS.length, -NEWCOMERS);
  const rest = Array.from({ length: count - known.length }, () =>
    at(others, Math.floor(random.next() ** 1.6 * others.length)),
  );
  return [...known, ...rest];
}

interface OrderSlot {
  readonly placedMs: number;
  readonly number: number;
  readonly customer: User;
  readonly world: OrderWorld;
}

function buildOrder(random: Random, { placedMs, number, customer, world }: OrderSlot): Order {
  const lines = random
    .sample(popular(random, world.products), random.pick([1, 1, 1, 2, 2, 3, 3, 4, 5]))
    .map((product) => buildLine(random, product));
  const ageMs = EPOCH_MS - placedMs;
  const updatedMs = placedMs + random.int(0, Math.min(ageMs, 6 * DAY_MS));
  return {
    id: `ord_${String(number).padStart(6, '0')}`,
    customerId: customer.id,
    status: statusAfter(random, ageMs / DAY_MS),
    placedAt: timestamp(placedMs),
    updatedAt: timestamp(updatedMs),
    lines,
    productIds: lines.map(({ productId }) => productId),
    total: totalOf(lines),
    shippingAddress: customer.address,
    reference: random.chance(0.12) ? `PO-${random.int(10_000, 99_999)}` : null,
    warehouse: random.pick(WAREHOUSES),
    fraudScore: random.int(0, 40) / 100,
  };
}

/** A handful of products that an order may be made of, the first of the catalog more often than the last. */
function popular(random: Random, products: readonly ProductDraft[]): readonly ProductDraft[] {
  const positions = Array.from({ length: 8 }, () => Math.floor(random.next() ** 1.5 * products.length));
  return [...new Set(positions)].map((position) => at(products, position));
}

function buildLine(random: Random, product: ProductDraft): OrderLine {
  return {
    productId: product.id,
    sku: product.sku,
    title: product.title,
    quantity: random.pick([1, 1, 1, 1, 1, 2, 2, 3]),
    unitPrice: product.price,
  };
}

/** The sum of the lines. */
export function totalOf(lines: readonly OrderLine[]): Order['total'] {
  const amount = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0);
  return { amount, currency: 'EUR' };
}

function statusAfter(random: Random, ageDays: number): Order['status'] {
  if (random.chance(0.04)) return 'cancelled';
  if (ageDays < 1) return 'placed';
  if (ageDays < 3) return 'paid';
  if (ageDays < 9) return 'shipped';
  return 'delivered';
}
