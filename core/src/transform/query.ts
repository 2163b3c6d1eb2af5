/**
 * Transforms of the query. Without rules a query is passed on as it was sent; with rules it is read and
 * written again.
 *
 * @see {@link https://url.spec.whatwg.org/#urlencoded-parsing WHATWG URL}, the form it is read in
 * @module
 */
import { requireNoDeclaredCredential } from '../identity/misplaced.ts';
import { checkRules, type Rules } from './rules.ts';

export type QueryRules = Rules<string>;

/** From the query as sent, without its `?`, to the one that is sent on. */
export type TransformQuery = (query: string) => string;

/** @throws {RangeError} for the name of a credential, and for rules that contradict each other. */
export function compileQueryRules(where: string, rules: QueryRules): TransformQuery {
  const { remove, rename, replace, add } = checkRules(where, rules);
  const names = [...remove, ...rename.flat(), ...replace.map(([name]) => name), ...add.map(([name]) => name)];
  if (names.includes('')) throw new RangeError(`${where}: a parameter must have a name`);
  try {
    requireNoDeclaredCredential(names);
  } catch (error) {
    throw new RangeError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const [name, value] of [...replace, ...add]) {
    if (typeof value !== 'string') throw new RangeError(`${where}: the value of '${name}' must be a text`);
  }
  const removed = new Set(remove);
  const renamed = new Map(rename);
  const targets = new Set(renamed.values());
  const replaced = new Map(replace);
  return function transformQuery(query) {
    const written = new URLSearchParams();
    const seen = new Set<string>();
    for (const [name, value] of new URLSearchParams(query)) {
      // A destination is for what is renamed: what the client calls so itself must not stand beside it.
      if (removed.has(name) || targets.has(name)) continue;
      const to = renamed.get(name) ?? name;
      if (replaced.has(name) && seen.has(name)) continue; // one value, however often it came
      written.append(to, replaced.get(name) ?? value);
      seen.add(name);
    }
    for (const [name, value] of add) if (!written.has(name)) written.append(name, value);
    return written.toString();
  };
}
