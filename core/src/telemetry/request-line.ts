/**
 * The line of one request, written by hand: it is on the way of every answer, and putting an object together only
 * to have it walked again costs several times as much. What is declared is encoded once, numbers are written as they
 * are, and only what came from elsewhere is escaped.
 *
 * @module
 */
import type { CacheLookup, CallFact, RequestFact } from '../context/events.ts';
import { causeText, type Redact, stackText } from './cause-text.ts';
import { quote, quoteAll, quoteName, tenths } from './json-text.ts';
import { limitLine } from './limit-line.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { type RouteText, routeTexts } from './route-text.ts';

export interface RequestLineParts {
  readonly pseudonyms: Pseudonyms;
  readonly redact: Redact;
}

/**
 * Writes the members of a line, such as `"requestId":"…","status":200`, without the braces.
 *
 * @param share What the line stands for: 1 is one request, 0.1 is ten.
 */
export type WriteRequest = (fact: RequestFact, share: number) => string;

/** Makes the writer of one log. */
export function requestLine({ pseudonyms, redact }: RequestLineParts): WriteRequest {
  const routeOf = routeTexts();
  return function writeRequest(fact, share) {
    const { traceId, requestId, trace, code, principal, limit, lookups, degraded, calls, cause } = fact;
    const route = routeOf(fact.route);
    // Identifiers of traces are hexadecimal digits; that of a request may be a peer's.
    const request = requestId === traceId ? `"${traceId}"` : quote(requestId);
    let line = `"requestId":${request},"traceId":"${traceId}"`;
    if (trace.isSampled) line += `,"spanId":"${trace.spanId}"`;
    line += route.with(fact.method) + String(fact.status);
    if (code !== undefined) line += `,"code":"${code}"`;
    if (fact.version !== undefined) line += `,"version":${quote(fact.version)}`;
    line += `,"ms":${tenths(fact.durationMs)},"bytesIn":${fact.bytesIn},"bytes":${fact.bytes}`;
    if (principal !== undefined) {
      line += `,"principal":${quote(pseudonyms.principal(principal))}`;
      if (principal.tenant !== undefined) line += `,"tenant":${quoteName(principal.tenant)}`;
    }
    if (limit !== undefined) line += `,"limit":${limitLine(limit, fact.standing, pseudonyms)}`;
    if (lookups.length > 0) line += `,"cache":[${lookups.map(lookupText).join()}]`;
    if (degraded.length > 0) line += `,"degraded":${quoteAll(degraded)}`;
    if (calls.length > 0) line += callsText(route, calls, redact);
    if (cause !== undefined) {
      line += `,"cause":${quote(code === 'internal' ? stackText(cause, redact) : causeText(cause, redact))}`;
    }
    return share === 1 ? line : `${line},"sample":${share}`;
  };
}

function lookupText({ node, outcome }: CacheLookup): string {
  return node === undefined ? `{"outcome":"${outcome}"}` : `{"node":${quote(node)},"outcome":"${outcome}"}`;
}

function callsText(route: RouteText, calls: readonly CallFact[], redact: Redact): string {
  let bytes = 0;
  let text = ',"calls":[';
  let separator = '';
  for (const call of calls) {
    bytes += call.bytes;
    text += separator + callText(route, call, redact);
    separator = ',';
  }
  return `${text}],"upstreamBytes":${bytes}`;
}

function callText(route: RouteText, call: CallFact, redact: Redact): string {
  const { outcome, status, attempts, cause } = call;
  const head = route.call(call);
  let text = outcome === 'ok' ? head.ok : `${head.head}${outcome}","startMs":`;
  text += `${tenths(call.startMs)},"ms":${tenths(call.durationMs)}`;
  text +=
    attempts === 1 ? ',"attempts":1,"bytes":' : `,"attempts":${attempts},"hedges":${call.hedges},"bytes":`;
  text += String(call.bytes);
  if (status !== undefined && status !== 200) text += `,"status":${status}`;
  return cause === undefined ? `${text}}` : `${text},"cause":${quote(causeText(cause, redact))}}`;
}
