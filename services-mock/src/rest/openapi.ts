/**
 * Writes the OpenAPI document of a service from its routes.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html OpenAPI 3.1.1}
 * @module
 */
import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import { components } from '../schemas/component.ts';
import type { Route } from './route.ts';
import { ErrorBody } from './service-error.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** An OpenAPI document, as far as services write one. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: JsonContent };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
  readonly style?: 'form';
  readonly explode?: false;
}

interface Response {
  readonly description: string;
  readonly content?: JsonContent;
}

type JsonContent = Readonly<Record<'application/json', { readonly schema: JsonSchema }>>;

/** What a document is written from. */
export interface Api {
  readonly title: string;
  readonly version: string;
  readonly routes: readonly Route[];
}

/** Writes the document. Named schemas stand once under `components`. */
export function openApiDocument({ title, version, routes }: Api): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route, schemas) };
  }
  return pointToComponents({ openapi: '3.1.1', info: { title, version }, paths, components: { schemas } });
}

type Schemas = Record<string, JsonSchema>;

function operationOf(route: Route, schemas: Schemas): Operation {
  return {
    operationId: route.operationId,
    summary: route.summary,
    parameters: [
      ...parametersOf('path', route.params, schemas),
      ...parametersOf('query', route.query, schemas),
      ...parametersOf('header', route.headers, schemas),
    ],
    ...(route.body !== undefined && {
      requestBody: { required: true, content: jsonContent(route.body, schemas) },
    }),
    responses: {
      [route.status]: {
        description: describe(route.status),
        ...(route.answer !== undefined && { content: jsonContent(route.answer, schemas) }),
      },
      ...(route.conditional && { 304: { description: describe(304) } }),
      ...Object.fromEntries(route.errors.map((status) => [status, refusal(status, schemas)])),
    },
  };
}

function refusal(status: number, schemas: Schemas): Response {
  return { description: describe(status), content: jsonContent(ErrorBody, schemas) };
}

function parametersOf(place: Parameter['in'], part: z.ZodObject, schemas: Schemas): readonly Parameter[] {
  return Object.entries(part.shape).map(([name, field]) => {
    const schema = jsonSchemaOf(field, schemas);
    return {
      name,
      in: place,
      required: !z.safeParse(field, undefined).success,
      schema,
      // A list is one comma-separated value: ids=a,b,c.
      ...(schema.type === 'array' && { style: 'form', explode: false }),
    };
  });
}

function jsonContent(schema: z.ZodType, schemas: Schemas): JsonContent {
  return { 'application/json': { schema: jsonSchemaOf(schema, schemas) } };
}

/** Converts a schema as it is after conversion, and moves the named ones in it to `schemas`. */
function jsonSchemaOf(schema: z.ZodType, schemas: Schemas): JsonSchema {
  const converted = z.toJSONSchema(schema, {
    metadata: components,
    io: 'output',
    // The pattern of a date repeats, in 200 characters, what its format says.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  const { $schema: _, $defs: named, ...own } = converted;
  Object.assign(schemas, named);
  return own;
}

/** zod refers to `$defs`; OpenAPI keeps its schemas elsewhere. */
function pointToComponents(document: OpenApiDocument): OpenApiDocument {
  return JSON.parse(JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

function describe(status: number): string {
  return STATUS_CODES[status] ?? String(status);
}
