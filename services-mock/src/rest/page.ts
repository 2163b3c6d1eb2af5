/**
 * Lists in pages. A cursor names the last item that was sent, so that items which arrive in front of it,
 * or leave the filter, neither repeat nor hide others.
 *
 * @module
 */
import * as z from 'zod';
import { ServiceError } from './service-error.ts';

/** How many items an answer holds, 20 unless told. */
export const Limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(100))
  .default(20);

/** An id in a path, a query or a list. One that is not known is not found, whatever it looks like. */
export const AnyId = z.string().min(1).max(64);

/** The query parameters of a paged list. */
export const pageQuery = { limit: Limit, cursor: z.string().min(1).max(80).optional() };

/** The envelope of a page of these items. */
export function pageOf<Item extends z.ZodType>(item: Item): PageSchema<Item> {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

type PageSchema<Item extends z.ZodType> = z.ZodObject<
  { items: z.ZodArray<Item>; next: z.ZodNullable<z.ZodString> },
  z.core.$strict
>;

/** Which part of a list is wanted. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A part of a list; `next` is the cursor of the part after it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Cuts a page out of the items that are to be kept; refuses a cursor that no page of this list gave. */
export function paginate<T extends { readonly id: string }>(
  all: readonly T[],
  { limit, cursor }: PageRequest,
  keep: (item: T) => boolean = () => true,
): Page<T> {
  const items: T[] = [];
  for (let index = startAfter(all, cursor); index < all.length; index += 1) {
    const item = all[index];
    if (item === undefined || !keep(item)) continue;
    if (items.length === limit) return { items, next: cursorAt(items.at(-1)) };
    items.push(item);
  }
  return { items, next: null };
}

function startAfter(all: readonly { readonly id: string }[], cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const last = Buffer.from(cursor, 'base64url').toString();
  const index = all.findIndex(({ id }) => id === last);
  if (index === -1) throw new ServiceError(400, 'invalid_cursor', 'query.cursor: not a cursor of this list');
  return index + 1;
}

function cursorAt(item: { readonly id: string } | undefined): string | null {
  return item === undefined ? null : Buffer.from(item.id).toString('base64url');
}
