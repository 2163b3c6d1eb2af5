/**
 * Small pages: the query of a list and its answer.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { requireInteger } from '../context/options.ts';
import { cursorOf, nextCursor } from './cursor.ts';

export interface PageQueryOptions {
  /** Items when the client does not say, 1 to `maxLimit`. Default 20. */
  readonly defaultLimit?: number;
  /** Items at most, 1 to 1 000. Default 50. */
  readonly maxLimit?: number;
}

type Limit = z.ZodDefault<z.ZodCoercedNumber>;

/** The cursor of a service's own page. */
const serviceCursor = z.string().min(1).max(512);

/**
 * The schemas of `limit` and `cursor`, to spread into an endpoint's query. The endpoint gets the service's own
 * cursor; clients see it sealed.
 *
 * @throws {RangeError} when the limits are no such numbers.
 */
export function pageQuery({ maxLimit = 50, defaultLimit = Math.min(20, maxLimit) }: PageQueryOptions = {}): {
  readonly limit: Limit;
  readonly cursor: z.ZodOptional<z.ZodType<string, string>>;
} {
  requireInteger('pageQuery', 'maxLimit', maxLimit, 1, 1_000);
  requireInteger('pageQuery', 'defaultLimit', defaultLimit, 1, maxLimit);
  return {
    limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit).describe('Items per page.'),
    cursor: cursorOf(serviceCursor)
      .optional()
      .describe('`next` of the page before. Without it you get the first page.'),
  };
}

/**
 * The schema of a page: `items`, and the cursor of the next page or `null` after the last. `respond` gives the
 * service's own cursor.
 */
export function pageOf<Item extends $ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodNullable<z.ZodType<string, string>> }> {
  return z.object({
    items: z.array(item),
    next: nextCursor().nullable().describe('The `cursor` of the next page, `null` after the last.'),
  });
}
