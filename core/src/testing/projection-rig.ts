/**
 * What the tests of the projector hold it against.
 *
 * @module
 */
import { type ByteMask, compileProject, type Project } from '../upstream/projector.ts';

export type MaskOfMembers = Exclude<ByteMask, true>;

/** What the projection has to equal: of each object the masked members, through arrays. */
export function pick(value: unknown, mask: ByteMask): unknown {
  if (mask === true || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, mask));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const part = Object.hasOwn(mask, key) ? mask[key] : undefined;
      return part === undefined ? [] : [[key, pick(member, part)] as const];
    }),
  );
}

const compiled = new Map<string, Project>();

/** The projection by a mask. Masks stay in memory for ever, so the tests make each of them once. */
export function projectedBy(mask: MaskOfMembers): Project {
  const key = JSON.stringify(mask);
  const known = compiled.get(key) ?? compileProject(mask);
  compiled.set(key, known);
  return known;
}
