/**
 * One streamed call: the same protection as every other until the head of the answer is there; from then
 * on the stream holds its place, and its own watch ends it: `open-stream.ts`.
 *
 * Nothing is repeated once a byte of the request's body was taken: it is gone.
 *
 * @module
 */
import type { AttemptFact, CallFact, CallOutcome } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import { traceparent } from '../context/trace.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { attribute } from './attribute.ts';
import type { Bulkhead } from './bulkhead.ts';
import { queueShare } from './call.ts';
import { CallTime } from './call-time.ts';
import { isConfidential } from './confidential.ts';
import {
  askIdentity,
  type IdentityHeaders,
  isRefusal,
  noHeaders,
  type UpstreamIdentity,
} from './identity.ts';
import type { Latency } from './latency.ts';
import { OpenStream, type StreamEnd, type StreamHold } from './open-stream.ts';
import type { Random } from './random.ts';
import { type Breaker, type Report, type Verdict, verdictOf } from './resilience.ts';
import { backoffMs, type ResolvedRetryOptions, retryAdvice } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { StreamCallRequest, StreamContract } from './stream-contract.ts';
import type { TargetState } from './target.ts';
import type { TargetSet, TargetWish } from './target-set.ts';
import type { StreamExchange, StreamHead, StreamRequest, Transport } from './transport.ts';

/** Calls, and resolves with the head. Rejects with a {@link GatewayError} and nothing else. */
export type StreamCall = (context: RequestContext, request: StreamCallRequest) => Promise<OpenStream>;

/** What the streams of one operation share. */
export interface StreamCallParts {
  readonly contract: StreamContract;
  readonly timeoutMs: number;
  readonly retry: ResolvedRetryOptions;
  readonly breaker: Breaker;
  readonly targets: TargetSet;
  readonly stream: NonNullable<Transport['stream']>;
  readonly latency: Latency;
  readonly needsTls: boolean;
  readonly bulkhead: Bulkhead;
  readonly budget: RetryBudget;
  readonly random: Random;
  readonly identity: UpstreamIdentity | undefined;
  readonly wishOf: (context: RequestContext) => TargetWish;
  readonly requireOn: () => void;
}

const idempotent = new Set<StreamRequest['method']>(['GET', 'HEAD', 'PUT', 'DELETE']);
const nothing = Buffer.alloc(0);

/** Compiles the streamed calls of one operation. */
export function compileStreamCall(parts: StreamCallParts): StreamCall {
  return async function streamCall(context, request) {
    const running = new RunningStream(parts, context, request);
    try {
      return await running.open();
    } catch (thrown) {
      const error = attribute(GatewayError.from(thrown), request.node, context.cancellation.reason);
      running.tell(error === context.cancellation.reason ? 'cancelled' : error.code, 0, error);
      throw error;
    }
  };
}

/** A head that came, and who sent it. */
interface Begun {
  readonly exchange: StreamExchange;
  readonly head: StreamHead;
  readonly target: TargetState;
  /** Tells the breaker how it went, once. */
  readonly report: Report;
}

type Attempt =
  | { readonly ok: true; readonly begun: Begun }
  | {
      readonly ok: false;
      readonly error: GatewayError;
      readonly head: StreamHead | undefined;
      readonly target?: TargetState | undefined;
    };

class RunningStream {
  readonly #parts: StreamCallParts;
  readonly #context: RequestContext;
  readonly #request: StreamCallRequest;
  readonly #time: CallTime;
  readonly #startedMs: number;
  #identity: IdentityHeaders = noHeaders;
  readonly #sent: AttemptFact[] = [];
  #attempts = 0;
  #status: number | undefined;

  constructor(parts: StreamCallParts, context: RequestContext, request: StreamCallRequest) {
    this.#parts = parts;
    this.#context = context;
    this.#request = request;
    this.#time = new CallTime(context, parts.timeoutMs);
    this.#startedMs = context.clock.monotonicMs();
  }

