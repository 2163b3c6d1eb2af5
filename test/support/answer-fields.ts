/**
 * The fields of a documented answer, each in a form that can be taken away and put back: for tests that
 * ask what would be noticed.
 *
 * @module
 */
import { type JsonSchema, resolve } from './json-schema.ts';
import { findOperation, type OpenApiDocument } from './open-api.ts';

/** One field; `items.total` is the path of `total` in every item. */
export interface AnswerField {
  readonly path: string;
  /** Runs `look` while the field is described otherwise, or not at all. */
  whileIt<T>(is: JsonSchema | 'gone', look: () => T): T;
}

/** A document of its own for one operation, and the fields of its good answers. */
export function answerFields(
  document: OpenApiDocument,
  method: string,
  path: string,
): { readonly document: OpenApiDocument; readonly fields: readonly AnswerField[] } {
  const documented = findOperation(document, method, path);
  if (documented === undefined) throw new Error(`${method} ${path} is not documented`);
  const own = structuredClone(document);
  const operation = own.paths[documented.path]?.[method.toLowerCase()] as {
    responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
  };
  const fields = Object.entries(operation.responses).flatMap(([status, { content = {} }]) => {
    const json = content['application/json'];
    if (!status.startsWith('2') || json === undefined) return [];
    json.schema = inlined(json.schema, document);
    return fieldsIn(json.schema, '');
  });
  return { document: own, fields };
}

/** A copy without references, so that a change in one place stays in that place. */
function inlined(schema: JsonSchema, root: unknown): JsonSchema {
  if (schema.$ref !== undefined) return inlined(resolve(schema.$ref, root).schema, root);
  const { items, properties, anyOf } = schema;
  return {
    ...schema,
    ...(items === undefined ? {} : { items: inlined(items, root) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((option) => inlined(option, root)) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, inlined(property, root)]),
          ),
        }),
  };
}

function fieldsIn(schema: JsonSchema, path: string): AnswerField[] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const own = Object.entries(properties).flatMap(([name, property]) => {
    const fieldPath = path === '' ? name : `${path}.${name}`;
    return [fieldOf(fieldPath, properties, name), ...fieldsIn(property, fieldPath)];
  });
  const parts = [...(schema.items === undefined ? [] : [schema.items]), ...(schema.anyOf ?? [])];
  return [...own, ...parts.flatMap((part) => fieldsIn(part, path))];
}

function fieldOf(path: string, properties: Record<string, JsonSchema>, name: string): AnswerField {
  return {
    path,
    whileIt(is, look) {
      const before = properties[name] ?? {};
      if (is === 'gone') delete properties[name];
      else properties[name] = is;
      try {
        return look();
      } finally {
        properties[name] = before;
      }
    },
  };
}
