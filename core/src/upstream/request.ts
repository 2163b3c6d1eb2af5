/**
 * The request to an upstream: built from nothing, never copied. Path and query come from the
 * declaration, headers are ours plus the operation's allow-list, and what proves identity comes last,
 * so that nothing of the client can stand in its place.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import { traceparent } from '../context/trace.ts';
import { hopByHopOf } from './forwarded-headers.ts';
import { type IdentityHeaders, noHeaders } from './identity.ts';
import { type OperationContract, operationId, queryKeys, writeKeyHeader } from './operation.ts';
import { compilePath, compileQuery } from './path.ts';
import type { TransportRequest } from './transport.ts';

/** What a plan's request function returns. */
export interface CallRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** What is said of one attempt. */
export interface Hop {
  readonly origin: string;
  /** What the upstream may take, in milliseconds: sent as `Bff-Deadline-Ms`. */
  readonly budgetMs: number;
  /** The span of the attempt: 16 hexadecimal digits. */
  readonly spanId: string;
  /** What the binding's identity gave. Default nothing. */
  readonly identity?: IdentityHeaders;
}

/** Writes one attempt's request. */
export type WriteRequest = (context: RequestContext, request: CallRequest, hop: Hop) => TransportRequest;

/** Compiles the writer of an operation. */
export function compileRequest(contract: OperationContract, maxAnswerBytes: number): WriteRequest {
  const path = compilePath(contract.path);
  const query = compileQuery(queryKeys(contract));
  const { name: operation, method, forwardRequestHeaders } = contract;
  const takesWriteKey = forwardRequestHeaders.includes(writeKeyHeader);
  const id = operationId(contract);
  return function writeRequest(context, request, { origin, budgetMs, spanId, identity = noHeaders }) {
    const { traceId, isSampled, state } = context.trace;
    const headers: Record<string, string> = {
      accept: 'application/json',
      'x-request-id': context.requestId,
      traceparent: traceparent(traceId, spanId, isSampled),
      'bff-deadline-ms': String(Math.floor(budgetMs)),
    };
    if (state !== undefined) headers.tracestate = state;
    if (forwardRequestHeaders.length > 0) {
      const hopByHop = hopByHopOf(context.inbound.header('connection'));
      for (const field of forwardRequestHeaders) {
        const value = context.inbound.header(field);
        if (value !== undefined && !hopByHop.has(field)) headers[field] = value;
      }
    }
    if (takesWriteKey && context.writeKeyFor !== undefined) headers[writeKeyHeader] = context.writeKeyFor(id);
    const body = contract.body === undefined ? undefined : JSON.stringify(request.body);
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (identity !== noHeaders) Object.assign(headers, identity);
    const target = path(request.params ?? {}) + query(request.query ?? {});
    return { operation, method, origin, target, headers, body, maxAnswerBytes };
  };
}
