/**
 * Plain proxy routes: what a client asks goes on to one service as it is, and the answer comes back as it
 * is, streamed both ways, under the same protection as every call. For files, uploads and the parts of an
 * API that need no shaping.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-3.7 RFC 9110, section 3.7}, gateways
 * @module
 */
import { z } from 'zod';
import type { $ZodObject } from 'zod/v4/core';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { AnyEndpointOptions, Endpoint, EndpointOptions } from '../endpoint/endpoint.ts';
import type { Access } from '../identity/access.ts';
import { defaultMaxBodyBytes } from '../ingress/body.ts';
import { compileTransforms, type Transforms } from '../transform/transforms.ts';
import { requireForwardable } from '../upstream/forwarded-headers.ts';
import { type AnyOperation, type Method, requireUpstreamName } from '../upstream/operation.ts';
import { fixedHeaders, passedAnswerHeaders } from './answer.ts';
import { type CompiledProxy, compileProxy } from './forward.ts';
import { aboutRepresentation, passedRequestHeaders } from './request.ts';
import { compileWay } from './target.ts';

type Shared = Pick<
  EndpointOptions<undefined, undefined, undefined, undefined>,
  'cost' | 'limitClass' | 'priority' | 'antiForgery'
>;

export interface ProxyOptions extends Shared {
  /** Who may call: `anyone()`, `signedIn()` or `scopes(…)`. Nothing is public by default. */
  readonly access: Access;
  /** Milliseconds from arrival to the head of the answer, in `(0, 30 000]`, upload included. */
  readonly deadlineMs: number;
  /** One sentence for documents and the console. Default says where it goes. */
  readonly summary?: string;
  /** Where it goes: a path of the service, with the route's parameters, ending in `/*` as the route does. Default the route's own. */
  readonly to?: string;
  /** How it is called in facts, switches and `Proxy-Status`. Default `proxy`. */
  readonly name?: string;
  /** What the path's parameters accept. Default as for endpoints. */
  readonly params?: $ZodObject;
  /** The parameters of the query that may be sent; others are refused. Default any, as sent. */
  readonly query?: readonly string[];
  /** Further headers of the client's request to pass on, lowercase. */
  readonly requestHeaders?: readonly string[];
  /** Further headers of the answer to pass on, lowercase. */
  readonly answerHeaders?: readonly string[];
  /** Bytes the body may have. Default 100 KiB. */
  readonly maxBodyBytes?: number;
  /** Bytes the answer may have, or `unlimited`. Default what the upstream allows: 5 MiB. */
  readonly maxAnswerBytes?: number | 'unlimited';
  /** Milliseconds in which a byte of the answer must move, on either side. Default 30 000, at most an hour. */
  readonly idleMs?: number;
  /** Other origins that `Location` may name, such as a download host. Default none. */
  readonly redirects?: readonly string[];
  /** What is changed on the way. */
  readonly transform?: Transforms;
}

const known = [
  ...['access', 'deadlineMs', 'summary', 'to', 'name', 'params', 'query', 'requestHeaders', 'answerHeaders'],
  ...['maxBodyBytes', 'maxAnswerBytes', 'idleMs', 'redirects', 'transform'],
  ...['cost', 'limitClass', 'priority', 'antiForgery'],
];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const routeForm = /^([A-Z]+(?:\|[A-Z]+)*) (\/\S*)$/;

/** One endpoint for one method, a list for several. */
export type Proxied<Route extends string> = Route extends `${Method} ${string}`
  ? Endpoint
  : readonly Endpoint[];

/**
 * Declares a proxy route. `GET` answers `HEAD` too.
 *
 * @param route One method or several, and the path: `GET /files/*`, `PUT|DELETE /files/:id`.
 * @param upstream Its operations, or its name where it has none.
 * @throws {RangeError} for whatever is wrong with it, naming the route and the option.
 *
 * @example
 * proxy('GET /files/*', 'files', { access: anyone(), deadlineMs: 2_000, to: '/v1/*' }).path; // => '/files/*'
 */
