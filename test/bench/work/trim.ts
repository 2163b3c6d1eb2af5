/**
 * The trimming, written by hand: what every contender without a mask does after `JSON.parse`.
 *
 * @module
 */
import type { Payloads } from './payloads.ts';

/** S2: three answers, of which a few fields are wanted. */
export type HomeParts = Pick<Payloads, 'profile' | 'orders' | 'products'>;

/** S3: six answers, of which half the fields are wanted. */
export type FeedParts = Pick<
  Payloads,
  'account' | 'purchases' | 'recommendations' | 'reviews' | 'notifications' | 'prices'
>;

/** The answer of S2. */
export function homeOf({ profile, orders, products }: HomeParts) {
  return {
    profile: { id: profile.id, name: profile.name, tier: profile.tier },
    orders: {
      items: orders.items.map(({ id, status, total }) => ({
        id,
        status,
        total: { amount: total.amount, currency: total.currency },
      })),
    },
    products: { items: products.items.map(({ id, title }) => ({ id, title })) },
  };
}

/** The answer of S3. */
export function feedOf(parts: FeedParts) {
  const { account, purchases, recommendations, reviews, notifications, prices } = parts;
  return {
    account: {
      id: account.id,
      name: account.name,
      tier: account.tier,
      loyalty: { points: account.loyalty.points, level: account.loyalty.level },
      addresses: account.addresses.map(({ line1, city }) => ({ line1, city })),
    },
    purchases: {
      items: purchases.items.map(({ id, status, placedAt, lines, total }) => ({
        id,
        status,
        placedAt,
        lines: lines.map(({ title, quantity }) => ({ title, quantity })),
        total: { amount: total.amount, currency: total.currency },
      })),
    },
    recommendations: {
      items: recommendations.items.map(({ productId, title, price }) => ({
        productId,
        title,
        price: { amount: price.amount, currency: price.currency },
      })),
    },
    reviews: {
      items: reviews.items.map(({ id, author, rating, text }) => ({ id, author, rating, text })),
    },
    notifications: {
      items: notifications.items.map(({ id, title, text, createdAt }) => ({ id, title, text, createdAt })),
    },
    prices: {
      items: prices.items.map(({ productId, now, discountPercent }) => ({
        productId,
        now: { amount: now.amount, currency: now.currency },
        discountPercent,
      })),
    },
  };
}
