/**
 * Objects: members that must be there, members that nobody knows, and the members themselves.
 *
 * Clients tolerate members of answers that they do not know, and the API may add them; so a member that an answer has
 * lost is a break even where it was optional. Requests are read strictly: what is not known is refused.
 *
 * @module
 */
import { type Fault, type Meeting, type Pair, within } from './meeting.ts';
import type { AnySchema } from './schemas.ts';

type Members = Readonly<Record<string, AnySchema>>;

/** @param faultsOf Compares a member. */
export function objectFaults(meeting: Meeting, faultsOf: (pair: Pair) => Fault[]): Fault[] {
  const { from, to, way } = meeting;
  const sent = (from.properties ?? {}) as Members;
  const read = (to.properties ?? {}) as Members;
  const at = (name: string): string => within(meeting, name, true, true).place;
  const missing = (to.required ?? [])
    .filter(
      (name) => from.required?.includes(name) !== true && (way === 'request' || Object.hasOwn(sent, name)),
    )
    .map((name) => ({ place: at(name), what: way === 'request' ? 'is required now' : 'may be missing now' }));
  const lost = way === 'request' ? [] : Object.keys(read).filter((name) => !Object.hasOwn(sent, name));
  const others = (to.additionalProperties ?? true) as AnySchema;
  const unknown = Object.entries(sent).filter(([name]) => !Object.hasOwn(read, name));
  const both = Object.entries(sent).filter(([name]) => Object.hasOwn(read, name));
  return [
    ...missing,
    ...lost.map((name) => ({ place: at(name), what: 'is not in the answer any more' })),
    ...both.flatMap(([name, schema]) => faultsOf(within(meeting, name, schema, read[name] ?? true))),
    ...unknown.flatMap(([name, schema]) => {
      if (others !== false) return faultsOf(within(meeting, name, schema, others));
      return way === 'request' ? [{ place: at(name), what: 'is refused now' }] : [];
    }),
    ...restFaults(meeting, faultsOf),
  ];
}

/** Members without a name of their own. */
function restFaults(meeting: Meeting, faultsOf: (pair: Pair) => Fault[]): Fault[] {
  const { from, to, way, place } = meeting;
  const sent = (from.additionalProperties ?? (way === 'request' ? true : undefined)) as AnySchema | undefined;
  const read = (to.additionalProperties ?? true) as AnySchema;
  if (sent === false || sent === undefined || read === true) return [];
  if (read !== false) return faultsOf(within(meeting, '*', sent, read));
  return way === 'request' ? [{ place, what: 'takes no members beside those named now' }] : [];
}
