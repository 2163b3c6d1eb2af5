/**
 * Facts: what happened, said once by the room where it happened. Logs, metrics and the console
 * subscribe; no room writes a log line itself.
 *
 * @module
 */
import type { ProblemCode } from '../problem/codes.ts';
import type { Caller } from './caller.ts';

/**
 * How one upstream call ended: `ok`, `cancelled` by us, the code of its failure; or it never began, for it was
 * `skipped` (too little time was left) or `shed` (the process is overloaded).
 */
export type CallOutcome = 'ok' | 'cancelled' | 'skipped' | 'shed' | ProblemCode;

/** One request that a call sent, after it ended. */
export interface AttemptFact {
  /** Why it was sent: the first of its call, another after a failure, or one beside a slow one. */
  readonly reason: 'first' | 'retry' | 'hedge';
  /** Of the span, as the upstream heard it: 16 hexadecimal digits. */
  readonly spanId: string;
  /** Origin it was sent to. An internal address: for operators only. */
  readonly target: string;
  /** Milliseconds from the start of the request. */
  readonly startMs: number;
  readonly durationMs: number;
  /** The status of the answer; absent when none came. */
  readonly status?: number;
  readonly outcome: CallOutcome;
}

/** One call to an operation of an upstream, after it ended. */
export interface CallFact {
  /** Name of the plan node, such as `recent`. */
  readonly node: string;
  readonly upstream: string;
  readonly operation: string;
  /** The HTTP method of the operation. */
  readonly method: string;
  readonly outcome: CallOutcome;
  /** Milliseconds from the start of the request to the start of the call. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Requests sent: 1, plus retries and hedges; 0 when it was refused or never began. */
  readonly attempts: number;
  /** How many of them were hedges. */
  readonly hedges: number;
  /** Each of them, in the order in which they ended. */
  readonly sent: readonly AttemptFact[];
  /** The status the upstream answered with; absent when none came. */
  readonly status?: number;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  /** What failed inside; for the log, never for the client. */
  readonly cause?: unknown;
}

/** The cache was asked for a part of one request's answer. */
export interface CacheLookup {
  /** Name of the plan node; absent when it is the whole answer. */
  readonly node?: string;
  readonly outcome: CacheOutcome;
  /** Milliseconds from the start of the request. */
  readonly startMs: number;
}

/** Where a request stands in its trace. Identifiers are 16 hexadecimal digits. */
export interface TraceFact {
  /** The gateway's own span. */
  readonly spanId: string;
  /** The span of a trusted caller. */
  readonly parentSpanId?: string;
  /** Whether spans are wanted. */
  readonly isSampled: boolean;
}

/** One request, after its answer was made. */
export interface RequestFact {
  readonly bff: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly trace: TraceFact;
  readonly method: string;
  /** The route template (`/api/products/:id`), never the path. */
  readonly route: string;
  readonly status: number;
  /** The problem's code when the answer is an error. */
  readonly code?: ProblemCode;
  /** What failed inside; for the log, never for the client. */
  readonly cause?: unknown;
  readonly durationMs: number;
  /** Bytes of the request's body. */
  readonly bytesIn: number;
  /** Bytes of the answer's body as sent. */
  readonly bytes: number;
  readonly principal?: {
    readonly kind: string;
    readonly id: string;
    readonly tenant?: string;
    /** The id of a partner's API key. */
    readonly key?: string;
  };
  /** The version of the API that it was answered in; absent where there are none, or it was not known. */
  readonly version?: string;
  /** Names of the optional nodes that failed. */
  readonly degraded: readonly string[];
  readonly calls: readonly CallFact[];
  /** What the cache was asked. */
  readonly lookups: readonly CacheLookup[];
  /** What the limits decided; absent when they were not asked. */
  readonly limit?: LimitDecision;
  /** How every limit stands that was asked. */
  readonly standing: readonly LimitStanding[];
}

/** The answer of one limit to one request. */
export interface LimitStanding {
  /** The name of the limit. */
  readonly limit: string;
  readonly allowed: boolean;
  /** Whole units left. */
  readonly remaining: number;
  /** 0 when allowed; else milliseconds to wait. */
  readonly retryAfterMs: number;
  /** Milliseconds until everything is back. */
  readonly resetAfterMs: number;
}

