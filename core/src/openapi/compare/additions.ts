/**
 * The members that a schema has gained, by their places: what a reviewer wants to know of a change that breaks nobody.
 *
 * @module
 */
import { type AnySchema, opened, type Placed } from './schemas.ts';

const deepest = 12;

/** Places such as `lines[].note`, in the order of the schema. */
export function addedMembers(before: Placed, after: Placed): string[] {
  const old = placesIn(before);
  return [...placesIn(after)].filter((place) => !old.has(place));
}

function placesIn(placed: Placed): Set<string> {
  const found = new Set<string>();
  const visit = (schema: AnySchema, place: string, depth: number): void => {
    if (depth > deepest) return; // inside itself
    const { properties = {}, items, anyOf, oneOf, additionalProperties } = opened({ ...placed, schema });
    for (const [name, member] of Object.entries(properties)) {
      const own = place === '' ? name : `${place}.${name}`;
      found.add(own);
      visit(member as AnySchema, own, depth + 1);
    }
    if (items !== undefined) visit(items as AnySchema, `${place}[]`, depth + 1);
    if (typeof additionalProperties === 'object') visit(additionalProperties, `${place}.*`, depth + 1);
    for (const choice of anyOf ?? oneOf ?? []) visit(choice as AnySchema, place, depth + 1);
  };
  visit(placed.schema, '', 0);
  return found;
}
