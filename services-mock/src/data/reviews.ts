/**
 * Makes the reviews. Most follow an order that arrived; a few come from somewhere else.
 *
 * @module
 */
import type { Order } from '../schemas/order.ts';
import type { Review } from '../schemas/review.ts';
import { CATEGORIES } from './categories.ts';
import type { Category } from './category.ts';
import { indexBy } from './index-by.ts';
import type { OrderWorld } from './orders.ts';
import type { ProductDraft } from './products.ts';
import { createRandom, type Random } from './random.ts';
import { MOODS, type Mood } from './review-words.ts';
import { DAY_MS, EPOCH_MS, MINUTE_MS, timestamp } from './time.ts';

/** What reviews are made from. */
export interface ReviewWorld extends OrderWorld {
  readonly orders: readonly Order[];
}

/** The world once it has reviews. */
export interface ReviewedWorld extends ReviewWorld {
  readonly reviews: readonly Review[];
}

interface Occasion {
  readonly productId: string;
  readonly userId: string;
  readonly verified: boolean;
  readonly writtenMs: number;
}

/** Makes about `count` reviews, newest first. */
export function buildReviews(seed: number, count: number, world: ReviewWorld): readonly Review[] {
  const random = createRandom(seed, 'reviews');
  const users = indexBy(world.users, ({ id }) => id);
  const products = indexBy(world.products, ({ id }) => id);
  const categories = indexBy(CATEGORIES, ({ name }) => name);
  return occasions(random, count, world)
    .sort((a, b) => a.writtenMs - b.writtenMs)
    .flatMap((occasion, index) => {
      const user = users.get(occasion.userId);
      const product = products.get(occasion.productId);
      const category = categories.get(product?.category ?? '');
      if (user === undefined || product === undefined || category === undefined) return [];
      const id = `rev_${String(index + 1).padStart(5, '0')}`;
      return [{ id, author: authorName(user.name), ...buildReview(random, { occasion, product, category }) }];
    })
    .reverse();
}

/** Five of six reviews follow a delivery. */
function occasions(random: Random, count: number, world: ReviewWorld): Occasion[] {
  const bought = world.orders
    .filter(({ status }) => status === 'delivered')
    .flatMap((order) => order.productIds.map((productId) => ({ productId, order })));
  const verified = random.sample(bought, Math.round((count * 5) / 6)).map(({ productId, order }) => {
    const arrivedMs = Date.parse(order.updatedAt);
    return {
      productId,
      userId: order.customerId,
      verified: true,
      writtenMs: arrivedMs + random.int(0, Math.min(EPOCH_MS - arrivedMs, 40 * DAY_MS)),
    };
  });
  const unverified = Array.from({ length: count - verified.length }, () => ({
    productId: random.pick(world.products).id,
    userId: random.pick(world.users).id,
    verified: false,
    writtenMs: EPOCH_MS - random.int(MINUTE_MS, 500 * DAY_MS),
  }));
  return [...verified, ...unverified];
}

interface Subject {
  readonly occasion: Occasion;
  readonly product: ProductDraft;
  readonly category: Category;
}

function buildReview(
  random: Random,
  { occasion, product, category }: Subject,
): Omit<Review, 'id' | 'author'> {
  const rating = random.pick([5, 5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 2, 1]);
  const mood = moodOf(rating);
  return {
    productId: occasion.productId,
    userId: occasion.userId,
    rating,
    title: random.pick(MOODS[mood].titles),
    body: writeBody(random, mood, { thing: thingOf(product, category), category }),
    helpful: Math.floor(random.next() ** 4 * 60),
    verified: occasion.verified,
    createdAt: timestamp(occasion.writtenMs),
    moderationNote: random.pick(['auto-approved', 'auto-approved', 'approved by hand', 'flagged once, kept']),
  };
}

function moodOf(rating: number): Mood {
  if (rating >= 4) return 'happy';
  return rating === 3 ? 'mixed' : 'unhappy';
}

interface BodySubject {
  readonly thing: string;
  readonly category: Category;
}

function writeBody(random: Random, mood: Mood, { thing, category }: BodySubject): string {
  const { openings, closings } = MOODS[mood];
  const middle = {
    happy: () => random.sample(category.praise, random.int(1, 3)),
    mixed: () => [random.pick(category.praise), random.pick(category.complaints)],
    unhappy: () => random.sample(category.complaints, random.int(1, 2)),
  }[mood]();
  const closing = random.chance(0.7) ? [random.pick(closings)] : [];
  return [random.pick(openings).replace('{thing}', thing), ...middle, ...closing].join(' ');
}

function thingOf(product: ProductDraft, category: Category): string {
  return (category.things.find((thing) => product.title.endsWith(thing)) ?? 'product').toLowerCase();
}

/** First name and initial, the way shops print authors. */
function authorName(name: string): string {
  const [first = name, last = ''] = name.split(' ');
  return `${first} ${last.slice(0, 1).toUpperCase()}.`;
}
