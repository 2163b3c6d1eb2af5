/**
 * All shelves of the shop.
 *
 * @module
 */
import type { Category } from './category.ts';
import { CLOTHING } from './departments/clothing.ts';
import { ELECTRONICS } from './departments/electronics.ts';
import { HOME } from './departments/home.ts';
import { KITCHEN } from './departments/kitchen.ts';
import { LEISURE } from './departments/leisure.ts';
import { OUTDOOR } from './departments/outdoor.ts';

/** The categories, in the order of the departments. */
export const CATEGORIES: readonly Category[] = [
  ...KITCHEN,
  ...HOME,
  ...ELECTRONICS,
  ...OUTDOOR,
  ...CLOTHING,
  ...LEISURE,
];
