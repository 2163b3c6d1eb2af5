/**
 * The answers of an app where no endpoint is: 404, 405 with `Allow`, and 500 for what a team's own
 * middleware threw. All as problem details, all in the log, under the route `*`.
 *
 * @module
 */
import type { Context, Hono } from 'hono';
import type { EventBus } from './context/events.ts';
import type { IdSource } from './context/ids.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { problemAnswer } from './http/answer.ts';
import { inboundOf } from './ingress/inbound.ts';
import { GatewayError } from './problem/gateway-error.ts';

export interface RouteParts {
  readonly bff: string;
  readonly ids: IdSource;
  readonly events: EventBus;
}

/** Answers 405 with `Allow` on the routes of the endpoints, for every method they do not have. */
export function refuseOtherMethods(app: Hono, endpoints: readonly Endpoint[], parts: RouteParts): void {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of endpoints) {
    const known = methods.get(path) ?? new Set();
    methods.set(path, known.add(method));
    if (method === 'GET') known.add('HEAD');
  }
  for (const [path, allowed] of methods) {
    const headers = { allow: [...allowed].join(', ') };
    app.all(path, (c) => refuse(c, new GatewayError('method-not-allowed', { headers }), parts));
  }
}

/** Answers 404 for every other path, and 500 for an error outside the endpoints. */
export function answerUnmatched(app: Hono, parts: RouteParts): void {
  app.notFound((c) => refuse(c, new GatewayError('not-found'), parts));
  app.onError((error, c) => refuse(c, GatewayError.from(error), parts));
}

function refuse(c: Context, error: GatewayError, parts: RouteParts): Response {
  const requestId = parts.ids.traceId();
  const { status, headers, body } = problemAnswer(error, requestId);
  parts.events.emit('request', {
    bff: parts.bff,
    requestId,
    traceId: requestId,
    method: inboundOf(c).method,
    route: '*',
    status,
    code: error.code,
    cause: error.options.cause,
    durationMs: 0,
    bytes: Buffer.byteLength(body),
    degraded: [],
    calls: [],
  });
  return new Response(body, { status, headers });
}
