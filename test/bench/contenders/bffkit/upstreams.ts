/**
 * The services as bffkit knows them: contracts with everything they answer.
 *
 * @module
 */
import { bind, get, type UpstreamBinding, upstream } from 'bffkit';
import { z } from 'zod';
import type { Assignment } from '../gateway.ts';

export const Money = z.object({ amount: z.number().int(), currency: z.string() });

const Address = z.object({ line1: z.string(), city: z.string(), postcode: z.string(), country: z.string() });

const Profile = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  phone: z.string(),
  locale: z.string(),
  tier: z.string(),
  avatarUrl: z.string(),
  addresses: z.array(Address),
  loyalty: z.object({ points: z.number().int(), since: z.string(), level: z.string() }),
  interests: z.array(z.string()),
  createdAt: z.string(),
});

export const Product = z.object({
  id: z.string(),
  sku: z.string(),
  title: z.string(),
  subtitle: z.string(),
  description: z.string(),
  brand: z.string(),
  categoryPath: z.array(z.string()),
  images: z.array(z.object({ url: z.string(), width: z.number().int(), height: z.number().int() })),
  price: Money,
  rating: z.object({ average: z.number(), count: z.number().int() }),
  attributes: z.array(z.object({ name: z.string(), value: z.string() })),
  available: z.boolean(),
});

export const Order = z.object({
  id: z.string(),
  customerId: z.string(),
  status: z.string(),
  placedAt: z.string(),
  lines: z.array(
    z.object({ productId: z.string(), title: z.string(), quantity: z.number().int(), unitPrice: Money }),
  ),
  total: Money,
  shippingAddress: Address,
  tracking: z.object({ carrier: z.string(), code: z.string(), url: z.string() }).nullable(),
});

export const Recommendation = z.object({
  productId: z.string(),
  title: z.string(),
  imageUrl: z.string(),
  reason: z.string(),
  score: z.number(),
  price: Money,
});

const Review = z.object({
  id: z.string(),
  author: z.string(),
  rating: z.number().int(),
  title: z.string(),
  text: z.string(),
  helpful: z.number().int(),
  verified: z.boolean(),
  createdAt: z.string(),
});

const Notification = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  text: z.string(),
  link: z.string(),
  icon: z.string(),
  read: z.boolean(),
  createdAt: z.string(),
});

const Price = z.object({
  productId: z.string(),
  list: Money,
  now: Money,
  discountPercent: z.number().int(),
  promotion: z.string().nullable(),
  validUntil: z.string(),
});

export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable(), total: z.number().int() });
}

export const product = upstream('product', { operations: { get: get('/product', { response: Product }) } });
export const profile = upstream('profile', { operations: { get: get('/profile', { response: Profile }) } });
export const orders = upstream('orders', {
  operations: { list: get('/orders', { response: page(Order) }) },
});
export const products = upstream('products', {
  operations: { list: get('/products', { response: page(Product) }) },
});
export const account = upstream('account', { operations: { get: get('/account', { response: Profile }) } });
export const purchases = upstream('purchases', {
  operations: { list: get('/purchases', { response: page(Order) }) },
});
export const recommendations = upstream('recommendations', {
  operations: { list: get('/recommendations', { response: page(Recommendation) }) },
});
export const reviews = upstream('reviews', {
  operations: { list: get('/reviews', { response: page(Review) }) },
});
export const notifications = upstream('notifications', {
  operations: { list: get('/notifications', { response: page(Notification) }) },
});
export const prices = upstream('prices', { operations: { list: get('/prices', { response: page(Price) }) } });

/** Without what can be switched off: no further attempt, no target left alone. */
const bare = { retry: { attempts: 0 }, outlier: false } as const;

/** Binds every contract to its service, with a timeout and, unless `isBare`, every default. */
export function bindUpstreams({ services }: Assignment, isBare = false): UpstreamBinding[] {
  const more = isBare ? bare : {};
  const at = (url: string) => ({ targets: new URL(url).origin, timeoutMs: 20_000, ...more });
  return [
    bind(product, at(services.product)),
    bind(profile, at(services.profile)),
    bind(orders, at(services.orders)),
    bind(products, at(services.products)),
    bind(account, at(services.account)),
    bind(purchases, at(services.purchases)),
    bind(recommendations, at(services.recommendations)),
    bind(reviews, at(services.reviews)),
    bind(notifications, at(services.notifications)),
    bind(prices, at(services.prices)),
  ];
}
