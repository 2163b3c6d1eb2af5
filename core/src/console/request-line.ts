/**
 * One request as its waterfall needs it: calls, attempts, the cache, the limits, and what it waited for.
 *
 * @module
 */
import type { AttemptFact, CallFact, LimitStanding } from '../context/events.ts';
import { criticalPath, type NodeOrder } from '../explain/critical-path.ts';
import type { Pseudonyms } from '../telemetry/pseudonyms.ts';
import { redact } from '../telemetry/redact.ts';
import type { KeptRequest } from './kept-requests.ts';
import { callerName } from './pseudonym.ts';
import type { AttemptLine, CallLine, RequestLine, StandingLine } from './wire.ts';

const maxCalls = 60;
const maxCauseLength = 300;

/** What a line needs beside its request. */
export interface LineParts {
  /** What to add to monotonic milliseconds to have the time of day. */
  readonly wallOffsetMs: number;
  readonly pseudonyms: Pseudonyms;
}

export function requestLine(
  { fact, endedMs }: KeptRequest,
  plan: NodeOrder | undefined,
  { wallOffsetMs, pseudonyms }: LineParts,
): RequestLine {
  const { path, slackMs } = plan === undefined ? { path: [], slackMs: {} } : criticalPath(plan, fact.calls);
  return {
    id: fact.requestId,
    route: fact.route === '*' ? '*' : `${fact.method} ${fact.route}`,
    atMs: Math.round(endedMs - fact.durationMs + wallOffsetMs),
    status: fact.status,
    ...(fact.code === undefined ? {} : { code: fact.code }),
    ...causeField(fact.cause),
    ms: round(fact.durationMs),
    bytesIn: fact.bytesIn,
    up: fact.calls.reduce((sum, { bytes }) => sum + bytes, 0),
    out: fact.bytes,
    caller: callerName(fact, pseudonyms),
    traceId: fact.traceId,
    degraded: fact.degraded,
    calls: fact.calls.slice(0, maxCalls).map(callLine),
    lookups: fact.lookups.map((lookup) => ({ ...lookup, startMs: round(lookup.startMs) })),
    standing: fact.standing.map(standingLine),
    critical: path,
    slackMs: Object.fromEntries(Object.entries(slackMs).map(([node, ms]) => [node, round(ms)])),
  };
}

export function standingLine({ limit, allowed, remaining, resetAfterMs }: LimitStanding): StandingLine {
  return { limit, allowed, remaining, resetAfterMs: Math.round(resetAfterMs) };
}

/** The field `cause`: what an error says, without what looks like a secret, on one line. */
export function causeField(cause: unknown): { readonly cause?: string } {
  if (cause === undefined) return {};
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return { cause: redact(text).replaceAll(/\s+/g, ' ').slice(0, maxCauseLength) };
}

function callLine(call: CallFact): CallLine {
  return {
    node: call.node,
    operation: `${call.upstream}.${call.operation}`,
    outcome: call.outcome,
    startMs: round(call.startMs),
    ms: round(call.durationMs),
    bytes: call.bytes,
    ...causeField(call.cause),
    sent: call.sent.map(attemptLine),
  };
}

function attemptLine({ reason, target, startMs, durationMs, status, outcome }: AttemptFact): AttemptLine {
  return {
    reason,
    target,
    startMs: round(startMs),
    ms: round(durationMs),
    ...(status === undefined ? {} : { status }),
    outcome,
  };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
