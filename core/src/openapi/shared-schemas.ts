/**
 * Which schemas the document names: those with an id of their own (`.meta({ id: 'Money' })`), objects that
 * appear in more than one place, and whatever appears inside itself. All else is written where it is used.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { pascal } from './names.ts';

/** Which side of a schema is meant: what it takes, or what it gives. */
export type Side = 'input' | 'output';

/** A schema as an endpoint uses it. */
export interface SchemaUse {
  /** Such as `GetOrdersAnswer`: what it and its parts are called if they need a name. */
  readonly name: string;
  readonly schema: $ZodType;
  readonly side: Side;
  /** Only its members are written, each on its own: it needs no name. */
  readonly isSpread?: boolean;
}

/**
 * The name of each schema that needs one. An unnamed one is called after the first place it is used in, by
 * the alphabet.
 *
 * @param taken Names that are taken; those of schemas for input then end in `Input`.
 * @throws {RangeError} for an id that two schemas have or that cannot stand in a document.
 */
export function sharedSchemas(
  uses: readonly SchemaUse[],
  side: Side,
  taken: ReadonlySet<string>,
): Map<$ZodType, string> {
  const names = new Map<$ZodType, string>();
  const given = new Set(taken);
  const spread = new Set(uses.filter(({ isSpread }) => isSpread).map(({ schema }) => schema));
  for (const [schema, { id, place, isShared }] of findingsOf(uses, side)) {
    if (id === undefined && (!isShared || spread.has(schema))) continue;
    if (id !== undefined && !/^[A-Za-z0-9._-]+$/.test(id)) {
      throw new RangeError(`openapi: the id of a schema must be letters, digits, '.', _ or -, got '${id}'`);
    }
    const wanted = id ?? place;
    const sided = side === 'input' && taken.has(wanted) ? `${wanted}Input` : wanted;
    if (id !== undefined && given.has(sided)) {
      throw new RangeError(`openapi: the id '${id}' is that of another schema`);
    }
    const name = freeName(sided, given);
    given.add(name);
    names.set(schema, name);
  }
  return names;
}

interface Finding {
  readonly id: string | undefined;
  readonly place: string;
  isShared: boolean;
}

function findingsOf(uses: readonly SchemaUse[], side: Side): Map<$ZodType, Finding> {
  const found = new Map<$ZodType, Finding>();
  const open = new Set<$ZodType>();
  const roots = new Set(uses.map(({ schema }) => schema));
  const visit = (schema: $ZodType, place: string, isRoot: boolean): void => {
    const isObject = schema._zod.def.type === 'object';
    const known = found.get(schema);
    const finding = known ?? { id: z.globalRegistry.get(schema)?.id, place, isShared: false };
    if (known === undefined) found.set(schema, finding);
    else if (isObject || open.has(schema)) finding.isShared = true;
    if (!isRoot && roots.has(schema)) finding.isShared = true; // written out on its own as well
    if (open.has(schema) || (isObject && known !== undefined)) return;
    open.add(schema);
    for (const [part, step] of partsOf(schema, side)) visit(part, place + step, false);
    open.delete(schema);
  };
  for (const { schema, name } of uses.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    visit(schema, name, true);
  }
  return found;
}

/** The schemas inside a schema, whatever its kind, each with the word that its place is called by. */
function partsOf(schema: $ZodType, side: Side): (readonly [$ZodType, string])[] {
  const { def, innerType, parent } = schema._zod as unknown as {
    readonly def: Readonly<Record<string, unknown>>;
    readonly innerType: $ZodType;
    readonly parent?: $ZodType;
  };
  if (parent !== undefined) return [[parent, '']]; // the same with another description or check
  if (def.type === 'lazy') return [[innerType, '']];
  if (def.type === 'pipe') return [[(side === 'input' ? def.in : def.out) as $ZodType, '']];
  return Object.values(def).flatMap((member) => {
    if (isSchema(member)) return [[member, '']];
    if (typeof member !== 'object' || member === null) return [];
    const isList = Array.isArray(member);
    return Object.entries(member).flatMap(([key, part]) =>
      isSchema(part) ? [[part, isList ? '' : pascal(key)] as const] : [],
    );
  });
}

function isSchema(value: unknown): value is $ZodType {
  return (
    typeof value === 'object' && value !== null && '_zod' in value && 'run' in (value._zod as object) // a check has no `run`
  );
}

function freeName(wanted: string, given: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; given.has(name); number += 1) name = `${wanted}${number}`;
  return name;
}