  async open(): Promise<OpenStream> {
    const { cancellation } = this.#context;
    if (cancellation.reason !== undefined) throw cancellation.reason;
    this.#parts.requireOn();
    this.#time.begin();
    try {
      await this.#askIdentity();
      return await this.#inBulkhead();
    } finally {
      this.#time.end();
    }
  }

  tell(outcome: CallOutcome, bytes: number, failure: GatewayError | undefined): void {
    const { contract } = this.#parts;
    const cause = failure?.options.cause;
    const fact: CallFact = {
      node: this.#request.node,
      upstream: contract.upstream,
      operation: contract.name,
      method: this.#request.method,
      outcome,
      startMs: this.#startedMs - this.#context.startedMs,
      durationMs: this.#context.clock.monotonicMs() - this.#startedMs,
      attempts: this.#attempts,
      hedges: 0,
      sent: this.#sent,
      bytes,
      ...(this.#status === undefined ? {} : { status: this.#status }),
      ...(cause === undefined ? {} : { cause }),
    };
    this.#context.calls.push(fact);
    this.#context.events.emit('call', fact);
  }

  async #askIdentity(): Promise<void> {
    const { identity } = this.#parts;
    if (identity === undefined) return;
    const given = askIdentity(identity, this.#context, this.#time);
    this.#identity = given instanceof Promise ? await given : given;
  }

  async #inBulkhead(): Promise<OpenStream> {
    const { bulkhead, breaker, targets } = this.#parts;
    const { budgetMs, scope } = this.#time;
    const waiting = bulkhead.enter('required', budgetMs * queueShare, scope);
    if (waiting !== undefined) await waiting;
    let isHeld = false;
    try {
      if (scope.reason !== undefined) throw scope.reason;
      const { exchange, head, target, report } = await this.#attemptAll();
      let isTrusted = false;
      target.pending += 1;
      isHeld = true;
      const hold: StreamHold = {
        context: this.#context,
        exchange,
        head,
        maxBytes: this.#request.maxAnswerBytes,
        idleMs: this.#request.idleMs,
        trust: () => {
          isTrusted = true;
          report('success');
        },
        release: (end) => {
          target.pending -= 1;
          bulkhead.leave(); // how long a body takes says as much about the client as about the service
          const isBroken = end.failure !== undefined && verdictOf(end.failure) === 'failure';
          if (!isTrusted) report(isBroken ? 'failure' : 'success');
          else if (isBroken) blame(breaker);
          targets.report(target, isBroken ? 'failure' : 'success');
          this.#tellEnd(end);
        },
      };
      return new OpenStream(hold);
    } finally {
      if (!isHeld) bulkhead.leave();
    }
  }

