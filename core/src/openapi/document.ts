/**
 * The part of an OpenAPI document that a BFF writes. Members that begin with `x-` are ours.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html OpenAPI 3.1.1}
 * @module
 */
import type { JSONSchema } from 'zod/v4/core';
import type { ApiInfo } from '../api-info.ts';
import type { ProblemCode } from '../problem/codes.ts';

/** A schema in JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export type JsonSchema = JSONSchema.BaseSchema;

/** A pointer to a component. */
export interface Reference {
  readonly $ref: string;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: {
    readonly title: string;
    /** Of a dated version its day, else `0`. */
    readonly version: string;
    readonly summary: string;
    readonly description?: string;
    readonly contact?: ApiInfo['contact'];
    readonly license?: ApiInfo['license'];
    /** The BFF by its name. */
    readonly 'x-bff': string;
    /** The team that is asked when it breaks. */
    readonly 'x-owner': string;
  };
  /** Absent where the BFF does not know its public origin. */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[];
  /** The resources there are, sorted by name. */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** Sorted by path. */
  readonly paths: Readonly<Record<string, PathItem>>;
  /** What is sent to receivers, by the type of the event. Absent where nothing is. */
  readonly webhooks?: Readonly<Record<string, { readonly post: OpenApiWebhook }>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, Header>>;
    /** Of problems, by code. */
    readonly examples: Readonly<Record<string, Example>>;
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  };
}

export type DocumentedMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type PathItem = Readonly<Partial<Record<DocumentedMethod, OpenApiOperation>>>;

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  /** The resource it belongs to. */
  readonly tags: readonly [string];
  /** Any one of them is enough; an empty one stands for callers who are not signed in. */
  readonly security: readonly SecurityRequirement[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  /** All of these are needed, whichever way the caller is known. Absent where none is. */
  readonly 'x-roles'?: readonly string[];
  /** What one request takes from the caller's limit. */
  readonly 'x-cost': number;
  readonly 'x-deadline-ms': number;
  /** Bytes the answer may have before compression. */
  readonly 'x-budget-bytes'?: number;
}

/** What a receiver of an event gets, and what it should answer. */
export interface OpenApiWebhook
  extends Pick<OpenApiOperation, 'operationId' | 'summary' | 'tags' | 'security'> {
  readonly parameters: readonly Parameter[];
  readonly requestBody: RequestBody;
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

/** All of its schemes are needed, each with all of its scopes. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface RequestBody {
  readonly required: boolean;
  readonly description: string;
  readonly content: Content;
  readonly 'x-max-bytes'?: number;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Reference>>;
  readonly content?: Content;
  /** The codes a problem of this status can have here. */
  readonly 'x-codes'?: readonly ProblemCode[];
}

export type Content = Readonly<Record<string, MediaType>>;

export interface MediaType {
  readonly schema?: JsonSchema | Reference;
  readonly example?: unknown;
  /** Of problems, by code. */
  readonly examples?: Readonly<Record<string, ExampleReference>>;
}

/** A pointer to an example among the components, which has the value. */
export interface ExampleReference extends Reference {
  readonly value?: never;
}

export interface Example {
  readonly summary?: string;
  readonly value: unknown;
}

export interface Header {
  readonly description: string;
  readonly schema: JsonSchema;
}

export type SecurityScheme =
  | {
      readonly type: 'http';
      readonly scheme: string;
      readonly bearerFormat?: string;
      readonly description?: string;
    }
  | {
      readonly type: 'apiKey';
      readonly in: 'cookie' | 'header';
      readonly name: string;
      readonly description: string;
    };
