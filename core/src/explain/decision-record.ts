/**
 * The decision record of one request: what was decided about it, in order, and where its time went. Plain data for
 * operators: made of facts, without a header, a body, a path or a query, and nobody's name.
 *
 * It names addresses of services, so it stays on the admin port; a client gets no more than `Server-Timing`.
 *
 * @module
 */
import type {
  AttemptFact,
  BreakerState,
  BreakerStatus,
  CacheLookup,
  CallFact,
  CallOutcome,
  LimitStanding,
  RequestFact,
  StandIn,
} from '../context/events.ts';
import type { GraphNode } from '../plan/graph.ts';
import { type ProblemCode, problemCodes } from '../problem/codes.ts';
import { gatewayTimeMs } from '../telemetry/gateway-time.ts';
import type { Pseudonyms } from '../telemetry/pseudonyms.ts';
import { criticalPath } from './critical-path.ts';

export interface DecisionRecord {
  readonly requestId: string;
  readonly traceId: string;
  readonly bff: string;
  /** When its answer was made, as an RFC 3339 time. */
  readonly at: string;
  readonly method: string;
  /** The route template. */
  readonly route: string;
  readonly status: number;
  /** The code of the problem that was answered, and what it means. */
  readonly problem?: { readonly code: ProblemCode; readonly title: string };
  /** Absent when nobody was signed in. */
  readonly identity?: ExplainedIdentity;
  /** Absent when no limit was asked. */
  readonly limits?: ExplainedLimits;
  readonly cache: readonly CacheLookup[];
  /** In the order in which they began. */
  readonly calls: readonly ExplainedCall[];
  /** Calls beyond the first hundred. */
  readonly callsLeftOut: number;
  /** Nodes of the plan that called nobody. */
  readonly notCalled: readonly { readonly node: string; readonly why: NotCalled }[];
  /** Parts that are missing in the answer. */
  readonly degraded: readonly { readonly node: string; readonly why?: CallOutcome }[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly time: {
    readonly totalMs: number;
    /** While at least one call was running. */
    readonly upstreamMs: number;
    /** The rest: what the gateway added; the same figure as in the metrics. */
    readonly gatewayMs: number;
  };
  /** The nodes the answer waited for; see {@link criticalPath}. */
  readonly criticalPath: readonly string[];
}

export interface ExplainedIdentity {
  readonly kind: string;
  /** As the log shows it, such as `partner:acme`; of a person a pseudonym. */
  readonly id: string;
  readonly tenant?: string;
  /** The kind of credential that came, such as `Bearer` or `cookie`. */
  readonly by?: string;
}

export interface ExplainedLimits {
  /** `store`, or what stood in for it. */
  readonly decidedBy: 'store' | StandIn;
  readonly cost: number;
  readonly refusedBy: readonly string[];
  readonly standing: readonly LimitStanding[];
}

export interface ExplainedCall {
  readonly node: string;
  /** `upstream.operation` */
  readonly operation: string;
  readonly outcome: CallOutcome;
  /** Why it was not made, or failed. */
  readonly why?: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly status?: number;
  readonly bytes: number;
  readonly attempts: number;
  readonly retries: number;
  readonly hedges: number;
  /** In the order in which they began. */
  readonly sent: readonly AttemptFact[];
  /** Of its breaker, just after the request; absent where it is not known. */
  readonly breaker?: BreakerState;
  /** The nodes it was declared to wait for. */
  readonly waitedFor: readonly string[];
  /** How much later it could have ended; absent where nobody knows what waits for what. */
  readonly slackMs?: number;
}

/** Why a node called nobody: its condition, a kept answer, an `each` without keys, or the request ended before. */
export type NotCalled = 'condition' | 'cache' | 'no-keys' | 'not-reached';

/** What a record is made of beside the fact. */
export interface Known {
  /** Of the endpoint, as in `bff.graph`; empty for an opaque one. */
  readonly nodes: readonly ExplainedNode[];
  readonly breakers: readonly BreakerStatus[];
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** The kind of credential that came. */
  readonly credential?: string | undefined;
  /** Those of the log. */
  readonly pseudonyms: Pseudonyms;
}

export type ExplainedNode = Pick<GraphNode, 'name' | 'kind' | 'dependencies' | 'conditional'>;

const maxCalls = 100;
const maxAttempts = 10;
const titles: Readonly<Record<string, { readonly title: string }>> = problemCodes;

/** Makes the record of a request that has ended. */
export function decisionRecord(fact: RequestFact, known: Known): DecisionRecord {
  const { requestId, traceId, bff, method, route, status, code, durationMs } = fact;
  const { path, slackMs } = criticalPath(known, fact.calls);
  const calls = fact.calls.toSorted((one, other) => one.startMs - other.startMs);
  const gatewayMs = gatewayTimeMs(fact);
  const identity = identityOf(fact, known);
  const limits = limitsOf(fact);
  return {
    requestId,
    traceId,
    bff,
    at: new Date(known.nowMs).toISOString(),
    method,
    route,
    status,
    ...(code === undefined ? {} : { problem: { code, title: problemCodes[code].title } }),
    ...(identity === undefined ? {} : { identity }),
    ...(limits === undefined ? {} : { limits }),
    cache: fact.lookups.map((lookup) => ({ ...lookup, startMs: round(lookup.startMs) })),
    calls: calls.slice(0, maxCalls).map((call) => explainCall(call, known, slackMs)),
    callsLeftOut: Math.max(0, calls.length - maxCalls),
    notCalled: notCalled(fact, known),
    degraded: fact.degraded.map((node) => {
      const failed = fact.calls.find((call) => call.node === node && call.outcome !== 'ok');
      return failed === undefined ? { node } : { node, why: failed.outcome };
    }),
    bytesIn: fact.bytesIn,
    bytesOut: fact.bytes,
    time: {
      totalMs: round(durationMs),
      upstreamMs: round(durationMs - gatewayMs),
      gatewayMs: round(gatewayMs),
    },
    criticalPath: path,
  };
}

function identityOf(
  { principal }: RequestFact,
  { credential, pseudonyms }: Known,
): ExplainedIdentity | undefined {
  if (principal === undefined) return undefined;
  const { kind, tenant } = principal;
  return {
    kind,
    id: pseudonyms.principal(principal),
    ...(tenant === undefined ? {} : { tenant }),
    ...(credential === undefined ? {} : { by: credential }),
  };
}

/** Who is behind the address, the key or the application stays out of it: that is what the log is for. */
function limitsOf({ limit, standing }: RequestFact): ExplainedLimits | undefined {
  if (limit === undefined) return undefined;
  const { cost, refusedBy, standIn = 'store' } = limit;
  return { decidedBy: standIn, cost, refusedBy, standing };
}

function explainCall(
  call: CallFact,
  { nodes, breakers }: Known,
  slacks: Readonly<Record<string, number>>,
): ExplainedCall {
  const { node, upstream, operation, outcome, startMs, durationMs, status, bytes, attempts, hedges } = call;
  const sent = call.sent.toSorted((one, other) => one.startMs - other.startMs);
  const why = whyOf(call);
  const breaker = breakerOf(call, breakers);
  const slackMs = Object.hasOwn(slacks, node) ? slacks[node] : undefined;
  return {
    node,
    operation: `${upstream}.${operation}`,
    outcome,
    ...(why === undefined ? {} : { why }),
    startMs: round(startMs),
    durationMs: round(durationMs),
    ...(status === undefined ? {} : { status }),
    bytes,
    attempts,
    retries: sent.filter(({ reason }) => reason === 'retry').length,
    hedges,
    sent: sent.slice(0, maxAttempts).map((attempt) => ({
      ...attempt,
      startMs: round(attempt.startMs),
      durationMs: round(attempt.durationMs),
    })),
    ...(breaker === undefined ? {} : { breaker }),
    waitedFor: nodes.find(({ name }) => name === node)?.dependencies ?? [],
    ...(slackMs === undefined ? {} : { slackMs: round(slackMs) }),
  };
}

/**
 * In words of ours only: what a service or a library said may hold anything. Of an error in the network its code is
 * enough.
 */
function whyOf({ outcome, cause }: CallFact): string | undefined {
  if (outcome === 'ok') return undefined;
  if (outcome === 'cancelled') return 'the request had ended';
  if (outcome === 'skipped') return 'not enough time left to start';
  if (outcome === 'shed') return 'not begun: the process is overloaded';
  const { title = outcome } = titles[outcome] ?? {};
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z\d_]{2,40}$/.test(code) ? `${title} (${code})` : title;
}

