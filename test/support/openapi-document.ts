/**
 * The OpenAPI document of a BFF as a client sees it: plain JSON, whose references are followed and whose
 * schemas judge answers.
 *
 * @module
 */
import type { OpenApiDocument, OpenApiOperation, OpenApiResponse } from 'bffkit/openapi';
import { z } from 'zod';
import { resolve } from './json-schema.ts';

export interface DocumentedCall {
  /** `GET /v1/orders/{id}`. */
  readonly name: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** Every operation of a document. */
export function callsOf({ paths }: OpenApiDocument): DocumentedCall[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );
}

/** @throws {Error} when the endpoint, such as `GET /v1/orders/:id`, is not documented. */
export function callOf(document: OpenApiDocument, endpoint: string): DocumentedCall {
  const shape = (name: string): string => name.replaceAll(/:[^/]+|\{[^}]+\}/g, '{}');
  const found = callsOf(document).find(({ name }) => shape(name) === shape(endpoint));
  if (found === undefined) throw new Error(`${endpoint} is not in the document`);
  return found;
}

/** Where every `$ref` of a document leads; throws for one that leads nowhere. */
export function followReferences(document: OpenApiDocument): string[] {
  const found: string[] = [];
  walk(document, (value) => {
    if (typeof value.$ref !== 'string') return;
    resolve(value.$ref, document);
    found.push(value.$ref);
  });
  return found;
}

/** Checks a body against the schema of a response; fields the document does not name are faults too. */
export function faultsOf(document: OpenApiDocument, response: OpenApiResponse, body: unknown): string[] {
  const [content] = Object.values(response.content ?? {});
  const checked = compileSchema(document, content?.schema ?? {}).safeParse(body);
  return (checked.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** @throws {Error} for a schema that uses what no JSON Schema has. */
export function compileSchema({ components }: OpenApiDocument, schema: object): z.ZodType {
  const whole = { ...schema, $defs: components.schemas };
  const text = JSON.stringify(whole).replaceAll('"#/components/schemas/', '"#/$defs/');
  const closed: Record<string, unknown> = JSON.parse(text);
  walk(closed, (value) => {
    if (value.type === 'object' && typeof value.properties === 'object') value.additionalProperties ??= false;
  });
  return z.fromJSONSchema(closed as Parameters<typeof z.fromJSONSchema>[0]);
}

function walk(value: unknown, visit: (object: Record<string, unknown>) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>);
  for (const member of Object.values(value)) walk(member, visit);
}
