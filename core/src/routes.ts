/**
 * The answers of an app where no endpoint is: 404, 405 with `Allow`, and 500 for what a team's own
 * middleware threw. All as problem details, all in the log, under the route `*`.
 *
 * @module
 */
import type { Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { EventBus } from './context/event-bus.ts';
import type { RequestFact } from './context/events.ts';
import type { IdSource } from './context/ids.ts';
import type { Inbound } from './context/inbound.ts';
import { type FinishedAnswer, finishAnswer, problemAnswer, responseOf } from './http/answer.ts';
import type { CommonHeaders } from './http/security-headers.ts';
import { inboundOf } from './ingress/inbound.ts';
import { GatewayError } from './problem/gateway-error.ts';

export interface RouteParts {
  readonly bff: string;
  readonly ids: IdSource;
  readonly events: EventBus;
  readonly edge: { readonly commonHeaders: CommonHeaders; readonly problemDocs: string | undefined };
}

/** Answers 405 with `Allow` on `paths`, the routes of the endpoints, for every method they do not have. */
export function refuseOtherMethods(
  app: Hono,
  paths: ReadonlySet<string>,
  parts: RouteParts & { readonly methodsAt: (path: string) => readonly string[] },
): void {
  for (const path of paths) {
    app.all(path, (c) => {
      const headers = { allow: parts.methodsAt(c.req.path).join(', ') };
      return refuse(inboundOf(c), new GatewayError('method-not-allowed', { headers }), parts);
    });
  }
}

/** Answers 404 for every other path, and 500 for an error outside the endpoints. */
export function answerUnmatched(app: Hono, parts: RouteParts): void {
  app.notFound((c) => refuse(inboundOf(c), new GatewayError('not-found'), parts));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return passOn(c, error.getResponse(), parts);
    return refuse(inboundOf(c), GatewayError.from(error), parts);
  });
}

/** Answers a request that reaches no endpoint with a problem, and tells the log. */
export async function refusal(
  inbound: Inbound,
  error: GatewayError,
  parts: RouteParts,
): Promise<FinishedAnswer> {
  const requestId = parts.ids.traceId();
  const finished = await finishAnswer(
    problemAnswer(error, requestId, {}, parts.edge.problemDocs),
    {
      method: inbound.method,
      acceptEncoding: inbound.header('accept-encoding'),
      ifNoneMatch: undefined,
    },
    parts.edge.commonHeaders(inbound.header('origin')),
  );
  const { code, status } = error;
  const { bytes } = finished;
  emitUnrouted(parts, { method: inbound.method, requestId, status, bytes, code, cause: error.options.cause });
  return finished;
}

/** The same as a `Response`. */
async function refuse(inbound: Inbound, error: GatewayError, parts: RouteParts): Promise<Response> {
  return responseOf(await refusal(inbound, error, parts));
}

/** Hono's way to throw an answer: a team's own middleware meant exactly this one. */
function passOn(c: Context, response: Response, parts: RouteParts): Response {
  const { status } = response;
  emitUnrouted(parts, { method: inboundOf(c).method, requestId: parts.ids.traceId(), status, bytes: 0 });
  return response;
}

type Ending = Pick<RequestFact, 'method' | 'requestId' | 'status' | 'bytes' | 'code' | 'cause'>;

/** Says how a request ended that reached no endpoint. */
export function emitUnrouted(parts: Pick<RouteParts, 'bff' | 'events' | 'ids'>, ending: Ending): void {
  const { requestId: traceId } = ending;
  const trace = { spanId: parts.ids.spanId(), isSampled: false };
  const nothing = { trace, durationMs: 0, bytesIn: 0, degraded: [], calls: [], lookups: [], standing: [] };
  parts.events.emit('request', { bff: parts.bff, route: '*', traceId, ...nothing, ...ending });
}
