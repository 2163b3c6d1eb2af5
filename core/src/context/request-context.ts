/**
 * What one request carries through the house: who asks, how long it may take, why it stops, and
 * what happened so far. Passed as an argument; there is no global state.
 *
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import { Cancellation } from './cancellation.ts';
import type { Clock } from './clock.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { EventBus } from './event-bus.ts';
import type { CacheLookup, CallFact } from './events.ts';
import type { IdSource } from './ids.ts';
import type { Inbound } from './inbound.ts';
import { Notes } from './notes.ts';
import type { Principal } from './principal.ts';
import { placeInTrace, type Trace } from './trace.ts';

export interface RequestContext {
  readonly requestId: string;
  readonly traceId: string;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly events: EventBus;
  readonly inbound: Inbound;
  /** Who is counted and sent to the same target: the caller, else its address. Known after authentication. */
  subject: string;
  /** Who calls; nobody until authentication, and for anonymous callers. */
  principal: Principal | undefined;
  /** The caller's own access token, set by whoever verified it: for token exchange, never for a log or a plan. */
  subjectToken: string | undefined;
  /** The idempotency key that a service gets, by operation (`orders.create`); set for a write that has a key. */
  writeKeyFor: ((operation: string) => string) | undefined;
  /** Set when the work goes on although its client has left: somebody will ask for its outcome. */
  outlivesClient: boolean;
  /** The version of the API that it wants; known after authentication, where there are versions. */
  version: string | undefined;
  /** What the endpoint asks of those who prove identity. */
  readonly requires: Requirements;
  /** Whole `Set-Cookie` values for the answer, whatever it is. */
  readonly cookies: string[];
  /** Monotonic milliseconds at arrival. */
  readonly startedMs: number;
  readonly deadline: Deadline;
  readonly cancellation: Cancellation;
  /** The calls that ended so far, in the order they ended. */
  readonly calls: CallFact[];
  /** What the cache was asked so far. */
  readonly lookups: CacheLookup[];
  /** Bytes of the request's body that came so far. */
  bytesIn: number;
  /** The optional nodes that failed, with the reason. */
  readonly degraded: Notes<GatewayError>;
  /** Headers of the gateway's own for the answer, whatever it is. */
  readonly extraHeaders: Notes<string>;
  /** Allow-listed upstream headers to send on to the client. */
  readonly answerHeaders: Notes<string>;
  /** The address of the client, behind proxies as configured. */
  clientAddress(): string;
  /** Releases timers and listeners. Call it exactly once, in `finally`. */
  close(): void;
}

/** What an endpoint asks of authenticators. */
export interface Requirements {
  /** False where anyone may call: a session that has ended is then nobody, not an error. */
  readonly caller: boolean;
  /** Whether callers known by a cookie must show that the call came from the app's own origin. */
  readonly antiForgery: boolean;
}

export interface ContextOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly events: EventBus;
  readonly deadlineMs: number;
  readonly inbound: Inbound;
  /** Default: a trace that begins here and is not sampled. */
  readonly trace?: Trace;
  /** Default: the id of the trace. */
  readonly requestId?: string;
  /** Default: the other end of the socket. */
  readonly clientAddress?: () => string;
  /** Default: a caller, and anti-forgery. */
  readonly requires?: Requirements;
}

const strictest: Requirements = { caller: true, antiForgery: true };

/** Opens the context of a request that just arrived: starts its deadline, watches its client. */
export function openContext(options: ContextOptions): RequestContext {
  return new OpenContext(options);
}

class OpenContext implements RequestContext {
  readonly requestId: string;
  readonly traceId: string;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly events: EventBus;
  readonly inbound: Inbound;
  readonly requires: Requirements;
  readonly startedMs: number;
  readonly deadline: Deadline;
  readonly cancellation = new Cancellation();
  readonly degraded = new Notes<GatewayError>();
  readonly extraHeaders = new Notes<string>();
  readonly answerHeaders = new Notes<string>();
  readonly cookies: string[] = [];
  readonly calls: CallFact[] = [];
  readonly lookups: CacheLookup[] = [];
  subject = '';
  principal: Principal | undefined = undefined;
  subjectToken: string | undefined = undefined;
  version: string | undefined = undefined;
  writeKeyFor: ((operation: string) => string) | undefined = undefined;
  outlivesClient = false;
  bytesIn = 0;
  readonly #clientAddress: (() => string) | undefined;
  readonly #stopWatching: () => void;

  constructor(options: ContextOptions) {
    const { clock, ids, events, inbound, trace = placeInTrace(ids) } = options;
    this.clock = clock;
    this.ids = ids;
    this.events = events;
    this.inbound = inbound;
    this.trace = trace;
    this.traceId = trace.traceId;
    this.requestId = options.requestId ?? trace.traceId;
    this.requires = options.requires ?? strictest;
    this.startedMs = clock.monotonicMs();
    this.#clientAddress = options.clientAddress;
    this.deadline = startDeadline(clock, options.deadlineMs, this.cancellation);
    this.#stopWatching = inbound.onGone(() => {
      if (!this.outlivesClient) this.cancellation.cancel(new GatewayError('client-gone'));
    });
  }

  clientAddress(): string {
    return this.#clientAddress?.() ?? this.inbound.peerAddress ?? 'unknown';
  }

  close(): void {
    this.deadline.dispose();
    this.#stopWatching();
  }
}
