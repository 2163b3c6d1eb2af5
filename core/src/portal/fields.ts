/**
 * A JSON Schema as a reader wants it: a tree of fields, each with its type in words, what it may be, and what is in it.
 * References are followed, alternatives with `null` are nullable, alternatives of texts are open enumerations.
 *
 * @see {@link https://json-schema.org/draft/2020-12 JSON Schema 2020-12}
 * @module
 */
import type { JsonSchema, OpenApiDocument } from '../openapi/index.ts';

export interface Field {
  readonly name: string;
  /** Such as `array of objects` or `string or null`. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string | undefined;
  /** Bounds and form, each a few words. */
  readonly notes: readonly string[];
  /** The values of an enumeration, as JSON. */
  readonly values: readonly string[];
  /** Whether values that are not listed may come. */
  readonly isOpen: boolean;
  readonly fields: readonly Field[];
  /** Where it can be one of several objects: each with its fields. */
  readonly variants: readonly Field[];
}

type Schemas = OpenApiDocument['components']['schemas'];

const maxDepth = 8;

/** A schema with its references followed and what all its parts say in one. */
export function resolve(schema: unknown, schemas: Schemas, depth = 0): JsonSchema {
  const { $ref, allOf, ...rest } = objectOf(schema);
  const parts: unknown[] = Array.isArray(allOf) ? allOf : [];
  if (typeof $ref === 'string') parts.push(schemas[$ref.split('/').at(-1) ?? '']);
  if (parts.length === 0 || depth > maxDepth) return rest;
  const whole: JsonSchema = {};
  for (const part of [...parts.map((each) => resolve(each, schemas, depth + 1)), rest]) {
    const { properties, required } = whole;
    Object.assign(whole, part);
    if (properties !== undefined) whole.properties = { ...properties, ...part.properties };
    if (required !== undefined) whole.required = [...required, ...(part.required ?? [])];
  }
  return whole;
}

/** The members of an object schema; of an array those of its items. */
export function fieldsOf(schema: unknown, schemas: Schemas): readonly Field[] {
  return fieldOf({ name: '', schema, required: true }, schemas, 0).fields;
}

interface Named {
  readonly name: string;
  readonly schema: unknown;
  readonly required: boolean;
}

/** One field with all that is in it. */
export function fieldOf({ name, schema, required }: Named, schemas: Schemas, depth = 0): Field {
  const whole = resolve(schema, schemas);
  const choices = choicesOf(whole, schemas);
  const isNullable =
    choices.some(({ type }) => type === 'null') || (Array.isArray(whole.type) && whole.type.includes('null'));
  const real = choices.filter(({ type }) => type !== 'null');
  const texts = real.filter(({ type, enum: values }) => type === 'string' || values !== undefined);
  const isText = real.length > 1 && texts.length === real.length;
  const [first = {}] = real;
  const only = real.length === 1 ? first : isText ? { ...Object.assign({}, ...real) } : {};
  const values = real.flatMap(valuesOf);
  const items = only.type === 'array' ? resolve(only.items, schemas) : undefined;
  const inner = items === undefined ? only : objectsOf(items, schemas);
  const open =
    'x-extensible-enum' in only ||
    'x-open' in only ||
    real.some(({ enum: closed, const: one }) => closed === undefined && one === undefined && isText);
  return {
    name,
    type:
      real
        .map((one) => typeText(one, schemas))
        .filter(isNew)
        .join(' or ') + (isNullable ? ' or null' : ''),
    required,
    description: whole.description ?? (real.length === 1 ? first.description : undefined),
    notes: [...notesOf(only), ...(items === undefined ? [] : notesOf(items).map((note) => `each ${note}`))],
    values: items === undefined ? values : choicesOf(items, schemas).flatMap(valuesOf),
    isOpen: open,
    fields: depth >= maxDepth ? [] : membersOf(inner, schemas, depth),
    variants:
      real.length < 2 || isText || depth >= maxDepth
        ? []
        : real
            .filter(({ properties }) => properties !== undefined)
            .map((variant, index) =>
              fieldOf(
                { name: variant.title ?? `Variant ${index + 1}`, schema: variant, required },
                schemas,
                depth + 1,
              ),
            ),
  };
}

function membersOf(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  schemas: Schemas,
  depth: number,
): Field[] {
  const members = Object.entries(properties).map(([name, schema]) =>
    fieldOf({ name, schema, required: required.includes(name) }, schemas, depth + 1),
  );
  const hasMore = typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0;
  if (!hasMore) return members;
  return [
    ...members,
    fieldOf({ name: 'any name', schema: additionalProperties, required: false }, schemas, depth + 1),
  ];
}

/** A schema, or the schemas of which it is any one. */
function choicesOf(schema: JsonSchema, schemas: Schemas): JsonSchema[] {
  const { anyOf, oneOf, ...rest } = schema;
  const choices = [...(anyOf ?? []), ...(oneOf ?? [])];
  if (choices.length > 0) return choices.flatMap((choice) => choicesOf(resolve(choice, schemas), schemas));
  if (!Array.isArray(rest.type)) return [rest];
  return (rest.type as JsonSchema['type'][]).map((type) => ({
    ...rest,
    ...(type === undefined ? {} : { type }),
  }));
}

/** The object among what items can be. */
function objectsOf(items: JsonSchema, schemas: Schemas): JsonSchema {
  return choicesOf(items, schemas).find(({ properties }) => properties !== undefined) ?? items;
}

function valuesOf({ enum: values = [], const: only, ...rest }: JsonSchema): string[] {
  const open = (rest as { readonly 'x-extensible-enum'?: unknown })['x-extensible-enum'];
  const listed = [...values, ...(only === undefined ? [] : [only]), ...(Array.isArray(open) ? open : [])];
  return listed
    .filter((value) => value !== null)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
}

function typeText(schema: JsonSchema, schemas: Schemas): string {
  const { type, format, properties, items } = schema;
  if (type === 'array') {
    const inner = choicesOf(resolve(items, schemas), schemas).map((one) => typeText(one, schemas));
    return `array of ${inner.map(plural).join(' or ')}`;
  }
  if (type === undefined)
    return properties !== undefined
      ? 'object'
      : schema.enum === undefined && schema.const === undefined
        ? 'any'
        : 'string';
  if (format === 'date-time') return 'date and time';
  if (format === 'date') return 'date';
  if (format !== undefined && type === 'string') return `string (${format})`;
  return String(type);
}

function plural(type: string): string {
  return type === 'any'
    ? 'any values'
    : type.replace(/^(\w+)/, '$1s').replace(/^date(?:s)? and time$/, 'dates and times');
}

function notesOf(schema: JsonSchema): string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern, format } = schema;
  const { exclusiveMinimum, exclusiveMaximum, multipleOf, default: usual } = schema;
  return [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' items'),
    exclusiveMinimum === undefined ? '' : `more than ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? '' : `less than ${exclusiveMaximum}`,
    multipleOf === undefined ? '' : `a multiple of ${multipleOf}`,
    pattern === undefined || format !== undefined ? '' : `matches ${pattern}`,
    usual === undefined ? '' : `default ${JSON.stringify(usual)}`,
  ].filter((note) => note !== '');
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  if (from === undefined && to === undefined) return '';
  if (from === undefined) return `at most ${to}${unit}`;
  if (to === undefined) return from === 0 && unit !== '' ? '' : `at least ${from}${unit}`;
  if (from !== to) return `${from} to ${to}${unit}`;
  return `exactly ${from}${from === 1 ? unit.replace(/s$/, '') : unit}`;
}

function isNew(text: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(text) === index;
}

function objectOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : {};
}
