/** Documents that differ in one thing, for tests of what counts as breaking. */

import { compareDocuments } from '../openapi/compare/compare.ts';
import type { JsonSchema, OpenApiDocument, OpenApiOperation, Parameter } from '../openapi/document.ts';

export type Json = JsonSchema & Record<string, unknown>;
type Schemas = Record<string, JsonSchema>;

const get: OpenApiOperation = {
  operationId: 'getThings',
  summary: 'Things.',
  tags: ['things'],
  security: [{ key: ['things:read'] }],
  responses: { 200: { description: 'OK' } },
  'x-cost': 1,
  'x-deadline-ms': 1_000,
};

export function documentWith(
  operation: Partial<OpenApiOperation>,
  schemas: Schemas = {},
  path = '/things',
): OpenApiDocument {
  return {
    openapi: '3.1.1',
    info: { title: 't', version: '0', summary: '', 'x-bff': 't', 'x-owner': '@t' },
    tags: [],
    paths: { [path]: { get: { ...get, ...operation } } },
    components: { schemas, headers: {}, examples: {}, securitySchemes: {} },
  };
}

/** The differences as text, those that break marked. */
export function between(before: OpenApiDocument, after: OpenApiDocument): string[] {
  return compareDocuments(before, after).map(
    (change) => `${change.isBreaking ? '✖ ' : ''}${change.place} ${change.what}`,
  );
}

export const answering = (schema: Json, schemas?: Schemas): OpenApiDocument =>
  documentWith(
    { responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } } },
    schemas,
  );
export const taking = (schema: Json, schemas?: Schemas): OpenApiDocument =>
  documentWith(
    { requestBody: { required: true, description: '', content: { 'application/json': { schema } } } },
    schemas,
  );
export const withParameters = (...parameters: Partial<Parameter>[]): OpenApiDocument =>
  documentWith({
    parameters: parameters.map((one) => ({
      name: 'q',
      in: 'query',
      required: false,
      schema: { type: 'string' },
      ...one,
    })),
  });
export const object = (properties: Schemas, required: string[] = [], others: Json = {}): Json => ({
  type: 'object',
  properties,
  required,
  ...others,
});
export const text: Json = { type: 'string' };
export const integer: Json = { type: 'integer' };

/** What changed, before, after, the differences forwards, the differences backwards. */
export type Row = readonly [string, OpenApiDocument, OpenApiDocument, readonly string[], readonly string[]];

/** The differences there and back, as a row has them. */
export function bothWays([, before, after]: Row): readonly (readonly string[])[] {
  return [between(before, after), between(after, before)];
}