  #tellEnd({ bytes, failure }: StreamEnd): void {
    const cancelled = this.#context.cancellation.reason;
    const isOurs = failure !== undefined && (failure === cancelled || failure.status < 500);
    this.tell(failure === undefined ? 'ok' : isOurs ? 'cancelled' : failure.code, bytes, failure);
  }

  async #attemptAll(): Promise<Begun> {
    const { budget, retry, random } = this.#parts;
    const wish = this.#parts.wishOf(this.#context);
    let avoid: TargetState | undefined;
    let wasFree = false;
    let wasRenewed = false;
    budget.call();
    for (let retries = 0; ; ) {
      const attempt = await this.#attempt(avoid === undefined ? wish : { ...wish, avoid });
      if (attempt.ok) return attempt.begun;
      const { error, head } = attempt;
      if (this.#time.scope.reason !== undefined || this.#request.body?.isBegun === true) throw error;
      if (this.#mayRenew(head) && !wasRenewed && budget.spend()) {
        wasRenewed = true;
        await this.#askIdentity();
        continue;
      }
      if (!idempotent.has(this.#request.method)) throw error;
      const advice = retryAdvice(error, head && { ...head, body: nothing });
      if (advice.kind === 'free' && !wasFree) {
        wasFree = true;
        continue;
      }
      if (advice.kind === 'never' || retries >= retry.attempts) throw error;
      const afterMs = advice.kind === 'again' ? advice.afterMs : 0;
      const delayMs = Math.max(afterMs, backoffMs(retry, retries, random()));
      const neededMs = this.#parts.latency.quantile(0.5) ?? 0;
      if (this.#time.leftMs() - delayMs <= neededMs || !budget.spend()) throw error;
      await this.#time.sleep(delayMs);
      if (this.#time.scope.reason !== undefined) throw this.#time.scope.reason;
      avoid = attempt.target;
      retries += 1;
    }
  }

  #mayRenew(head: StreamHead | undefined): boolean {
    if (!isRefusal(head?.status)) return false;
    const canRenew = this.#parts.identity?.refused?.(this.#context, this.#identity) ?? false;
    return canRenew && head?.status === 401;
  }

  async #attempt(wish: TargetWish): Promise<Attempt> {
    const { breaker, targets, latency } = this.#parts;
    const { clock } = this.#context;
    const target = targets.pick(wish);
    if (target === undefined) return refused('no target is known');
    const { origin } = target.target;
    if (this.#parts.needsTls && !isConfidential(origin)) {
      return refused("the caller's token is not sent in clear");
    }
    const report = breaker.admit(); // what it throws is no attempt
    const sentMs = clock.monotonicMs();
    const spanId = this.#context.ids.spanId();
    const exchange = this.#send(origin, spanId);
    const { scope } = this.#time;
    const onCancel = (reason: GatewayError): void => exchange.abort(reason);
    let verdict: Verdict = 'neutral';
    let outcome: CallOutcome = 'ok';
    let head: StreamHead | undefined;
    const reason = this.#attempts === 0 ? 'first' : 'retry';
    this.#attempts += 1;
    target.pending += 1;
    scope.listen(onCancel);
    try {
      head = await exchange.head;
      this.#status = head.status;
      this.#request.check(head, origin);
      latency.record(clock.monotonicMs() - sentMs);
      return { ok: true, begun: { exchange, head, target, report } };
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      exchange.abort(error);
      verdict = this.#verdictOf(error);
      outcome = error === scope.reason ? 'cancelled' : error.code;
      report(verdict);
      return { ok: false, error, head, target };
    } finally {
      scope.unlisten(onCancel);
      target.pending -= 1;
      if (verdict !== 'neutral') targets.report(target, verdict);
      this.#sent.push({
        reason,
        spanId,
        target: origin,
        startMs: sentMs - this.#context.startedMs,
        durationMs: clock.monotonicMs() - sentMs,
        ...(head === undefined ? {} : { status: head.status }),
        outcome,
      });
    }
  }

  #send(origin: string, spanId: string): StreamExchange {
    const { method, target, headers, body } = this.#request;
    const { traceId, isSampled, state } = this.#context.trace;
    return this.#parts.stream({
      operation: this.#parts.contract.name,
      method,
      origin,
      target,
      headers: {
        ...headers,
        traceparent: traceparent(traceId, spanId, isSampled),
        ...(state === undefined ? {} : { tracestate: state }),
        'bff-deadline-ms': String(Math.floor(this.#time.leftMs())),
        ...this.#identity, // last: nothing of the client can stand in its place
      },
      body: body?.bytes,
    });
  }

  #verdictOf(error: GatewayError): Verdict {
    const { reason } = this.#time.scope;
    if (error === reason && this.#request.body?.isAwaited === true) return 'neutral';
    if (error === reason) return this.#time.verdictOfCut(reason);
    return error.options.isStaleConnection === true ? 'neutral' : verdictOf(error);
  }
}

function refused(why: string): Attempt {
  return {
    ok: false,
    error: new GatewayError('upstream-unreachable', { cause: new Error(why) }),
    head: undefined,
  };
}

/** It was reported as a success long ago; the break counts for itself. */
function blame(breaker: Breaker): void {
  if (breaker.state === 'closed') breaker.admit()('failure');
}
