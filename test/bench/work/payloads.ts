/**
 * The answers of the services, sized as the workloads ask. Built once, from a fixed seed.
 *
 * @module
 */
import { seededRandom } from './random.ts';
import {
  makeNotification,
  makeOrder,
  makePrice,
  makeProduct,
  makeProfile,
  makeRecommendation,
  makeReview,
  type Notification,
  type Order,
  type Page,
  type Price,
  type Product,
  type Profile,
  pageOf,
  type Recommendation,
  type Review,
} from './shop.ts';

/** What each service answers. */
export interface Payloads {
  /** S1: about 1 KB. */
  readonly product: Product;
  /** S2: about 1, 10 and 20 KB. */
  readonly profile: Profile;
  readonly orders: Page<Order>;
  readonly products: Page<Product>;
  /** S3: about 2 KB each. */
  readonly account: Profile;
  readonly purchases: Page<Order>;
  readonly recommendations: Page<Recommendation>;
  readonly reviews: Page<Review>;
  readonly notifications: Page<Notification>;
  readonly prices: Page<Price>;
}

export type ServiceName = keyof Payloads;

export const serviceNames = [
  'product',
  'profile',
  'orders',
  'products',
  'account',
  'purchases',
  'recommendations',
  'reviews',
  'notifications',
  'prices',
] as const satisfies readonly ServiceName[];

/** Builds all answers. Equal in every process. */
export function buildPayloads(): Payloads {
  const random = seededRandom(20_261_121);
  return {
    product: makeProduct(random, 0),
    profile: makeProfile(random, 7),
    orders: pageOf(15, (index) => makeOrder(random, index, 3)),
    products: pageOf(20, (index) => makeProduct(random, index)),
    account: makeProfile(random, 18),
    purchases: pageOf(5, (index) => makeOrder(random, index, 1)),
    recommendations: pageOf(10, (index) => makeRecommendation(random, index)),
    reviews: pageOf(7, (index) => makeReview(random, index)),
    notifications: pageOf(7, (index) => makeNotification(random, index)),
    prices: pageOf(11, (index) => makePrice(random, index)),
  };
}
