/**
 * The edge of a BFF: what happens to every request before routing and to every answer after it, plain
 * routes of teams included. It stands in the app's own `fetch`, so nothing can be mounted in front of it.
 *
 * guard → address → preflight → the app → headers of every answer
 *
 * @module
 */
import type { Hono } from 'hono';
import type { Inbound } from './context/inbound.ts';
import { completeResponse, type FinishedAnswer, finishAnswer, responseOf } from './http/answer.ts';
import { type Cors, type CorsOptions, compileCors } from './http/cors.ts';
import { type CommonHeaders, securityHeaders } from './http/security-headers.ts';
import { type AddressOptions, addressRules } from './ingress/address-rules.ts';
import { BrokenConnections } from './ingress/broken-connections.ts';
import type { ClientIp } from './ingress/client-ip.ts';
import { compileGuard, type Guard, type RawHead } from './ingress/guard.ts';
import { inboundFrom, rawHeadOf } from './ingress/inbound.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { emitUnrouted, type RouteParts, refusal } from './routes.ts';

export interface EdgeOptions {
  /**
   * The exact origin under which clients know this BFF, such as `https://shop.example`. URLs are built from it
   * and never from a request; with `https` browsers are told to stay there. Default none.
   */
  readonly publicOrigin?: string;
  /**
   * Further hosts this BFF answers for: `host` or `host:port`. Those of `publicOrigin` and the names of this
   * machine are always among them; any other is answered 421.
   */
  readonly allowedHosts?: readonly string[];
  /** Which addresses may call; the others get 403. Default all. */
  readonly addresses?: AddressOptions;
  /**
   * The page that explains problems, with a section per code: a path of this BFF or an https address. Every problem then
   * links to its section in `docs`. Default none.
   */
  readonly problemDocs?: string;
  /** Which pages of other origins may read answers. Default none. */
  readonly cors?: CorsOptions;
}

export const edgeOptionNames = ['publicOrigin', 'allowedHosts', 'addresses', 'cors', 'problemDocs'];

/** The compiled edge of a BFF. */
export interface Edge {
  readonly guard: Guard;
  /** Whether an address may call; absent where every one may. */
  readonly mayCall: ((address: string) => boolean) | undefined;
  readonly cors: Cors | undefined;
  readonly commonHeaders: CommonHeaders;
  /** The page that explains problems, as clients can open it. */
  readonly problemDocs: string | undefined;
}

/** @throws {RangeError} naming the option that is wrong. */
export function compileEdge(options: EdgeOptions): Edge {
  const guard = compileGuard(options);
  const everyAnswer = securityHeaders(options.publicOrigin);
  const cors = options.cors && compileCors(options.cors, everyAnswer);
  return {
    guard,
    mayCall: options.addresses && addressRules(options.addresses),
    cors,
    commonHeaders: cors?.headersFor ?? (() => everyAnswer),
    problemDocs: problemDocsOf(options),
  };
}

/** An address for clients, who know the page by the public origin. */
function problemDocsOf({ problemDocs: page, publicOrigin = '' }: EdgeOptions): string | undefined {
  if (page === undefined) return undefined;
  if (/^\/(?!\/)[\x21-\x7e]*$/.test(page) && !page.includes('#'))
    return publicOrigin.replace(/\/$/, '') + page;
  if (/^https:\/\/[\x21-\x7e]+$/.test(page) && !page.includes('#')) return page;
  throw new RangeError(
    `defineBff: problemDocs must be a path or an https address without a fragment, got '${page}'`,
  );
}

export interface EdgeParts extends RouteParts {
  readonly edge: Edge;
  readonly clientIp: ClientIp;
  /** The methods a path has. */
  readonly methodsAt: (path: string) => readonly string[];
}

/** A request at the edge: what answers it there, or the headers that its answer will have. */
export type Enter = (head: RawHead, inbound: Inbound) => Promise<FinishedAnswer> | undefined;

/** Compiles what happens before routing. */
export function compileEnter(parts: EdgeParts): Enter {
  const { guard, mayCall, cors } = parts.edge;
  const broken = new BrokenConnections();
  return function enter(head, inbound) {
    const fault = guard(head) ?? broken.refusalOf(head);
    if (fault !== undefined) {
      broken.note(head, fault);
      return refusal(inbound, fault, parts);
    }
    if (mayCall?.(parts.clientIp(inbound)) === false) {
      return refusal(inbound, new GatewayError('ip-not-allowed'), parts);
    }
    return cors !== undefined && inbound.method === 'OPTIONS' ? answerPreflight(inbound, parts) : undefined;
  };
}

/** Puts the edge around `app`: its `fetch`, and so its `request`, is guarded from now on. */
export function guardApp(app: Hono, enter: Enter, { commonHeaders }: Edge): void {
  const route = app.fetch;
  app.fetch = function guardedFetch(request, env, execution) {
    const inbound = inboundFrom(request, env);
    const early = enter(rawHeadOf(request, env), inbound);
    if (early !== undefined) return early.then(responseOf);
    const common = commonHeaders(inbound.header('origin'));
    const response = route(request, env, execution);
    return response instanceof Promise
      ? response.then((answer) => completeResponse(answer, common))
      : completeResponse(response, common);
  };
}

/** Answers a preflight that may pass; every other `OPTIONS` is routed like any request. */
function answerPreflight(inbound: Inbound, parts: EdgeParts): Promise<FinishedAnswer> | undefined {
  const origin = inbound.header('origin');
  const method = inbound.header('access-control-request-method');
  const path = inbound.target.split('?', 1)[0] ?? '';
  const headers = parts.edge.cors?.preflight({ origin, method }, parts.methodsAt(path));
  if (headers === undefined) return undefined;
  const requestId = parts.ids.traceId();
  emitUnrouted(parts, { method: inbound.method, requestId, status: 204, bytes: 0 });
  const answer = { status: 204, headers: { ...headers, 'x-request-id': requestId }, body: '' };
  const preferences = { method: inbound.method, acceptEncoding: undefined, ifNoneMatch: undefined };
  return Promise.resolve(finishAnswer(answer, preferences, parts.edge.commonHeaders(origin)));
}
