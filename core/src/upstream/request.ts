/**
 * The request to an upstream: built from nothing, never copied. Path and query come from the
 * declaration, headers are ours plus the operation's allow-list, and what proves identity comes last,
 * so that nothing of the client can stand in its place.
 *
 * @module
 */
import { traceparent } from '../context/ids.ts';
import type { RequestContext } from '../context/request-context.ts';
import { hopByHopOf } from './forwarded-headers.ts';
import { type IdentityHeaders, noHeaders } from './identity.ts';
import { type OperationContract, queryKeys } from './operation.ts';
import { compilePath, compileQuery } from './path.ts';
import type { TransportRequest } from './transport.ts';

/** What a plan's request function returns. */
export interface CallRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/**
 * Writes one attempt's request to `origin`. `budgetMs` is what the upstream may take, sent as
 * `Bff-Deadline-Ms`; `identity` is what the binding's identity gave, nothing by default.
 */
export type WriteRequest = (
  context: RequestContext,
  request: CallRequest,
  origin: string,
  budgetMs: number,
  identity?: IdentityHeaders,
) => TransportRequest;

/** Compiles the writer of an operation. */
export function compileRequest(contract: OperationContract, maxAnswerBytes: number): WriteRequest {
  const path = compilePath(contract.path);
  const query = compileQuery(queryKeys(contract));
  const { name: operation, method, forwardRequestHeaders } = contract;
  return function writeRequest(context, request, origin, budgetMs, identity = noHeaders) {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'x-request-id': context.requestId,
      traceparent: traceparent(context.traceId, context.ids.spanId(), false),
      'bff-deadline-ms': String(Math.floor(budgetMs)),
    };
    if (forwardRequestHeaders.length > 0) {
      const hopByHop = hopByHopOf(context.inbound.header('connection'));
      for (const field of forwardRequestHeaders) {
        const value = context.inbound.header(field);
        if (value !== undefined && !hopByHop.has(field)) headers[field] = value;
      }
    }
    const body = contract.body === undefined ? undefined : JSON.stringify(request.body);
    if (body !== undefined) headers['content-type'] = 'application/json';
    Object.assign(headers, identity);
    const target = path(request.params ?? {}) + query(request.query ?? {});
    return { operation, method, origin, target, headers, body, maxAnswerBytes };
  };
}
