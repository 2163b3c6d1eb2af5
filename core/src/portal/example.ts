/**
 * A value that a schema could have: the example it brings, else one made of its type and its name, so that no page
 * is without.
 *
 * @module
 */
import type { JsonSchema, OpenApiDocument } from '../openapi/index.ts';
import { resolve } from './fields.ts';

type Schemas = OpenApiDocument['components']['schemas'];

interface MediaType {
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}

const maxDepth = 8;

/** The first example of a body, else one made of its schema. */
export function exampleOfMedia(media: MediaType | undefined, schemas: Schemas): unknown {
  if (media === undefined) return undefined;
  const [first] = Object.values(media.examples ?? {});
  if (first !== undefined && 'value' in first) return first.value;
  if (media.example !== undefined) return media.example;
  return media.schema === undefined ? undefined : exampleOf(media.schema, schemas);
}

/** @param name Of the member it is for; says what a text could be. */
export function exampleOf(schema: unknown, schemas: Schemas, name = '', depth = 0): unknown {
  const whole = resolve(schema, schemas);
  const given = [
    ...(whole.examples ?? []),
    (whole as { readonly example?: unknown }).example,
    whole.default,
    whole.const,
    whole.enum?.[0],
  ];
  const known = given.find((value) => value !== undefined);
  if (known !== undefined) return known;
  const choice = [...(whole.anyOf ?? []), ...(whole.oneOf ?? [])].find(
    (one) => resolve(one, schemas).type !== 'null',
  );
  if (choice !== undefined) return exampleOf(choice, schemas, name, depth);
  const type = Array.isArray(whole.type) ? whole.type.find((one) => one !== 'null') : whole.type;
  if (whole.properties !== undefined || type === 'object')
    return depth > maxDepth ? {} : objectExample(whole, schemas, depth);
  if (type === 'array')
    return depth > maxDepth ? [] : [exampleOf(whole.items, schemas, name.replace(/s$/, ''), depth + 1)];
  if (type === 'integer' || type === 'number') return Math.max(whole.minimum ?? 1, 1);
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  return textExample(whole, name);
}

function objectExample({ properties = {} }: JsonSchema, schemas: Schemas, depth: number): unknown {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, exampleOf(schema, schemas, name, depth + 1)]),
  );
}

const texts: readonly (readonly [RegExp, string])[] = [
  [/At$|^validUntil$/, '2026-11-22T09:30:00Z'],
  [/^(?:from|to|date)$/, '2026-11-22'],
  [/sku/i, 'SKU-00001'],
  [/currency/i, 'EUR'],
  [/country/i, 'DE'],
  [/url/i, 'https://example.com/x'],
  [/id$/i, 'abc_123'],
];

function textExample({ format, minLength = 0 }: JsonSchema, name: string): string {
  if (format === 'date-time') return '2026-11-22T09:30:00Z';
  if (format === 'date') return '2026-11-22';
  if (format === 'uri') return 'https://example.com/x';
  const [, text = name === '' ? 'text' : name] = texts.find(([pattern]) => pattern.test(name)) ?? [];
  return text.padEnd(minLength, 'x');
}
