/**
 * Schemas of parts that are passed as the service wrote them: `whole(Product)` takes what an operation with
 * `.whole()` gives, and is `Product` to everybody who describes the answer.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType, input, output } from 'zod/v4/core';
import { isWhole, type Whole, wholeFrom } from '../context/whole.ts';
import { schemasIn } from './schemas-in.ts';

interface WholeDef extends z.core.$ZodCustomDef {
  readonly innerType: $ZodType;
}

interface WholeSchema extends z.core.$ZodType {
  readonly _zod: z.core.$ZodTypeInternals & { readonly def: WholeDef };
}

const WholeSchema = z.core.$constructor<WholeSchema, WholeDef>('WholeSchema', (schema, def) => {
  z.ZodCustom.init(schema as never, def as never);
  schema._zod.processJSONSchema = (context, _json, params) => {
    z.core.processSchema(def.innerType, context, params as never);
    const seen = context.seen.get(schema);
    if (seen !== undefined) seen.ref = def.innerType;
  };
});

/**
 * The schema of a part of an answer that is passed as the service wrote it, and described as `schema`. It
 * takes what `operation.whole()` gives and nothing else, for an operation that answers this very type.
 *
 * The service is trusted with what is inside: that it is JSON is checked, that it fits `schema` is not, and fields
 * that `schema` does not name leave with it.
 *
 * @example
 * endpoint('GET', '/products/:id', …)
 *   .plan(({ call }) => ({ product: call(catalog.get.whole(), ({ input }) => ({ params: input.params })) }))
 *   .respond(whole(Product), ({ product }) => product);
 */
export function whole<Schema extends $ZodType>(
  schema: Schema,
): z.ZodType<output<Schema>, Whole<output<Schema>>> {
  return new WholeSchema({
    type: 'custom',
    check: 'custom',
    fn: isWhole as (value: unknown) => boolean,
    innerType: schema,
  }) as unknown as z.ZodType<output<Schema>, Whole<output<Schema>>>;
}

/**
 * A value in the place of what a service would have written, for fallbacks.
 *
 * @throws {z.core.$ZodError} when it does not fit `schema`.
 *
 * @example
 * optional(reviews.list.whole(), () => ({}), { fallback: () => wholeOf(Reviews, { items: [] }) });
 */
export function wholeOf<Schema extends $ZodType>(
  schema: Schema,
  value: input<Schema>,
): Whole<output<Schema>> {
  return wholeFrom(JSON.stringify(z.parse(schema, value)));
}

/** The schema that `whole()` was given; nothing for other schemas. */
export function insideWhole(schema: $ZodType): $ZodType | undefined {
  return schema._zod.traits.has('WholeSchema') ? (schema as WholeSchema)._zod.def.innerType : undefined;
}

/** Whether a value of this schema can have an unread part. */
export function holdsWhole(schema: $ZodType): boolean {
  return [...schemasIn(schema)].some((part) => insideWhole(part) !== undefined);
}

/** What takes JSON values and gives them as they are. */
const unchanging: ReadonlySet<string> = new Set([
  'string',
  'number',
  'boolean',
  'null',
  'literal',
  'enum',
  'template_literal',
  'any',
  'unknown',
  'never',
  'undefined',
  'void',
  'object',
  'array',
  'tuple',
  'record',
  'union',
  'intersection',
  'optional',
  'nonoptional',
  'nullable',
  'readonly',
  'lazy',
  'custom',
]);

/**
 * Nobody reads a part that is passed whole, so its schema must give what it takes.
 *
 * @throws {RangeError} for a schema with defaults, transforms and the like.
 */
export function requireUnread(where: string, schema: $ZodType): void {
  for (const part of schemasIn(schema)) {
    const {
      type,
      coerce,
      checks = [],
    } = part._zod.def as {
      readonly type: string;
      readonly coerce?: boolean;
      readonly checks?: readonly z.core.$ZodCheck[];
    };
    const isChanged = coerce === true || checks.some(({ _zod }) => _zod.def.check === 'overwrite');
    if (insideWhole(part) === undefined && !isChanged && unchanging.has(type)) continue;
    const what =
      insideWhole(part) === undefined ? `a ${type}${isChanged ? ' that is changed' : ''}` : 'whole(…)';
    throw new RangeError(
      `${where}: passes an answer whole, which nobody reads, and its schema has ${what}; read it without whole()`,
    );
  }
}

/**
 * Bytes are projected through objects, lists and `null`. Of anything else with objects in it, fields that nobody
 * picked would leave with the rest.
 *
 * @throws {RangeError} for a picked schema with such a part.
 */
export function requireProjected(where: string, picked: $ZodType): void {
  const { def } = picked._zod as unknown as {
    readonly def: {
      readonly type: string;
      readonly shape?: Readonly<Record<string, $ZodType>>;
      readonly element?: $ZodType;
      readonly innerType?: $ZodType;
    };
  };
  if (def.type === 'object') {
    for (const member of Object.values(def.shape ?? {})) requireProjected(where, member);
    return;
  }
  const inside = def.element ?? def.innerType;
  if (inside !== undefined) {
    requireProjected(where, inside);
    return;
  }
  if (![...schemasIn(picked)].some(({ _zod }) => _zod.def.type === 'object')) return;
  throw new RangeError(
    `${where}: whole() after pick() cannot look into a ${def.type} with objects in it; read it without whole()`,
  );
}