/** One decision of the limits: all that is needed to replay it. */
export interface LimitDecision {
  readonly caller: Caller;
  readonly cost: number;
  /** The moment of the decision by the clock of the store, in epoch milliseconds. */
  readonly atMs: number;
  /** Grows with every decision: the order within a millisecond. */
  readonly order: number;
  /** The limits that refused; empty when it was allowed. */
  readonly refusedBy: readonly string[];
  /** Answered from what was kept of an earlier request: monthly quotas did not count it. */
  readonly isRepeat?: boolean;
  readonly standIn?: StandIn;
}

/** What decides when the store of the limits cannot be asked; `closed` refuses everything. */
export type StandIn = 'local' | 'open' | 'closed';

export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated';

/** A circuit breaker as it is now. */
export interface BreakerStatus {
  readonly upstream: string;
  /** Set when the breaker belongs to one operation. */
  readonly operation?: string;
  readonly state: BreakerState;
}

/** A circuit breaker changed its state. */
export interface BreakerFact {
  readonly upstream: string;
  /** Set when the breaker belongs to one operation. */
  readonly operation?: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** A limit was asked. */
export interface LimitFact {
  readonly limit: string;
  readonly allowed: boolean;
  /** Set when the store could not be asked. */
  readonly standIn?: StandIn;
}

/** A caller passed 80 % or 100 % of a monthly quota. One fact per crossing, on all instances together. */
export interface QuotaFact {
  readonly limit: string;
  readonly caller: Caller;
  readonly percent: 80 | 100;
  readonly used: number;
  readonly max: number;
}

/** The store of the limits went away, is still away a minute later, or came back. */
export interface LimitStoreFact {
  readonly state: 'down' | 'still-down' | 'up';
  readonly standIn: StandIn;
  /** Decisions made without the store since the fact before. */
  readonly decisions: number;
  /** Why it could not be asked; for the log. */
  readonly cause?: unknown;
}

/** Something changed about a target of an upstream. Names an internal address: for operators only. */
export interface TargetFact {
  readonly upstream: string;
  readonly change: 'added' | 'removed' | 'ejected' | 'healthy' | 'unhealthy';
  readonly origin: string;
}

/** A part of the gateway that works in the background has a problem, such as a list that cannot be read. */
export interface ProblemFact {
  /** Which part, such as `discovery of orders`. */
  readonly part: string;
  readonly error: Error;
}

/** Somebody switched an operation off or on by hand. */
export interface SwitchFact {
  /** `upstream.operation`. */
  readonly operation: string;
  readonly on: boolean;
}

/** Somebody changed something that decides who may do what. Kept in a stream of its own. */
export interface AuditFact {
  /** Who did it, as the operator named themselves, or the part of the gateway that did. */
  readonly actor: string;
  /** Such as `key.revoke`. */
  readonly action: string;
  /** What it was done to; never a secret. */
  readonly target: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly details?: Readonly<Record<string, string | number | readonly string[]>>;
}

/** An answer went out that weighs more than the budget of its endpoint. */
export interface OverBudgetFact {
  readonly bff: string;
  readonly method: string;
  /** The route template. */
  readonly route: string;
  /** Bytes of the body before compression. */
  readonly bytes: number;
  readonly max: number;
}

/**
 * What the cache did: `hit` found a fresh answer, `stale` one that is over, `miss` made it, `collapsed` waited for
 * somebody else's, `bypass` could not keep it.
 */
export type CacheOutcome = 'hit' | 'stale' | 'miss' | 'collapsed' | 'bypass';

/** The cache was asked. */
export interface CacheFact {
  /** Which declaration asked: `upstream.operation`, or `GET /template` of an endpoint. */
  readonly part: string;
  readonly outcome: CacheOutcome;
}

/** What an attempt to deliver an event came to; `dropped` was given up without one. */
export type WebhookOutcome = 'delivered' | 'retried' | 'failed' | 'dropped';

/** An event was sent to a partner, or given up. */
export interface WebhookFact {
  /** The type of the event. */
  readonly event: string;
  readonly outcome: WebhookOutcome;
  readonly durationMs: number;
}

export interface Facts {
  request: RequestFact;
  overBudget: OverBudgetFact;
  call: CallFact;
  breaker: BreakerFact;
  limit: LimitFact;
  target: TargetFact;
  problem: ProblemFact;
  switch: SwitchFact;
  quota: QuotaFact;
  limitStore: LimitStoreFact;
  audit: AuditFact;
  cache: CacheFact;
  webhook: WebhookFact;
}
