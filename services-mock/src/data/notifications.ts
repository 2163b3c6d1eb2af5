/**
 * Makes about ten notifications per customer: news of their orders, thanks for reviews, offers, notices.
 *
 * @module
 */
import type { Notification } from '../schemas/notification.ts';
import type { Order } from '../schemas/order.ts';
import type { Review } from '../schemas/review.ts';
import { createRandom, type Random } from './random.ts';
import type { ReviewedWorld } from './reviews.ts';
import { EPOCH_MS, MINUTE_MS, timestamp } from './time.ts';

type Message = Pick<Notification, 'kind' | 'title' | 'body' | 'link' | 'createdAt'>;

const ORDER_NEWS = {
  placed: ['We have your order', 'Thank you. We will tell you as soon as it is on its way.'],
  paid: ['Payment received', 'Your payment arrived and we are packing your parcel.'],
  shipped: ['Your parcel is on its way', 'It left the warehouse and should reach you within three days.'],
  delivered: ['Delivered', 'Your parcel has arrived. We hope you like what is in it.'],
  cancelled: ['Order cancelled', 'The order was cancelled, and any payment is on its way back to you.'],
} as const;
const OFFERS = [
  [
    'Autumn favourites, 15 % off',
    'Knitwear, lamps and a good kettle: everything for the dark season.',
    '/c/knitwear',
  ],
  ['New: the outdoor collection', 'Tents and bags that do not mind the rain.', '/c/camping'],
  ['Only this weekend: free express delivery', 'Order until Sunday night and have it on Tuesday.', '/'],
  ['Back in stock', 'Three things from your wish list are available again.', '/wishlist'],
] as const;
const NOTICES = [
  ['New sign-in from a browser', 'If this was not you, change your password.', '/account/security'],
  ['Your loyalty points were updated', 'You can use them with your next order.', '/account/points'],
  ['Our terms of service have changed', 'The new terms apply from December on.', '/legal/terms'],
] as const;

/** Makes the notifications, newest first; the two newest of each customer are unread. */
export function buildNotifications(seed: number, world: ReviewedWorld): readonly Notification[] {
  const random = createRandom(seed, 'notifications');
  const orders = Map.groupBy(world.orders, ({ customerId }) => customerId);
  const reviews = Map.groupBy(world.reviews, ({ userId }) => userId);
  return world.users
    .flatMap(({ id }) =>
      [
        ...(orders.get(id) ?? []).slice(0, 4).map(aboutOrder),
        ...(reviews.get(id) ?? []).slice(0, 2).map(aboutReview),
        ...random.sample(OFFERS, 3).map((texts) => announcement(random, 'promo', texts)),
        ...random.sample(NOTICES, 2).map((texts) => announcement(random, 'system', texts)),
      ]
        .sort(byAge)
        .map((message, index) => ({ userId: id, ...message, read: index > 1 && random.chance(0.85) })),
    )
    .sort(byAge)
    .map((notification, index, { length }) => ({
      id: `ntf_${String(length - index).padStart(5, '0')}`,
      ...notification,
    }));
}

/** Newest first: timestamps of one format sort as text. */
function byAge(a: Message, b: Message): number {
  if (a.createdAt === b.createdAt) return 0;
  return a.createdAt < b.createdAt ? 1 : -1;
}

function aboutOrder(order: Order): Message {
  const [title, body] = ORDER_NEWS[order.status];
  return { kind: 'order', title, body, link: `/orders/${order.id}`, createdAt: order.updatedAt };
}

function aboutReview(review: Review): Message {
  return {
    kind: 'review',
    title: 'Your review is online',
    body: `Thank you for “${review.title}”. Other customers can read it now.`,
    link: `/p/${review.productId}#reviews`,
    createdAt: review.createdAt,
  };
}

function announcement(
  random: Random,
  kind: 'promo' | 'system',
  [title, body, link]: readonly [title: string, body: string, link: string],
): Message {
  return { kind, title, body, link, createdAt: timestamp(EPOCH_MS - random.int(5, 90_000) * MINUTE_MS) };
}
