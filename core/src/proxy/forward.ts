/**
 * One request through a proxy route, from the client's target to the answer's stream.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import type { StreamParts, WriteStream } from '../endpoint/endpoint.ts';
import { blameSender } from '../endpoint/read-input.ts';
import type { Answer } from '../http/answer.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { HeaderFields } from '../transform/headers.ts';
import type { CompiledTransforms } from '../transform/transforms.ts';
import type { Method } from '../upstream/operation.ts';
import type { StreamCallRequest, StreamContract } from '../upstream/stream-contract.ts';
import { collectJson, compileAnswerHeaders, requireLocation, requireUsable } from './answer.ts';
import { mapLocation } from './location.ts';
import { type ClientBody, changedBody, clientBody, compileRequestHeaders } from './request.ts';
import { type FindWay, isSound, type Way } from './target.ts';

/** A route as checked data. */
export interface CompiledProxy {
  readonly method: Method;
  readonly operation: StreamContract;
  readonly findWay: FindWay;
  readonly takesRest: boolean;
  /** Whether anyone may call. */
  readonly isPublic: boolean;
  /** The parameters of the query; absent for any. */
  readonly query: ReadonlySet<string> | undefined;
  readonly passed: { readonly request: readonly string[]; readonly answer: readonly string[] };
  readonly transforms: CompiledTransforms;
  readonly maxBodyBytes: number;
  /** Absent for what the upstream allows. */
  readonly maxAnswerBytes: number | undefined;
  readonly idleMs: number;
  readonly redirects: readonly string[];
}

/** Compiles a route, once its upstream is there. */
export function compileProxy(route: CompiledProxy): (parts: StreamParts) => WriteStream {
  const { transforms, method } = route;
  const writeRequestHeaders = compileRequestHeaders(route.passed.request, transforms.requestHeaders);
  const writeAnswerHeaders = compileAnswerHeaders(route.passed.answer, transforms.answerHeaders);
  const takesBody = method !== 'GET' && method !== 'DELETE';
  return function compile({ call, maxAnswerBytes, hasIdentity }) {
    const maxBytes = route.maxAnswerBytes ?? maxAnswerBytes;
    return async function forward(context, params, known): Promise<Answer> {
      const { inbound } = context;
      const { way, target } = targetOf(route, inbound.target, params);
      const body = await bodyOf(context, route, takesBody);
      const isHead = inbound.method === 'HEAD';
      let location: string | undefined;
      const request: StreamCallRequest = {
        node: route.operation.name,
        // What is changed must be there to know its length.
        method: isHead && transforms.answerBody === undefined ? 'HEAD' : method,
        target,
        headers: withLength(writeRequestHeaders(context), body),
        body,
        maxAnswerBytes: maxBytes,
        idleMs: route.idleMs,
        check(head, origin) {
          requireUsable(head, maxBytes, isHead);
          const sent = head.header('location');
          location =
            sent === undefined
              ? undefined
              : mapLocation(sent, { origin, way, takesRest: route.takesRest, redirects: route.redirects });
          requireLocation(head.status, location);
        },
      };
      const stream = await call(context, request).catch((thrown: unknown) => blameUploader(thrown, body));
      const isForAll = route.isPublic && !hasIdentity && context.principal === undefined;
      const headers = writeAnswerHeaders(stream, known, { location, isForAll });
      const { status } = stream;
      if (transforms.answerBody !== undefined) {
        const whole = await context.cancellation.race(collectJson(stream, stream));
        delete headers.etag;
        delete headers['accept-ranges'];
        const text = whole === undefined ? '' : JSON.stringify(transforms.answerBody(whole.value));
        return { status, headers, body: text };
      }
      const length = stream.header('content-length');
      if (length !== undefined && status !== 204 && status !== 304) headers['content-length'] = length;
      headers['content-type'] ??= 'application/octet-stream';
      // What the client still sends is not read: the next request on its connection could not be told from it.
      if (body?.isComplete === false) headers.connection = 'close';
      return { status, headers, body: '', stream };
    };
  };
}

function targetOf(
  route: CompiledProxy,
  target: string,
  params: unknown,
): { readonly way: Way; readonly target: string } {
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  const way = route.findWay(path, params as Readonly<Record<string, unknown>>);
  let query = at < 0 ? '' : target.slice(at + 1);
  if (route.query !== undefined) requireKnownQuery(query, route.query);
  if (route.transforms.query !== undefined) query = route.transforms.query(query);
  const whole = `${way.theirs}${way.rest}`;
  const sent = `${whole === '' ? '/' : whole}${query === '' ? '' : `?${query}`}`;
  if (!isSound(sent)) throw new GatewayError('bad-request-target');
  return { way, target: sent };
}

function requireKnownQuery(query: string, allowed: ReadonlySet<string>): void {
  const unknown = [...new Set(new URLSearchParams(query).keys())].filter((name) => !allowed.has(name));
  if (unknown.length === 0) return;
  throw new GatewayError('validation-failed', {
    issues: unknown.map((name) => ({
      pointer: `/query/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      detail: 'unknown',
    })),
  });
}

async function bodyOf(
  context: RequestContext,
  { maxBodyBytes, transforms }: CompiledProxy,
  takesBody: boolean,
): Promise<ClientBody | undefined> {
  const body = clientBody(context, maxBodyBytes, takesBody);
  if (body === undefined || transforms.requestBody === undefined) return body;
  const changing = changedBody(context, maxBodyBytes, transforms.requestBody);
  return context.cancellation.race(changing).catch(blameSender);
}

function withLength(headers: HeaderFields, body: ClientBody | undefined): HeaderFields {
  if (body?.length !== undefined) headers['content-length'] = String(body.length);
  return headers;
}

/**
 * Time that ran out while the client was still sending is the client's. Where a body was left half read, the
 * connection ends with the answer: what follows on it could not be told from the rest.
 */
function blameUploader(thrown: unknown, body: ClientBody | undefined): never {
  if (body === undefined || !body.isBegun || body.isComplete) throw thrown;
  const { code, options } = GatewayError.from(thrown);
  const headers = { ...options.headers, connection: 'close' };
  if (code !== 'upstream-timeout' || !body.isAwaited) throw new GatewayError(code, { ...options, headers });
  throw new GatewayError('request-timeout', {
    detail: 'The body of the request did not arrive in time.',
    headers,
    cause: thrown,
  });
}
