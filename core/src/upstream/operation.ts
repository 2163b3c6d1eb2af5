/**
 * Contracts: what can be asked of a service and what it answers, with no address. A team keeps one
 * file per upstream with just what it reads; a contract test holds it against the service.
 *
 * @module
 */
import type { $ZodObject, $ZodType, input, output } from 'zod/v4/core';
import type { Whole } from '../context/whole.ts';
import { requireForwardable } from './forwarded-headers.ts';
import type { ExactMask, Mask, MaskOf, Picked } from './mask.ts';
import { type PathParams, requireTemplate } from './path.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An operation that forwards this header takes a key under which it does what it does once. */
export const writeKeyHeader = 'idempotency-key';

/** Statuses of the upstream that may reach the client as the same status. */
export type PassedStatus = 400 | 404 | 409 | 422;

export interface OperationOptions<
  Query extends $ZodObject | undefined,
  Body extends $ZodType | undefined,
  Answer extends $ZodType | undefined,
> {
  /** Names of the query parameters and what they accept. Arrays are sent joined by commas. */
  readonly query?: Query;
  readonly body?: Body;
  /** The JSON answer of a 2xx. Without it the answer's body is dropped and the value is `undefined`. */
  readonly response?: Answer;
  /** Statuses that mean the same to the client (a required call then fails with it). Default none: 4xx becomes 502. */
  readonly passes?: readonly PassedStatus[];
  /** Whether sending it twice does no more than once. Default: GET, PUT and DELETE are. Only such operations are retried. */
  readonly isIdempotent?: boolean;
  /** Headers of the client's request to send on, lowercase. Default none. */
  readonly forwardRequestHeaders?: readonly string[];
  /** Headers of the answer to hand to the client, lowercase. Default none. */
  readonly forwardResponseHeaders?: readonly string[];
}

/** One operation, as plain data. */
export interface OperationContract {
  /** Set by {@link upstream}. */
  readonly upstream: string;
  /** Set by {@link upstream}. */
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly query: $ZodObject | undefined;
  readonly body: $ZodType | undefined;
  readonly response: $ZodType | undefined;
  readonly mask: Mask;
  /** The answer is passed as the service wrote it, and not read. */
  readonly isWhole: boolean;
  readonly passes: readonly PassedStatus[];
  readonly isIdempotent: boolean;
  readonly forwardRequestHeaders: readonly string[];
  readonly forwardResponseHeaders: readonly string[];
}

declare const requestType: unique symbol;
declare const answerType: unique symbol;

/** An operation a plan can call: what it takes, what it gives. */
export interface Operation<Request, Answer> {
  readonly contract: OperationContract;
  readonly [requestType]?: Request;
  readonly [answerType]?: () => Answer;
  /**
   * Narrows the answer to the fields named: nothing else is read, validated or visible. Goes through
   * arrays. Without a pick the whole declared answer is read.
   */
  pick<const M extends MaskOf<Answer>>(
    mask: M & ExactMask<M, MaskOf<Answer>>,
  ): Operation<Request, Picked<Answer, M>>;
  /**
   * Passes the answer, or what was picked of it, as the service wrote it: it is checked to be JSON, not parsed, and
   * nobody reads a field of it. It can go into the answer of an endpoint where the response schema says `whole(…)`.
   *
   * @throws {RangeError} when it was called before, and without a `response`.
   */
  whole(): Operation<Request, Whole<Answer>>;
}

/** What a call must provide, from the path's parameters, the query and the body. */
export type RequestOf<Path extends string, Query, Body> = ParamsPart<PathParams<Path>> &
  QueryPart<Query> &
  BodyPart<Body>;

type ParamsPart<Params> = unknown extends Params ? { readonly params?: never } : { readonly params: Params };
type QueryPart<Query> = Query extends $ZodType
  ? Record<never, never> extends input<Query>
    ? { readonly query?: input<Query> }
    : { readonly query: input<Query> }
  : { readonly query?: never };
type BodyPart<Body> = Body extends $ZodType ? { readonly body: input<Body> } : { readonly body?: never };
type AnswerOf<Answer> = Answer extends $ZodType ? output<Answer> : undefined;

