/**
 * From zod to JSON Schema: every schema of a BFF at once, so that what is shared stands once under
 * `components` and is referred to.
 *
 * Nothing stops a document: what JSON Schema cannot say, such as a `transform` in an answer, becomes a schema
 * that takes any value and says why. Answers may have fields beside those named, so that adding one breaks
 * no client.
 *
 * @see {@link https://json-schema.org/draft/2020-12 JSON Schema 2020-12}
 * @module
 */
import { z } from 'zod';
import type { $ZodObject, $ZodType } from 'zod/v4/core';
import type { JsonSchema, Reference } from './document.ts';
import { type SchemaUse, type Side, sharedSchemas } from './shared-schemas.ts';

/** A schema on its own, such as that of problems. */
export function wholeSchema(schema: $ZodType): JsonSchema {
  return describeSide([{ name: 'Whole', schema, side: 'output' }], 'output', new Set()).whole(schema);
}

/** The schemas of a document. */
export interface Schemas {
  /** Sorted by name. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** A schema where it is used: whole, or as a reference. */
  of(schema: $ZodType, side: Side): JsonSchema | Reference;
  /** The members of an object, each on its own. */
  membersOf(schema: $ZodObject, side: Side): Member[];
}

export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** @throws {RangeError} for an id that two schemas have or that cannot stand in a document. */
export function describeSchemas(uses: readonly SchemaUse[]): Schemas {
  const output = describeSide(uses, 'output', new Set(['Problem']));
  const input = describeSide(uses, 'input', new Set(['Problem', ...Object.keys(output.components)]));
  const sides = { output, input };
  const components = { ...output.components, ...input.components };
  return {
    components: Object.fromEntries(
      Object.entries(components).sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
    of: (schema, side) => sides[side].of(schema),
    membersOf(schema, side) {
      const { properties = {}, required = [] } = sides[side].whole(schema);
      return Object.entries(properties).map(([name, member]) => ({
        name,
        required: required.includes(name),
        schema: member as JsonSchema,
      }));
    },
  };
}

interface DescribedSide {
  readonly components: Readonly<Record<string, JsonSchema>>;
  of(schema: $ZodType): JsonSchema | Reference;
  whole(schema: $ZodType): JsonSchema;
}

const pointer = (name: string): string => `#/components/schemas/${name}`;

function describeSide(uses: readonly SchemaUse[], side: Side, taken: ReadonlySet<string>): DescribedSide {
  const own = uses.filter((use) => use.side === side);
  const names = sharedSchemas(own, side, taken);
  const registry = z.registry<{ id: string }>();
  const ids = new Map<$ZodType, string>(names);
  for (const { schema } of own) {
    if (!ids.has(schema)) ids.set(schema, `(${ids.size})`); // no name of a component
  }
  for (const [schema, id] of ids) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: side,
    target: 'draft-2020-12',
    uri: pointer,
    unrepresentable: ({ zodSchema }) => withoutForm(zodSchema),
    override: ({ zodSchema, jsonSchema }) => tidy(zodSchema, jsonSchema, side),
  });
  const whole = (schema: $ZodType): JsonSchema => {
    const { $schema: _dialect, $id: _id, ...rest } = schemas[ids.get(schema) ?? ''] ?? {};
    return rest;
  };
  return {
    components: Object.fromEntries([...names].map(([schema, name]) => [name, whole(schema)])),
    whole,
    of(schema) {
      const name = names.get(schema);
      return name === undefined ? whole(schema) : { $ref: pointer(name) };
    },
  };
}

function withoutForm({ _zod: { def } }: $ZodType): JsonSchema {
  if (def.type === 'date') return { type: 'string', format: 'date-time' };
  return { description: `Any value: JSON Schema cannot say what zod's '${def.type}' takes or gives.` };
}

/** Takes away what says nothing to a reader. */
function tidy({ _zod: { def } }: $ZodType, jsonSchema: JsonSchema, side: Side): void {
  const { catchall } = def as { readonly catchall?: $ZodType };
  const isOpen = catchall === undefined || catchall._zod.def.type === 'unknown';
  if (side === 'output' && def.type === 'object' && isOpen) delete jsonSchema.additionalProperties;
  // Its pattern repeats, in 200 characters, what the format says.
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
