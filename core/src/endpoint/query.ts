/**
 * The query of a request target.
 *
 * @module
 */

/** The parameters of a query by name. */
export type Query = Record<string, string | string[]>;

/** The query as an object: a key that comes once has a string, one that comes more often an array. */
export function queryOf(target: string): Query {
  const start = target.indexOf('?');
  const query: Query = Object.create(null);
  if (start < 0) return query;
  for (const [key, value] of new URLSearchParams(target.slice(start + 1))) {
    const known = query[key];
    if (known === undefined) query[key] = value;
    else if (Array.isArray(known)) known.push(value);
    else query[key] = [known, value];
  }
  return query;
}
