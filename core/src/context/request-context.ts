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
import type { CallFact, EventBus } from './events.ts';
import type { IdSource } from './ids.ts';
import type { Inbound } from './inbound.ts';
import type { Principal } from './principal.ts';

export interface RequestContext {
  readonly requestId: string;
  readonly traceId: string;
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
  /** The optional nodes that failed, with the reason. */
  readonly degraded: Map<string, GatewayError>;
  /** Headers of the gateway's own for the answer, whatever it is. */
  readonly extraHeaders: Map<string, string>;
  /** Allow-listed upstream headers to send on to the client. */
  readonly answerHeaders: Map<string, string>;
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
  /** Default: the other end of the socket. */
  readonly clientAddress?: () => string;
  /** Default: a caller, and anti-forgery. */
  readonly requires?: Requirements;
}

const strictest: Requirements = { caller: true, antiForgery: true };

/** Opens the context of a request that just arrived: starts its deadline, watches its client. */
export function openContext(options: ContextOptions): RequestContext {
  const { clock, ids, events, inbound } = options;
  const cancellation = new Cancellation();
  const deadline = startDeadline(clock, options.deadlineMs, cancellation);
  const stopWatching = inbound.onGone(() => cancellation.cancel(new GatewayError('client-gone')));
  const traceId = ids.traceId();
  return {
    requestId: traceId,
    traceId,
    clock,
    ids,
    events,
    inbound,
    subject: '',
    principal: undefined,
    subjectToken: undefined,
    requires: options.requires ?? strictest,
    cookies: [],
    startedMs: clock.monotonicMs(),
    deadline,
    cancellation,
    calls: [],
    degraded: new Map(),
    extraHeaders: new Map(),
    answerHeaders: new Map(),
    clientAddress: options.clientAddress ?? (() => inbound.peerAddress ?? 'unknown'),
    close() {
      deadline.dispose();
      stopWatching();
    },
  };
}
