/**
 * The short way from Node's request to an endpoint and back: no `Request`, no `Response`, no router that
 * decodes. It takes what is plain, a GET without a body on a path without escapes; everything else goes
 * through the Hono app, to the same endpoints with the same answers.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hono } from 'hono';
import type { Enter } from './edge.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import type { FinishedAnswer } from './http/answer.ts';
import { sendStream } from './http/streamed.ts';
import { inboundFromNode, nodeHeadOf } from './ingress/inbound.ts';
import type { Handle } from './pipeline.ts';
import { paramNames } from './upstream/path.ts';

/** Answers a request of Node's server; false when it must go through the app. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/** An endpoint with its compiled chain. */
export interface CompiledRoute {
  readonly endpoint: Endpoint;
  readonly handle: Handle;
}

/**
 * @param routes In the order in which a router must try them.
 * @param teamRoutes What a team put before the endpoints: a middleware there must see every request.
 */
export function compileDirect(
  routes: readonly CompiledRoute[],
  enter: Enter,
  teamRoutes: Hono['routes'],
): Direct {
  if (teamRoutes.some(({ method, path }) => method === 'ALL' || /[*:{]/.test(path))) return () => false;
  const taken = new Set(teamRoutes.map(({ path }) => path));
  const find = compileFind(routes.filter(({ endpoint }) => isDirect(endpoint) && !taken.has(endpoint.path)));
  return function direct(incoming, outgoing) {
    const { method, url = '', headers } = incoming;
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return false;
    const found = find(url);
    if (found === undefined) return false;
    const inbound = inboundFromNode(incoming, outgoing);
    const answered = enter(nodeHeadOf(incoming), inbound) ?? found.handle(inbound, found.params);
    void answered.then((answer) => writeAnswer(outgoing, answer));
    return true;
  };
}

function isDirect({ method }: Endpoint): boolean {
  return method === 'GET';
}

interface Found {
  readonly handle: Handle;
  readonly params: Readonly<Record<string, string>>;
}

const noParams: Readonly<Record<string, string>> = {};

/** Compiles the search by the target as sent. A target with an escape in its path is not found. */
function compileFind(routes: readonly CompiledRoute[]): (target: string) => Found | undefined {
  const fixed = new Map<string, Found>();
  const patterns: { readonly pattern: RegExp; readonly names: readonly string[]; readonly handle: Handle }[] =
    [];
  for (const { endpoint, handle } of routes) {
    const names = paramNames(endpoint.path);
    if (names.length === 0 && !endpoint.path.endsWith('/*'))
      fixed.set(endpoint.path, { handle, params: noParams });
    else patterns.push({ pattern: patternOf(endpoint.path), names, handle });
  }
  return function find(target) {
    const end = target.indexOf('?');
    const path = end < 0 ? target : target.slice(0, end);
    const known = fixed.get(path);
    if (known !== undefined) return known;
    for (const { pattern, names, handle } of patterns) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const params: Record<string, string> = {};
      for (let index = 0; index < names.length; index += 1)
        params[names[index] as string] = match[index + 1] ?? '';
      return { handle, params };
    }
    return undefined;
  };
}

function patternOf(path: string): RegExp {
  const takesRest = path.endsWith('/*');
  const escaped = (takesRest ? path.slice(0, -2) : path).replaceAll(/[.+*?^$()[\]{}|\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/:[^/]+/g, '([^/%]+)')}${takesRest ? '(?:/[^%]*)?' : ''}$`);
}

/** Writes an answer; nothing when the client is gone. */
function writeAnswer(outgoing: ServerResponse, answer: FinishedAnswer): void {
  const { status, headers, cookies, body, stream } = answer;
  if (outgoing.destroyed || outgoing.headersSent) return void stream?.source.return();
  const lines: string[] = [];
  for (const name in headers) lines.push(name, headers[name] as string);
  for (const cookie of cookies) lines.push('set-cookie', cookie);
  outgoing.writeHead(status, lines);
  if (stream !== undefined) {
    outgoing.flushHeaders();
    void sendStream(stream.source, outgoing);
  } else if (body === null) outgoing.end();
  // What is ASCII is the same in both, and latin1 is copied where UTF-8 is encoded.
  else if (typeof body === 'string') outgoing.end(body, answer.bytes === body.length ? 'latin1' : 'utf8');
  else outgoing.end(body);
}
