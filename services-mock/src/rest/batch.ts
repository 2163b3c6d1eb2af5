/**
 * Reads many things by their ids in one request.
 *
 * @module
 */
import * as z from 'zod';
import { AnyId } from './page.ts';

/** The query parameter `ids=a,b,c` of a batch read, 100 ids at most. */
export const IdList = z
  .string()
  .transform((list) => list.split(','))
  .pipe(z.array(AnyId).min(1).max(100));

/** Looks up each id, in the order of the ids; those that nobody knows are left out. */
export function lookUp<T>(ids: readonly string[], find: (id: string) => T | undefined): readonly T[] {
  return ids.flatMap((id) => find(id) ?? []);
}
