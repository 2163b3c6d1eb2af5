/**
 * A route, declared once: the same schemas check what comes in, type the handler and write the OpenAPI
 * document, so that none of the three can drift from the others.
 *
 * @module
 */
import * as z from 'zod';
import type { Immutable } from '../schemas/component.ts';
import { type ErrorStatus, ServiceError } from './service-error.ts';

type Shape = Readonly<Record<string, z.ZodType>>;
type Values<S extends Shape> = z.output<z.ZodObject<S>>;

/** What a handler gets: the parts of the request, checked and converted. */
export interface Input<Params extends Shape, Query extends Shape, Headers extends Shape, Body extends Shape> {
  readonly params: Values<Params>;
  readonly query: Values<Query>;
  readonly headers: Values<Headers>;
  readonly body: Values<Body>;
}

/** How a route is declared. A part of the request that is left out must be empty. */
export interface Declaration<
  Params extends Shape,
  Query extends Shape,
  Headers extends Shape,
  Body extends Shape,
  Answer extends z.ZodType,
> {
  readonly method: 'get' | 'post';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  /** The headers that the handler reads; others are ignored. */
  readonly headers?: Headers;
  readonly body?: Body;
  /** The status of the good answer. */
  readonly status: 200 | 201 | 204;
  /** The schema of the good answer; left out when it has no body. */
  readonly answer?: Answer;
  /** A validator for conditional requests, computed from the answer. */
  readonly etag?: (answer: Immutable<z.output<Answer>>) => string;
  /** The refusals beyond those that follow from the declaration. */
  readonly errors: readonly ErrorStatus[];
  readonly handle: (input: Input<Params, Query, Headers, Body>) => Immutable<z.output<Answer>>;
}

/** A request before anything in it was checked. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
}

/** What a route answers a good request with. */
export interface RouteAnswer {
  readonly body: unknown;
  readonly etag?: string;
}

/** A declared route, ready to be served and to be described. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers: z.ZodObject;
  readonly body: z.ZodObject | undefined;
  readonly status: 200 | 201 | 204;
  readonly answer: z.ZodType | undefined;
  readonly conditional: boolean;
  readonly errors: readonly ErrorStatus[];
  /** Checks a request and answers it; throws a {@link ServiceError} to refuse it. */
  readonly respond: (request: RawRequest) => RouteAnswer;
}

/** Declares a route. */
export function route<
  Params extends Shape = Record<never, never>,
  Query extends Shape = Record<never, never>,
  Headers extends Shape = Record<never, never>,
  Body extends Shape = Record<never, never>,
  Answer extends z.ZodType = z.ZodVoid,
>(declaration: Declaration<Params, Query, Headers, Body, Answer>): Route {
  // A part that is not declared was inferred as the empty shape, which is what `{}` is.
  const params = z.strictObject(declaration.params ?? ({} as Params));
  const query = z.strictObject(declaration.query ?? ({} as Query));
  const headers = z.object(declaration.headers ?? ({} as Headers));
  const body = z.strictObject(declaration.body ?? ({} as Body));
  return {
    method: declaration.method,
    path: declaration.path,
    operationId: declaration.operationId,
    summary: declaration.summary,
    params,
    query,
    headers,
    body: declaration.body === undefined ? undefined : body,
    status: declaration.status,
    answer: declaration.answer,
    conditional: declaration.etag !== undefined,
    errors: refusals(declaration),
    respond: function respond(request) {
      const answer = declaration.handle({
        params: check('path', params, request.params),
        query: check('query', query, request.query),
        headers: check('header', headers, request.headers),
        body: check('body', body, request.body),
      });
      return { body: answer, ...(declaration.etag !== undefined && { etag: declaration.etag(answer) }) };
    },
  };
}

function check<S extends z.ZodType>(part: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = [part, ...(issue?.path ?? [])].join('.');
  throw new ServiceError(400, 'invalid_request', `${place}: ${issue?.message ?? 'invalid'}`);
}

function refusals({ body, errors }: { body?: unknown; errors: readonly ErrorStatus[] }): ErrorStatus[] {
  const fromBody: readonly ErrorStatus[] = body === undefined ? [] : [413, 415];
  return [...new Set<ErrorStatus>([400, ...fromBody, ...errors])].sort((a, b) => a - b);
}
