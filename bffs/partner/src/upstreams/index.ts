import { bind, type UpstreamBinding } from 'bffkit';
import type { Config } from '../config.ts';
import { catalog } from './catalog.ts';
import { inventory } from './inventory.ts';
import { orders } from './orders.ts';
import { pricing } from './pricing.ts';
import { users } from './users.ts';

/** Where the services are and how long a partner's system waits for them. */
export function bindUpstreams(config: Config): UpstreamBinding[] {
  return [
    bind(users, { targets: config.USERS_URL, timeoutMs: 1_000 }),
    bind(catalog, { targets: config.CATALOG_URL, timeoutMs: 2_000 }),
    bind(orders, {
      targets: config.ORDERS_URL,
      timeoutMs: 4_000,
      operations: { get: { timeoutMs: 1_500 } },
    }),
    bind(inventory, { targets: config.INVENTORY_URL, timeoutMs: 1_500 }),
    bind(pricing, { targets: config.PRICING_URL, timeoutMs: 1_000 }),
  ];
}
