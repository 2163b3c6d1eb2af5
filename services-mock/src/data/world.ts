/**
 * The company's data, made from a seed: the same seed gives the same world, byte for byte, and every id
 * that one part mentions exists in the part it belongs to.
 *
 * @module
 */
import type { Notification } from '../schemas/notification.ts';
import type { Order } from '../schemas/order.ts';
import type { Product } from '../schemas/product.ts';
import type { Recommendations } from '../schemas/recommendation.ts';
import type { Review } from '../schemas/review.ts';
import type { Stock } from '../schemas/stock.ts';
import type { User } from '../schemas/user.ts';
import { buildNotifications } from './notifications.ts';
import { buildOrders } from './orders.ts';
import { buildPromotions, type Promotion } from './prices.ts';
import { buildProducts } from './products.ts';
import { buildRecommendations } from './recommendations.ts';
import { rateProducts } from './review-summary.ts';
import { buildReviews } from './reviews.ts';
import { buildStock } from './stock.ts';
import { buildUsers } from './users.ts';

/** Everything the services know at start. Orders, reviews and notifications are newest first. */
export interface World {
  readonly users: readonly User[];
  readonly products: readonly Product[];
  readonly orders: readonly Order[];
  readonly reviews: readonly Review[];
  readonly recommendations: readonly Recommendations[];
  readonly stock: readonly Stock[];
  readonly notifications: readonly Notification[];
  readonly promotions: readonly Promotion[];
}

/** The seed of the world that everybody gets who does not ask for another. */
export const DEFAULT_SEED = 1815;

let latest: { readonly seed: number; readonly world: World } | undefined;

/** Gives the world of a seed. Nobody changes a world, so the shops of one process share the latest. */
export function worldOf(seed: number): World {
  if (latest?.seed !== seed) latest = { seed, world: buildWorld(seed) };
  return latest.world;
}

/** Makes the world of a seed: 500 users, 2,000 products, 5,000 orders, 6,000 reviews. */
export function buildWorld(seed: number): World {
  const users = buildUsers(seed, 500);
  const drafts = buildProducts(seed, 2_000);
  const orders = buildOrders(seed, 5_000, { users, products: drafts });
  const reviews = buildReviews(seed, 6_000, { users, products: drafts, orders });
  const products = rateProducts(drafts, reviews);
  const everything = { users, products, orders, reviews };
  return {
    ...everything,
    recommendations: buildRecommendations(seed, everything),
    stock: buildStock(seed, drafts),
    notifications: buildNotifications(seed, everything),
    promotions: buildPromotions(seed, drafts),
  };
}
