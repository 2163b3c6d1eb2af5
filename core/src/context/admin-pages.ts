/**
 * Pages that a part of the gateway adds to the admin port, such as the keys of partners.
 *
 * @module
 */
import type { Hono } from 'hono';

export interface AdminPages {
  /** Paths for the index, such as `/keys`. */
  readonly pages: readonly string[];
  /** Paths that every process of an instance must hear, not only one: what they change is remembered in each. */
  readonly everywhere?: readonly string[];
  /** Adds the routes. Whatever changes something emits an `audit` fact. */
  mount(app: Hono): void;
}
