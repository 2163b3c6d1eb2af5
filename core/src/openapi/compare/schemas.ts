/**
 * Schemas of a document with their references followed and their conjunctions joined, so that two can be compared
 * keyword by keyword.
 *
 * @module
 */
import type { JsonSchema, OpenApiDocument, Reference } from '../document.ts';

/** A schema as documents have it. */
export type AnySchema = JsonSchema | Reference | boolean;

/** A schema, and the document that its references lead into. */
export interface Placed {
  readonly schema: AnySchema;
  readonly document: OpenApiDocument;
}

const start = '#/components/schemas/';

/** The schema itself: what a reference leads to, with all that must hold together in one. */
export function opened({ schema, document }: Placed): JsonSchema {
  if (schema === true) return {};
  if (schema === false) return { not: {} };
  const { $ref, allOf, ...own } = schema as JsonSchema;
  const parts: AnySchema[] = [...((allOf ?? []) as AnySchema[])];
  if ($ref !== undefined) parts.unshift(document.components.schemas[$ref.slice(start.length)] ?? {});
  return parts.reduce<JsonSchema>((all, part) => joined(all, opened({ schema: part, document })), own);
}

/** What of two schemas must hold together; of a keyword that both have, the latter's. */
function joined(one: JsonSchema, other: JsonSchema): JsonSchema {
  const properties = { ...other.properties, ...one.properties };
  const required = [...new Set([...(one.required ?? []), ...(other.required ?? [])])];
  return {
    ...other,
    ...one,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** The alternatives of a schema, each with what stands beside them; one where there is no choice. */
export function alternativesOf(placed: Placed): JsonSchema[] {
  const { anyOf, oneOf, ...beside } = opened(placed);
  const all = anyOf ?? oneOf;
  const { document } = placed;
  const choices =
    all === undefined
      ? [beside]
      : all.flatMap((schema) =>
          alternativesOf({ schema: schema as AnySchema, document }).map((each) => joined(each, beside)),
        );
  return choices.flatMap(ofEachType);
}

/** One schema per type: `["string", "null"]` is two. */
function ofEachType(schema: JsonSchema): JsonSchema[] {
  const { type } = schema as { readonly type?: string | readonly string[] };
  if (!Array.isArray(type)) return [schema];
  return type.map((one: string) => ({ ...schema, type: one }) as JsonSchema);
}

/** A few words for a reader: `integer`, `one of "a", "b"`. */
export function wordsOf(schema: JsonSchema): string {
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined)
    return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  return (schema.type as string | undefined) ?? (isNever(schema) ? 'nothing' : 'any value');
}

/** Whether no value fits. */
export function isNever({ not }: JsonSchema): boolean {
  return typeof not === 'object' && Object.keys(not).length === 0;
}