type Declare = <
  const Path extends string,
  Query extends $ZodObject | undefined = undefined,
  Answer extends $ZodType | undefined = undefined,
  Body extends $ZodType | undefined = undefined,
>(
  path: Path,
  options?: OperationOptions<Query, Body, Answer>,
) => Operation<RequestOf<Path, Query, Body>, AnswerOf<Answer>>;

/** Declares a GET operation. Parameters of the path are written `:name`. */
export const get: Declare = (path, options) => declare('GET', path, options);
/** Declares a POST operation. */
export const post: Declare = (path, options) => declare('POST', path, options);
/** Declares a PUT operation. */
export const put: Declare = (path, options) => declare('PUT', path, options);
/** Declares a PATCH operation. */
export const patch: Declare = (path, options) => declare('PATCH', path, options);
/** Declares a DELETE operation. */
export const del: Declare = (path, options) => declare('DELETE', path, options);

/** Any operation, whatever it takes and gives. */
// biome-ignore lint/suspicious/noExplicitAny: the two parameters are phantom here
export type AnyOperation = Operation<any, any>;

/**
 * Names a service and its operations.
 *
 * @param name How the service is called in graphs, metrics and `Proxy-Status`: lowercase, `-` allowed.
 * @throws {RangeError} when the name is not a token.
 *
 * @example
 * const users = upstream('users', { operations: { get: get('/users/:id', { response: z.object({ id: z.string() }) }) } });
 * users.get.contract.upstream; // => 'users'
 */
export function upstream<const Operations extends Readonly<Record<string, AnyOperation>>>(
  name: string,
  options: { readonly operations: Operations },
): Operations {
  requireUpstreamName('upstream', name);
  const named = Object.entries(options.operations).map(([key, { contract }]) => [
    key,
    operation({ ...contract, upstream: name, name: key }),
  ]);
  return Object.freeze(Object.fromEntries(named)) as Operations;
}

/** @throws {RangeError} when a service cannot be called so. */
export function requireUpstreamName(where: string, name: string): void {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new RangeError(`${where}: the name must be lowercase, got '${name}'`);
}

function declare<Request, Answer>(
  method: Method,
  path: string,
  options: OperationOptions<$ZodObject | undefined, $ZodType | undefined, $ZodType | undefined> = {},
): Operation<Request, Answer> {
  requireTemplate(path);
  requireForwardable('request', options.forwardRequestHeaders ?? []);
  requireForwardable('answer', options.forwardResponseHeaders ?? []);
  return operation({
    upstream: '',
    name: `${method} ${path}`,
    method,
    path,
    query: options.query,
    body: options.body,
    response: options.response,
    mask: true,
    isWhole: false,
    passes: options.passes ?? [],
    isIdempotent: options.isIdempotent ?? (method === 'GET' || method === 'PUT' || method === 'DELETE'),
    forwardRequestHeaders: options.forwardRequestHeaders ?? [],
    forwardResponseHeaders: options.forwardResponseHeaders ?? [],
  });
}

function operation<Request, Answer>(contract: OperationContract): Operation<Request, Answer> {
  return Object.freeze({
    contract: Object.freeze(contract),
    pick(mask: unknown) {
      if (contract.isWhole) throw new RangeError(`${operationId(contract)}: pick() comes before whole()`);
      return operation({ ...contract, mask: structuredClone(mask) as Mask });
    },
    whole() {
      const where = `${operationId(contract)}: whole()`;
      if (contract.isWhole) throw new RangeError(`${where} is called twice`);
      if (contract.response === undefined)
        throw new RangeError(`${where} needs an operation with a response`);
      return operation({ ...contract, isWhole: true });
    },
  }) as Operation<Request, Answer>;
}

/** `orders.list`: how an operation is called in graphs, logs and metrics. */
export function operationId(contract: OperationContract): string {
  return `${contract.upstream}.${contract.name}`;
}

/** The names of the query parameters an operation may send. */
export function queryKeys(contract: OperationContract): string[] {
  return contract.query === undefined ? [] : Object.keys(contract.query._zod.def.shape);
}
