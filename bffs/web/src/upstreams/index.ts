import { bind, type UpstreamBinding } from 'bffkit';
import type { Config } from '../config.ts';
import { catalog } from './catalog.ts';
import { inventory } from './inventory.ts';
import { notifications } from './notifications.ts';
import { orders } from './orders.ts';
import { pricing } from './pricing.ts';
import { recommendations } from './recommendations.ts';
import { reviews } from './reviews.ts';
import { users } from './users.ts';

/** Where the services are and how long the web app waits for them. */
export function bindUpstreams(config: Config): UpstreamBinding[] {
  return [
    bind(users, { targets: config.USERS_URL, timeoutMs: 800 }),
    bind(catalog, { targets: config.CATALOG_URL, timeoutMs: 1_000 }),
    bind(orders, { targets: config.ORDERS_URL, timeoutMs: 1_000 }),
    bind(reviews, { targets: config.REVIEWS_URL, timeoutMs: 500 }),
    bind(recommendations, { targets: config.RECOMMENDATIONS_URL, timeoutMs: 400 }),
    bind(inventory, { targets: config.INVENTORY_URL, timeoutMs: 500 }),
    bind(notifications, { targets: config.NOTIFICATIONS_URL, timeoutMs: 500 }),
    bind(pricing, { targets: config.PRICING_URL, timeoutMs: 500 }),
  ];
}
