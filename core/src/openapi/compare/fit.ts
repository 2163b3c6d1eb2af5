/**
 * Whether all that one side may send is what the other side reads. Requests: what clients sent before, to the API as
 * it is now. Answers: what the API sends now, to clients that were written before.
 *
 * What cannot be proved fits not: a false alarm is looked at, a break that nobody saw is not.
 *
 * @module
 */
import type { JsonSchema } from '../document.ts';
import { boundFaults } from './bounds.ts';
import { type Fault, type Meeting, type Pair, within } from './meeting.ts';
import { objectFaults } from './objects.ts';
import { type AnySchema, alternativesOf, isNever, type Placed, wordsOf } from './schemas.ts';

/** How what is sent does not fit; empty when all of it fits. */
function faultsOf(pair: Pair): Fault[] {
  if (pair.around.some((other) => isSame(other, pair))) return [];
  const readers = alternativesOf(pair.read);
  return alternativesOf(pair.sent).flatMap((from) => {
    if (isNever(from)) return [];
    const tried = readers.map((to) => ({ to, faults: meetingFaults({ ...pair, from, to }) }));
    if (tried.some(({ faults }) => faults.length === 0)) return [];
    const alike = tried.length === 1 ? tried : tried.filter(({ to }) => to.type === from.type);
    const [near, ...others] = alike;
    if (near !== undefined && others.length === 0) return near.faults;
    const known = [...new Set(readers.map(wordsOf))].join(' or ');
    const what =
      pair.way === 'request'
        ? `takes ${known}, no longer ${wordsOf(from)}`
        : `may be ${wordsOf(from)} now, it was ${known}`;
    return [{ place: pair.place, what }];
  });
}

/** Begins at the top. */
export function compareSchemas(sent: Placed, read: Placed, way: Pair['way']): Fault[] {
  const all = faultsOf({ sent, read, way, place: '', around: [] });
  return [...new Map(all.map((fault) => [`${fault.place} ${fault.what}`, fault])).values()];
}

function isSame(one: Pair, other: Pair): boolean {
  return one.sent.schema === other.sent.schema && one.read.schema === other.read.schema;
}

function meetingFaults(meeting: Meeting): Fault[] {
  const { from, to, place, way } = meeting;
  const [was, is] = way === 'request' ? [from, to] : [to, from];
  if (!typeFits(from.type, to.type)) return [{ place, what: `was ${wordsOf(was)}, is ${wordsOf(is)}` }];
  return [
    ...valueFaults(meeting),
    ...boundFaults(meeting),
    ...(to.type === 'object' ? objectFaults(meeting, faultsOf) : []),
    ...(to.type === 'array' ? itemFaults(meeting) : []),
  ];
}

function typeFits(from: JsonSchema['type'], to: JsonSchema['type']): boolean {
  return to === undefined || from === to || (from === 'integer' && to === 'number');
}

/** Values that are listed. */
function valueFaults({ from, to, place, way }: Meeting): Fault[] {
  const read = valuesOf(to);
  if (read === undefined) return [];
  const sent = valuesOf(from);
  const all = way === 'request' ? 'takes listed values only' : 'may be other than the listed values now';
  if (sent === undefined) return [{ place, what: `${all}: ${read.join(', ')}` }];
  return sent
    .filter((value) => !read.includes(value))
    .map((value) => ({
      place,
      what: way === 'request' ? `no longer takes ${value}` : `may be ${value} now`,
    }));
}

function valuesOf(schema: JsonSchema): string[] | undefined {
  if ('const' in schema) return [JSON.stringify(schema.const)];
  return schema.enum?.map((value) => JSON.stringify(value));
}

function itemFaults(meeting: Meeting): Fault[] {
  const { from, to } = meeting;
  const sent = listOf(from);
  const read = listOf(to);
  const first = read.places.flatMap((schema, index) =>
    faultsOf(within(meeting, `[${index}]`, sent.places[index] ?? sent.rest, schema)),
  );
  const others = [...sent.places.slice(read.places.length), sent.rest];
  return [...first, ...others.flatMap((schema) => faultsOf(within(meeting, '[]', schema, read.rest)))];
}

/** The schemas of the first places of a list, and of all after them. */
function listOf({ prefixItems = [], items = prefixItems.length === 0 }: JsonSchema): {
  readonly places: readonly AnySchema[];
  readonly rest: AnySchema;
} {
  return { places: prefixItems as AnySchema[], rest: items as AnySchema };
}
