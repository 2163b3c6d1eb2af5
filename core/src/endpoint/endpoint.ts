/**
 * The declaration of an endpoint: a value that says who may call it, what it takes, which calls it
 * makes and what it gives. Everything else follows from it.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodObject, $ZodType, input, output } from 'zod/v4/core';
import type { EndpointCacheOptions } from '../cache/cache-options.ts';
import type { Priority } from '../context/pressure.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { Answer } from '../http/answer.ts';
import type { Access } from '../identity/access.ts';
import type { PlanBuilder } from '../plan/builder.ts';
import type { AnyScope, Nodes, Scope, ValuesOf } from '../plan/node.ts';
import type { Page } from '../ssr/page.ts';
import type { Preload } from '../ssr/preload.ts';
import type { Method, Operation } from '../upstream/operation.ts';
import type { PathParams } from '../upstream/path.ts';
import type { StreamCall } from '../upstream/stream-call.ts';
import type { StreamContract } from '../upstream/stream-contract.ts';
import type { Budget } from './budget.ts';
import type { SloOptions } from './slo.ts';
import type { RenderOptions } from './write-page.ts';

type MaybeObject = $ZodObject | undefined;
type MaybeSchema = $ZodType | undefined;

export interface EndpointOptions<
  Caller extends Principal | undefined,
  Params extends MaybeObject,
  Query extends MaybeObject,
  Body extends MaybeSchema,
> {
  /** One sentence for documents and the console. */
  readonly summary: string;
  /** Who may call: `anyone()`, `signedIn()` or `scopes(…)`. Nothing is public by default. */
  readonly access: Access<Caller>;
  /** What the path's parameters accept. Default: 1 to 64 letters, digits, `-` or `_`. */
  readonly params?: Params;
  /** What the query accepts; other parameters are refused. Default none. */
  readonly query?: Query;
  /** What the JSON body accepts. Default: no body is read. */
  readonly body?: Body;
  /** Milliseconds from arrival to answer, in `(0, 30 000]`. */
  readonly deadlineMs: number;
  /** Tokens one request takes from the caller's bucket. Default 1. */
  readonly cost?: number;
  /** The class of this endpoint for limits by `endpoint-class`. Default `default`. */
  readonly limitClass?: string;
  /** Bytes the body may have. Default 100 KiB. */
  readonly maxBodyBytes?: number;
  /** Under overload `low` endpoints are refused first, `high` ones never. Default `normal`. */
  readonly priority?: Priority;
  /**
   * Whether callers known by a cookie must show that the call came from the app's own origin. `false` is
   * for pages a browser navigates to, and only for GET and for plain answers. Default true.
   */
  readonly antiForgery?: boolean;
  /** How many of its requests must be good, and how fast. Counted, and made into alerts by `bffkit slo rules`. */
  readonly slo?: SloOptions;
  /** What the JSON body of an answer may weigh; kept by tests, told by a fact in production. Default no budget. */
  readonly budget?: Budget;
  /** Takes `?fields=id,lines(sku)`: the client says which fields of the answer it wants. Default false. */
  readonly fields?: boolean;
  /**
   * Answers who asks for `application/x-ndjson` in lines: the required part at once, optional parts as they
   * come. For GET endpoints with a plan. Default false.
   */
  readonly progressive?: boolean;
  /** What browsers that navigate here fetch before any service has answered (103). Default nothing. */
  readonly earlyHints?: readonly Preload[];
  /** Keeps the whole answer, and makes it once for all who want the same at the same time; for GET only. Default none. */
  readonly cache?: EndpointCacheOptions;
  /**
   * Takes an `Idempotency-Key`: the work is done once for one key of a caller, and repetitions get the answer that is
   * kept. For POST and PATCH with JSON answers; the services that are written to must take a key as well. Default: none.
   */
  readonly idempotency?: 'required' | 'optional';
  /** Status of a good answer. Default 200. */
  readonly status?: 200 | 201 | 202;
}

/** The checked input of a request. */
export interface InputOf<Path extends string, Params, Query, Body> {
  readonly params: Params extends $ZodType ? output<Params> : PathParams<Path>;
  readonly query: Query extends $ZodType ? output<Query> : Record<never, never>;
  readonly body: Body extends $ZodType ? output<Body> : undefined;
}

/** What `.handle()` gets: the escape hatch for the rare endpoint that needs loops. */
export interface HandleContext<Input, Caller> {
  readonly input: Input;
  readonly principal: Caller;
  /** Aborted when the client leaves or the deadline passes. */
  readonly signal: AbortSignal;
  /** Calls an operation under the same protection as a plan's call; at most 20 per request. */
  call<Request, Answer>(operation: Operation<Request, Answer>, request: NoInfer<Request>): Promise<Answer>;
}

/** What `.answer()` gets. */
export interface PlainScope<Input, Caller> {
  readonly input: Input;
  readonly principal: Caller;
  readonly context: RequestContext;
}

