/**
 * JSON Schemas, as OpenAPI documents and zod write them, in the form a comparison needs: the list of
 * alternatives a value may be. Bounds, patterns and formats are left out on purpose.
 *
 * @see {@link https://json-schema.org/draft/2020-12 JSON Schema 2020-12}
 * @module
 */

/** What is read of a schema. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  /** Of OpenAPI 3.0. */
  readonly nullable?: boolean;
}

/** A schema, and the document its references point into. */
export interface Part {
  readonly schema: JsonSchema;
  readonly root: unknown;
}

/** The fields of an object that are not named: none, any, or any of this form. */
export type Rest = 'none' | 'any' | Part;

export interface ObjectAlternative {
  readonly kind: 'object';
  readonly properties: Readonly<Record<string, Part>>;
  readonly required: readonly string[];
  readonly rest: Rest;
}

export type Alternative =
  | { readonly kind: 'anything' }
  | { readonly kind: 'array'; readonly items: Part }
  | ObjectAlternative
  | {
      readonly kind: 'null' | 'boolean' | 'integer' | 'number' | 'string';
      /** Set when only these are allowed. */
      readonly values?: readonly unknown[];
    };

/**
 * What a value of this schema may be.
 *
 * @throws {TypeError} for a reference that leads nowhere, or an `allOf` of what are not objects.
 */
export function alternativesOf(part: Part): Alternative[] {
  const { schema, root } = followed(part);
  const found = nonNullAlternatives(schema, root);
  return schema.nullable === true ? [...found, { kind: 'null' }] : found;
}

/** The schema in words, such as `string or null`. */
export function describe(part: Part): string {
  return [...new Set(alternativesOf(part).map(describeAlternative))].join(' or ');
}

/** The schema itself where the part is a reference to it. */
export function followed(part: Part): Part {
  return part.schema.$ref === undefined ? part : followed(resolve(part.schema.$ref, part.root));
}

/** Follows a JSON pointer such as `#/components/schemas/Order`. */
export function resolve(pointer: string, root: unknown): Part {
  const steps = pointer.split('/').slice(1);
  const found = steps.reduce<unknown>(
    (place, step) =>
      (place as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')],
    root,
  );
  if (!pointer.startsWith('#') || typeof found !== 'object' || found === null) {
    throw new TypeError(`the reference ${pointer} leads nowhere`);
  }
  return { schema: found, root };
}

function nonNullAlternatives(schema: JsonSchema, root: unknown): Alternative[] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return options.flatMap((option) => alternativesOf({ schema: option, root }));
  if (schema.allOf !== undefined) return [joined(schema.allOf, root)];
  if (schema.enum !== undefined) return ofValues(schema.enum);
  if (schema.const !== undefined) return ofValues([schema.const]);
  return [schema.type ?? impliedType(schema)].flat().map((type) => ofType(type, schema, root));
}

function impliedType({ properties, items }: JsonSchema): string {
  if (properties !== undefined) return 'object';
  return items === undefined ? 'anything' : 'array';
}

function ofType(type: string, schema: JsonSchema, root: unknown): Alternative {
  switch (type) {
    case 'object':
      return ofObject(schema, root);
    case 'array':
      return { kind: 'array', items: { schema: schema.items ?? {}, root } };
    case 'null':
    case 'boolean':
    case 'integer':
    case 'number':
    case 'string':
      return { kind: type };
    default:
      return { kind: 'anything' };
  }
}

function ofObject(schema: JsonSchema, root: unknown): ObjectAlternative {
  const { properties = {}, required = [], additionalProperties: rest = true } = schema;
  return {
    kind: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, { schema: property, root }]),
    ),
    required,
    rest: typeof rest === 'boolean' ? (rest ? 'any' : 'none') : { schema: rest, root },
  };
}

function ofValues(values: readonly unknown[]): Alternative[] {
  const kinds = Map.groupBy(values, (value) => (value === null ? 'null' : typeof value));
  return [...kinds].map(([kind, some]): Alternative => {
    if (kind === 'string' || kind === 'number' || kind === 'boolean') return { kind, values: some };
    return { kind: kind === 'null' ? 'null' : 'anything' };
  });
}

function joined(schemas: readonly JsonSchema[], root: unknown): Alternative {
  const parts = schemas.flatMap((schema) => alternativesOf({ schema, root }));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const objects = parts.filter((part) => part.kind === 'object');
  if (objects.length < parts.length || parts.length !== schemas.length) {
    throw new TypeError('an allOf of what are not objects cannot be compared');
  }
  return {
    kind: 'object',
    properties: Object.assign({}, ...objects.map(({ properties }) => properties)),
    required: objects.flatMap(({ required }) => required),
    rest: objects.find(({ rest }) => rest !== 'any')?.rest ?? 'any',
  };
}

function describeAlternative(alternative: Alternative): string {
  if (alternative.kind === 'array') return `array of ${describe(alternative.items)}`;
  if (!('values' in alternative) || alternative.values === undefined) return alternative.kind;
  return `${alternative.kind} ${alternative.values.map((value) => JSON.stringify(value)).join(' | ')}`;
}
