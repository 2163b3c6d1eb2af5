/**
 * Small pages: the query of a list, its answer, and cursors that clients hand back without looking
 * into them.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType, output } from 'zod/v4/core';
import { asZod } from '../upstream/mask.ts';

export interface PageQueryOptions {
  /** Items when the client does not say. */
  readonly defaultLimit: number;
  /** Items at most. */
  readonly maxLimit: number;
}

type Limit = z.ZodDefault<z.ZodCoercedNumber>;

/** The schemas of `limit` and `cursor`, to spread into an endpoint's query. */
export function pageQuery(options: PageQueryOptions): {
  readonly limit: Limit;
  readonly cursor: z.ZodOptional<z.ZodString>;
} {
  return {
    limit: z.coerce.number().int().min(1).max(options.maxLimit).default(options.defaultLimit),
    cursor: z.string().min(1).max(512).optional(),
  };
}

/** The schema of a page: `items`, and the cursor of the next page or `null` after the last. */
export function pageOf<Item extends $ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** Packs a position that has several parts into one opaque string. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Accepts what {@link encodeCursor} made, checked by `schema`; anything else is a 400. */
export function cursorOf<Position extends $ZodType>(schema: Position): z.ZodType<output<Position>, string> {
  return z
    .string()
    .max(1_024)
    .transform((text, refinement) => {
      const parsed = asZod(schema).safeParse(decode(text));
      if (parsed.success) return parsed.data as output<Position>;
      refinement.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
      return z.NEVER;
    });
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