/** An answer that is no JSON document: a page, a redirect. Not cached unless its headers say so. */
export interface PlainAnswer {
  readonly status: number;
  /** By lowercase name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How an endpoint comes to its answer. */
export type Behaviour =
  | {
      readonly kind: 'plan';
      readonly plan: (builder: PlanBuilder<unknown, unknown>) => Nodes;
      readonly respond: (scope: AnyScope) => unknown;
      /** Set when `respond` gives a `Page`. */
      readonly page?: RenderOptions;
    }
  | {
      readonly kind: 'opaque';
      readonly handle: (context: HandleContext<unknown, unknown>) => Promise<unknown>;
      /** How many calls it makes at most; known of endpoints that come with the framework. Default 20. */
      readonly maxCalls?: number;
    }
  | {
      readonly kind: 'plain';
      readonly answer: (scope: PlainScope<unknown, unknown>) => PlainAnswer | Promise<PlainAnswer>;
    }
  | {
      readonly kind: 'stream';
      readonly operation: StreamContract;
      /** Compiles it, at boot. */
      readonly compile: (parts: StreamParts) => WriteStream;
    };

/** What a streaming endpoint is compiled with. */
export interface StreamParts {
  readonly call: StreamCall;
  /** Bytes an answer of the upstream may have. */
  readonly maxAnswerBytes: number;
  /** Whether the upstream is told for whom it is asked. */
  readonly hasIdentity: boolean;
}

/** Answers one request; `headers` are those known before, such as the limit's. */
export type WriteStream = (
  context: RequestContext,
  params: unknown,
  headers: Record<string, string>,
) => Promise<Answer>;

/** Options with their types erased. */
export type AnyEndpointOptions = EndpointOptions<
  Principal | undefined,
  MaybeObject,
  MaybeObject,
  MaybeSchema
>;

declare const endpointTypes: unique symbol;

/** A finished declaration. `Types` is for typed clients only; there is nothing of it at run time. */
export interface Endpoint<out Types = unknown> {
  readonly method: Method;
  readonly path: string;
  readonly options: AnyEndpointOptions;
  readonly response: $ZodType;
  readonly behaviour: Behaviour;
  readonly [endpointTypes]?: Types;
}

/** The types of one endpoint, as a typed client needs them. */
export interface EndpointTypes<Path extends string, Params, Query, Body, Answer> {
  readonly path: Path;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly answer: Answer;
}

/** An endpoint whose plan is there and whose answer is not. */
export interface Planned<
  N extends Nodes,
  Input,
  Caller,
  Types extends EndpointTypes<string, unknown, unknown, unknown, unknown>,
> {
  /**
   * Declares the answer: `schema` is all that can leave, `shape` builds it from the nodes' values.
   * `shape` is pure and synchronous: it picks, joins and renames.
   */
  respond<Answer extends $ZodType>(
    schema: Answer,
    shape: (scope: Scope<N, Input, Caller>) => input<Answer>,
  ): Endpoint<Types & { readonly answer: output<Answer> }>;
  /**
   * Shows a page instead: HTML for people, for GET only and without the anti-forgery header, which no
   * navigation has. `write` does not see who is signed in: after signing in, and from other sites, the first
   * page comes without the session's cookie, so only a call of the page itself can know.
   */
  render(
    write: (scope: ValuesOf<N> & { readonly input: Input }) => Page,
    options?: RenderOptions,
  ): Endpoint<Types & { readonly answer: string }>;
}

/** An endpoint with its options and nothing else. */
export interface Declared<
  Input,
  Caller,
  Types extends EndpointTypes<string, unknown, unknown, unknown, unknown>,
> {
  /** Declares the calls. Runs once, at boot; only the small functions inside run per request. */
  plan<N extends Nodes>(build: (builder: PlanBuilder<Input, Caller>) => N): Planned<N, Input, Caller, Types>;
  /** The opaque form: same protection, no graph. */
  handle<Answer extends $ZodType>(
    schema: Answer,
    handle: (context: HandleContext<Input, Caller>) => Promise<input<Answer>>,
  ): Endpoint<Types & { readonly answer: output<Answer> }>;
  /**
   * The plain form: same protection, but the function writes the whole answer. For pages, redirects and
   * forms. Without a `query` schema the query is not checked: it reads `context.inbound.target` itself.
   */
  answer(write: (scope: PlainScope<Input, Caller>) => PlainAnswer | Promise<PlainAnswer>): Endpoint;
}

/**
 * Declares an endpoint. Checked when `defineBff` compiles it.
 *
 * @param path Segments are plain or `:name`.
 *
 * @example
 * const ping = endpoint('GET', '/ping', { summary: 'Ping.', access: anyone(), deadlineMs: 100 })
 *   .handle(z.object({ ok: z.boolean() }), async () => ({ ok: true }));
 * ping.path; // => '/ping'
 */
export function endpoint<
  const Path extends string,
  Caller extends Principal | undefined,
  Params extends MaybeObject = undefined,
  Query extends MaybeObject = undefined,
  Body extends MaybeSchema = undefined,
>(
  method: Method,
  path: Path,
  options: EndpointOptions<Caller, Params, Query, Body>,
): Declared<InputOf<Path, Params, Query, Body>, Caller, EndpointTypes<Path, Params, Query, Body, unknown>> {
  const finish = (response: $ZodType, behaviour: Behaviour): Endpoint<never> => ({
    method,
    path,
    options: options as unknown as AnyEndpointOptions,
    response,
    behaviour,
  });
  return {
    plan: (build) => ({
      respond: (schema, shape) =>
        finish(schema, {
          kind: 'plan',
          plan: build as unknown as (builder: PlanBuilder<unknown, unknown>) => Nodes,
          respond: shape as unknown as (scope: AnyScope) => unknown,
        }),
      render: (write, page = {}) => ({
        ...finish(z.unknown(), {
          kind: 'plan',
          plan: build as unknown as (builder: PlanBuilder<unknown, unknown>) => Nodes,
          respond: write as unknown as (scope: AnyScope) => unknown,
          page,
        }),
        options: { ...(options as unknown as AnyEndpointOptions), antiForgery: false },
      }),
    }),
    handle: (schema, handle) => finish(schema, { kind: 'opaque', handle: handle as never }),
    answer: (write) => finish(z.unknown(), { kind: 'plain', answer: write as never }),
  };
}
