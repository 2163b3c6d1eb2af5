/**
 * Every member of every request and answer in a document, wherever it is, for tests of conventions.
 *
 * @module
 */
import type { JsonSchema, OpenApiDocument } from 'bffkit/openapi';
import { callsOf } from './openapi-document.ts';

type Reference = { readonly $ref: string };

/** One member of an object. */
export interface ApiMember {
  /** `GET /v1/orders/{id} answer 200 lines[].sku`, for a failing test. */
  readonly where: string;
  readonly side: 'request' | 'answer';
  readonly name: string;
  /** What it may be, `null` left out. */
  readonly schema: JsonSchema;
  /** The object that it is a member of. */
  readonly of: JsonSchema;
}

type Visit = (schema: JsonSchema, place: string) => void;

/** The members of good answers and of bodies, in the order of the document. */
export function membersOf(document: OpenApiDocument): ApiMember[] {
  const members: ApiMember[] = [];
  for (const { side, where, schema } of contentsOf(document)) {
    const visit: Visit = (open, place) => {
      for (const [name, member] of Object.entries(open.properties ?? {})) {
        const own = place === '' ? name : `${place}.${name}`;
        for (const found of choicesOf(document, member as JsonSchema)) {
          members.push({ where: `${where} ${own}`, side, name, schema: found, of: open });
          inside(document, found, own, visit);
        }
      }
    };
    for (const found of choicesOf(document, schema)) inside(document, found, '', visit);
  }
  return members;
}

/** The schema of each body and of each good answer. */
export function contentsOf(
  document: OpenApiDocument,
): { side: ApiMember['side']; where: string; schema: JsonSchema | Reference }[] {
  return callsOf(document).flatMap(({ name, operation }) => {
    const body = operation.requestBody?.content['application/json']?.schema;
    const answers = Object.entries(operation.responses).flatMap(([status, { content }]) => {
      const schema = content?.['application/json']?.schema;
      return schema === undefined
        ? []
        : [{ side: 'answer' as const, where: `${name} answer ${status}`, schema }];
    });
    return [
      ...(body === undefined ? [] : [{ side: 'request' as const, where: `${name} body`, schema: body }]),
      ...answers,
    ];
  });
}

function inside(document: OpenApiDocument, schema: JsonSchema, place: string, visit: Visit): void {
  visit(schema, place);
  if (typeof schema.items !== 'object' || Array.isArray(schema.items)) return;
  for (const found of choicesOf(document, schema.items as JsonSchema))
    inside(document, found, `${place}[]`, visit);
}

/** What a schema may be: references followed, alternatives apart, `null` left out. */
function choicesOf(document: OpenApiDocument, schema: JsonSchema | Reference): JsonSchema[] {
  const { $ref, anyOf, oneOf, type } = schema as JsonSchema;
  if ($ref !== undefined) {
    return choicesOf(document, document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
  }
  const all = anyOf ?? oneOf;
  if (all !== undefined) return all.flatMap((each) => choicesOf(document, each as JsonSchema));
  if (!Array.isArray(type)) return type === 'null' ? [] : [schema as JsonSchema];
  return type.filter((one) => one !== 'null').map((one) => ({ ...schema, type: one }) as JsonSchema);
}
