/**
 * Looks items up by a key that each has for itself.
 *
 * @module
 */

/** Indexes a list; of two items with the same key the later wins. */
export function indexBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [keyOf(item), item]));
}
