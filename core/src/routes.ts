/**
 * The answers of an app where no endpoint is: 404, 405 with `Allow`, and 500 for what a team's own
 * middleware threw. All as problem details, all in the log, under the route `*`.
 *
 * @module
 */
import type { Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { EventBus, RequestFact } from './context/events.ts';
import type { IdSource } from './context/ids.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { problemAnswer, sendAnswer } from './http/answer.ts';
import { inboundOf } from './ingress/inbound.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { methodsOf } from './route-table.ts';

export interface RouteParts {
  readonly bff: string;
  readonly ids: IdSource;
  readonly events: EventBus;
}

/** Answers 405 with `Allow` on the routes of the endpoints, for every method they do not have. */
export function refuseOtherMethods(app: Hono, endpoints: readonly Endpoint[], parts: RouteParts): void {
  const methodsAt = methodsOf(endpoints);
  for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
    app.all(path, (c) => {
      const headers = { allow: methodsAt(c.req.path).join(', ') };
      return refuse(c, new GatewayError('method-not-allowed', { headers }), parts);
    });
  }
}

/** Answers 404 for every other path, and 500 for an error outside the endpoints. */
export function answerUnmatched(app: Hono, parts: RouteParts): void {
  app.notFound((c) => refuse(c, new GatewayError('not-found'), parts));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return passOn(c, error.getResponse(), parts);
    return refuse(c, GatewayError.from(error), parts);
  });
}

async function refuse(c: Context, error: GatewayError, parts: RouteParts): Promise<Response> {
  const inbound = inboundOf(c);
  const requestId = parts.ids.traceId();
  const { response, bytes } = await sendAnswer(problemAnswer(error, requestId), {
    method: inbound.method,
    acceptEncoding: inbound.header('accept-encoding'),
    ifNoneMatch: undefined,
  });
  const { code, status } = error;
  emit(parts, { method: inbound.method, requestId, status, bytes, code, cause: error.options.cause });
  return response;
}

/** Hono's way to throw an answer: a team's own middleware meant exactly this one. */
function passOn(c: Context, response: Response, parts: RouteParts): Response {
  const { status } = response;
  emit(parts, { method: inboundOf(c).method, requestId: parts.ids.traceId(), status, bytes: 0 });
  return response;
}

type Ending = Pick<RequestFact, 'method' | 'requestId' | 'status' | 'bytes' | 'code' | 'cause'>;

function emit(parts: RouteParts, ending: Ending): void {
  const { requestId: traceId } = ending;
  const nothing = { durationMs: 0, degraded: [], calls: [] };
  parts.events.emit('request', { bff: parts.bff, route: '*', traceId, ...nothing, ...ending });
}
