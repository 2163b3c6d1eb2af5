import { feed } from './feed.ts';
import { home } from './home.ts';
import { notificationList } from './notification-list.ts';
import { orderList } from './order-list.ts';
import { product } from './product.ts';

/** Everything a phone can ask. */
export const endpoints = [home, feed, product, orderList, notificationList];
