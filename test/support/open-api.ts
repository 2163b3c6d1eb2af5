/**
 * OpenAPI documents: finding in one the operation that a call would reach, and the parts of it.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html OpenAPI 3.1.1}
 * @module
 */
import { type JsonSchema, resolve } from './json-schema.ts';

type JsonContent = Readonly<Record<string, { readonly schema?: JsonSchema }>>;

export interface OpenApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: JsonSchema;
  readonly style?: string;
  readonly explode?: boolean;
}

export interface OpenApiOperation {
  readonly parameters?: readonly (OpenApiParameter | Reference)[];
  readonly requestBody?: Reference | { readonly required?: boolean; readonly content?: JsonContent };
  readonly responses?: Readonly<Record<string, Reference | { readonly content?: JsonContent }>>;
}

/** What is read of a document. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Reference {
  readonly $ref: string;
}

/** An operation of a document, its references resolved one level deep. */
export interface DocumentedOperation {
  /** As the document writes it, such as `/users/{id}`. */
  readonly path: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly body: { readonly required: boolean; readonly schema: JsonSchema | undefined } | undefined;
  /** By status, `2XX` and `default` included. */
  readonly answers: Readonly<Record<string, JsonSchema | undefined>>;
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json\b/i;

/** Finds the operation at a path such as `/users/:id`, however the document names the parameters. */
export function findOperation(
  document: OpenApiDocument,
  method: string,
  path: string,
): DocumentedOperation | undefined {
  const wanted = shapeOf(path.replaceAll(/:[^/]+/g, '{}'));
  const documented = Object.keys(document.paths).find((candidate) => shapeOf(candidate) === wanted);
  const item = documented === undefined ? undefined : document.paths[documented];
  const operation = item?.[method.toLowerCase()] as OpenApiOperation | undefined;
  if (item === undefined || operation === undefined || documented === undefined) return undefined;
  const shared = (item.parameters ?? []) as readonly (OpenApiParameter | Reference)[];
  const follow = <T extends object>(value: T | Reference): T =>
    '$ref' in value ? (resolve(value.$ref, document).schema as T) : value;
  const body = operation.requestBody === undefined ? undefined : follow(operation.requestBody);
  return {
    path: documented,
    parameters: [...shared, ...(operation.parameters ?? [])].map(follow),
    body:
      body === undefined ? undefined : { required: body.required === true, schema: jsonSchema(body.content) },
    answers: Object.fromEntries(
      Object.entries(operation.responses ?? {}).map(([status, answer]) => [
        status,
        jsonSchema(follow(answer).content),
      ]),
    ),
  };
}

function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, '{}');
}

function jsonSchema(content: JsonContent = {}): JsonSchema | undefined {
  const [, found] = Object.entries(content).find(([type]) => jsonType.test(type)) ?? [];
  return found === undefined ? undefined : (found.schema ?? {});
}
