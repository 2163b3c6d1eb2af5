/**
 * From the fact of one request to its spans: the request, below it every call of the plan, below that every request
 * that the call sent. Names and attributes follow OpenTelemetry's conventions for HTTP; what is ours begins with
 * `bff.`. There is nothing in them that a client typed, except the method: templates, names and codes only.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/http/http-spans/ OpenTelemetry}, HTTP spans
 * @module
 */
import type { AttemptFact, CallFact, CallOutcome, RequestFact } from '../context/events.ts';

type Attribute = string | number | boolean | readonly string[];

/** One span, as plain data. Times are milliseconds from the start of the request. */
export interface SpanSketch {
  readonly kind: 'server' | 'node' | 'client';
  readonly name: string;
  /** Absent where nobody else knows it: any will do. */
  readonly spanId?: string;
  readonly startMs: number;
  readonly endMs: number;
  /** What failed; absent when nothing did. */
  readonly error?: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly events: readonly SpanEvent[];
  readonly children: readonly SpanSketch[];
}

/** Something that took no time. */
export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

const none: readonly never[] = [];

/** The spans of one request. */
export function spanTree(fact: RequestFact): SpanSketch {
  const { code, degraded, limit, lookups, principal, durationMs } = fact;
  const attributes: Record<string, Attribute> = {
    'http.request.method': fact.method,
    'http.route': fact.route,
    'http.response.status_code': fact.status,
    'http.request.body.size': fact.bytesIn,
    'http.response.body.size': fact.bytes,
    'bff.name': fact.bff,
    'bff.request_id': fact.requestId,
  };
  if (code !== undefined) attributes['error.type'] = code;
  if (principal !== undefined) attributes['bff.principal.kind'] = principal.kind;
  if (degraded.length > 0) attributes['bff.degraded'] = degraded;
  if (limit !== undefined) {
    attributes['bff.limit.decision'] = limit.refusedBy.length === 0 ? 'allowed' : 'refused';
    attributes['bff.limit.cost'] = limit.cost;
    if (limit.refusedBy.length > 0) attributes['bff.limit.refused_by'] = limit.refusedBy;
    if (limit.standIn !== undefined) attributes['bff.limit.stand_in'] = limit.standIn;
  }
  return {
    kind: 'server',
    name: `${fact.method} ${fact.route}`,
    spanId: fact.trace.spanId,
    startMs: 0,
    endMs: durationMs,
    ...(fact.status >= 500 ? { error: code ?? String(fact.status) } : {}),
    attributes,
    events: lookups.map(({ node, outcome, startMs }) => ({
      name: 'cache',
      atMs: within(startMs, 0, durationMs),
      attributes: { 'bff.cache.outcome': outcome, ...(node === undefined ? {} : { 'bff.node': node }) },
    })),
    children: fact.calls.map((call) => nodeSpan(call, durationMs)),
  };
}

function nodeSpan(call: CallFact, requestMs: number): SpanSketch {
  const startMs = within(call.startMs, 0, requestMs);
  const endMs = within(call.startMs + call.durationMs, startMs, requestMs);
  return {
    kind: 'node',
    name: call.node,
    startMs,
    endMs,
    ...errorOf(call.outcome),
    attributes: {
      'bff.node': call.node,
      'bff.upstream': call.upstream,
      'bff.operation': call.operation,
      'bff.outcome': call.outcome,
      'bff.attempts': call.attempts,
      'bff.answer.bytes': call.bytes,
    },
    events: none,
    children: call.sent.map((attempt) => attemptSpan(call, attempt, { startMs, endMs })),
  };
}

function attemptSpan(
  { upstream, operation, method }: CallFact,
  attempt: AttemptFact,
  node: { readonly startMs: number; readonly endMs: number },
): SpanSketch {
  const startMs = within(attempt.startMs, node.startMs, node.endMs);
  const failed = errorOf(attempt.outcome);
  return {
    kind: 'client',
    name: `${upstream}.${operation}`,
    spanId: attempt.spanId,
    startMs,
    endMs: within(attempt.startMs + attempt.durationMs, startMs, node.endMs),
    ...failed,
    attributes: {
      'http.request.method': method,
      'peer.service': upstream,
      ...addressOf(attempt.target),
      'bff.operation': operation,
      'bff.attempt.reason': attempt.reason,
      'bff.outcome': attempt.outcome,
      ...(attempt.status === undefined ? {} : { 'http.response.status_code': attempt.status }),
      ...(failed.error === undefined ? {} : { 'error.type': failed.error }),
    },
    events: none,
    children: none,
  };
}

const notFailed: ReadonlySet<CallOutcome> = new Set<CallOutcome>(['ok', 'cancelled', 'skipped', 'shed']);

/** What we stopped or never began did not fail. */
function errorOf(outcome: CallOutcome): { readonly error?: string } {
  return notFailed.has(outcome) ? {} : { error: outcome };
}

/** Of an origin; there are few targets, and each is parsed once. */
function addressOf(target: string): Readonly<Record<string, Attribute>> {
  const known = addresses.get(target);
  if (known !== undefined) return known;
  const url = URL.parse(target);
  const port = url === null ? 0 : Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const address = url === null ? {} : { 'server.address': url.hostname, 'server.port': port };
  if (addresses.size >= maxAddresses) addresses.clear(); // targets come and go
  addresses.set(target, address);
  return address;
}

const maxAddresses = 1_000;
const addresses = new Map<string, Readonly<Record<string, Attribute>>>();

/** What goes on after its parent ended is of no interest to it, and rounding must not seem to. */
function within(ms: number, min: number, max: number): number {
  return Math.min(Math.max(ms, min), max);
}
