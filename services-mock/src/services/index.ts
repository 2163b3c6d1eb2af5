/**
 * The eight services by name.
 *
 * @module
 */
import type { World } from '../data/world.ts';
import type { ServiceName } from '../directory.ts';
import type { Route } from '../rest/route.ts';
import { catalogService } from './catalog.ts';
import { inventoryService } from './inventory.ts';
import { notificationsService } from './notifications.ts';
import type { OrderListener } from './order-book.ts';
import { ordersService } from './orders.ts';
import { pricingService } from './pricing.ts';
import { recommendationsService } from './recommendations.ts';
import { reviewsService } from './reviews.ts';
import { usersService } from './users.ts';

/** Makes the routes of a service over a world. Each call starts with nothing written. */
export type MakeService = (world: World, orders?: OrderListener) => readonly Route[];

/** How to make each service. */
export const SERVICES: Readonly<Record<ServiceName, MakeService>> = {
  users: usersService,
  catalog: catalogService,
  orders: ordersService,
  reviews: reviewsService,
  recommendations: recommendationsService,
  inventory: inventoryService,
  notifications: notificationsService,
  pricing: pricingService,
};