function breakerOf(
  { upstream, operation }: CallFact,
  breakers: readonly BreakerStatus[],
): BreakerState | undefined {
  const own = breakers.filter((breaker) => breaker.upstream === upstream);
  const exact = own.find((breaker) => breaker.operation === operation);
  return (exact ?? own.find((breaker) => breaker.operation === undefined))?.state;
}

const kept: ReadonlySet<string> = new Set(['hit', 'stale', 'collapsed']);

function notCalled(fact: RequestFact, { nodes }: Known): DecisionRecord['notCalled'] {
  const called = new Set(fact.calls.map(({ node }) => node));
  const found = fact.lookups.filter(({ outcome }) => kept.has(outcome)).map(({ node }) => node);
  const isWholeKept = found.includes(undefined);
  const whyNot = ({ name, kind, conditional }: ExplainedNode): NotCalled => {
    if (isWholeKept || found.includes(name)) return 'cache';
    if (fact.code !== undefined) return 'not-reached';
    if (conditional) return 'condition';
    return kind === 'each' ? 'no-keys' : 'not-reached';
  };
  return nodes
    .filter(({ name, kind }) => kind !== 'derive' && !called.has(name))
    .map((node) => ({ node: node.name, why: whyNot(node) }));
}

/** Microseconds are noise; hundredths show what a fast gateway does. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