export function proxy<const Route extends string>(
  route: Route,
  upstream: string | Readonly<Record<string, AnyOperation>>,
  options: ProxyOptions,
): Proxied<Route> {
  const endpoints = naming(`proxy '${route}'`, () => declare(route, nameOf(upstream), options));
  return (route.includes('|') ? endpoints : endpoints[0]) as Proxied<Route>;
}

function declare(route: string, upstream: string, options: ProxyOptions): Endpoint[] {
  requireKnown('proxy', options, known);
  requireUpstreamName('upstream', upstream);
  const [, list = '', path = ''] = routeForm.exec(route) ?? [];
  const wanted = list.split('|');
  const foreign = wanted.find((method) => !methods.some((each) => each === method));
  if (path === '' || foreign !== undefined) {
    throw new RangeError(
      `the route must be like 'GET /files/*' or 'PUT|DELETE /files/:id', with ${methods.join(', ')}`,
    );
  }
  const { access, deadlineMs, name = 'proxy', summary = `Passed on to ${upstream}.` } = options;
  if (!/^[A-Za-z][\w-]{0,63}$/.test(name)) {
    throw new RangeError(`name must be 1 to 64 letters, digits, - or _, got '${name}'`);
  }
  const compiled = check(path, options);
  const { cost, limitClass, priority, antiForgery, params, maxBodyBytes } = options;
  const endpointOptions: AnyEndpointOptions = {
    summary,
    access,
    deadlineMs,
    ...defined({ cost, limitClass, priority, antiForgery, params, maxBodyBytes }),
  };
  const operation = { upstream, name };
  return methods
    .filter((method) => wanted.includes(method))
    .map((method) => ({
      method,
      path,
      options: endpointOptions,
      response: z.unknown(),
      behaviour: { kind: 'stream', operation, compile: compileProxy({ ...compiled, method, operation }) },
    }));
}

function check(path: string, options: ProxyOptions): Omit<CompiledProxy, 'method' | 'operation'> {
  const { requestHeaders = [], answerHeaders = [], redirects = [], transform = {} } = options;
  const { idleMs = 30_000, maxAnswerBytes, maxBodyBytes = defaultMaxBodyBytes } = options;
  requireForwardable('request', requestHeaders);
  requireForwardable('answer', answerHeaders);
  requireInteger('proxy', 'idleMs', idleMs, 1, 3_600_000);
  if (maxAnswerBytes !== undefined && maxAnswerBytes !== 'unlimited') {
    requireInteger('proxy', 'maxAnswerBytes', maxAnswerBytes, 1, Number.MAX_SAFE_INTEGER);
  }
  const changesAnswer = transform.answer?.body !== undefined;
  if (changesAnswer && maxAnswerBytes === 'unlimited') {
    throw new RangeError('transform.answer.body collects the answer, so maxAnswerBytes cannot be unlimited');
  }
  const wrong = redirects.find((origin) => URL.parse(origin)?.origin !== origin);
  if (wrong !== undefined)
    throw new RangeError(`redirects must be origins such as https://cdn.example, got '${wrong}'`);
  const request = [...new Set([...passedRequestHeaders, ...requestHeaders])].filter(
    (name) => !changesAnswer || !aboutRepresentation.has(name),
  );
  const answer = [...new Set([...passedAnswerHeaders, ...answerHeaders])];
  return {
    findWay: compileWay(path, options.to ?? path),
    takesRest: path.endsWith('/*'),
    isPublic: options.access?.kind === 'anyone',
    query: options.query === undefined ? undefined : new Set(options.query),
    passed: { request, answer },
    transforms: compileTransforms(transform, { request, answer, fixed: fixedHeaders }),
    maxBodyBytes,
    maxAnswerBytes: maxAnswerBytes === 'unlimited' ? Number.POSITIVE_INFINITY : maxAnswerBytes,
    idleMs,
    redirects,
  };
}

function nameOf(upstream: string | Readonly<Record<string, AnyOperation>>): string {
  return typeof upstream === 'string' ? upstream : (Object.values(upstream)[0]?.contract.upstream ?? '');
}

/** What was said, without what was not. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function naming<T>(where: string, boot: () => T): T {
  try {
    return boot();
  } catch (error) {
    if (error instanceof RangeError) error.message = `${where}: ${error.message.replace(/^proxy: /, '')}`;
    throw error;
  }
}
