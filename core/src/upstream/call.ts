/**
 * One call of an operation for one request. Outermost first: the time there is, whether it is worth
 * starting, what proves identity to the service, a place in the bulkhead, then attempts: hedged, repeated within the budget, each with a
 * target and the breaker's leave.
 *
 * @see {@link https://sre.google/sre-book/addressing-cascading-failures/ Google SRE}, cascading failures
 * @module
 */
import type { AttemptFact, CallFact, CallOutcome } from '../context/events.ts';
import { type PressureSource, shedsOptional } from '../context/pressure.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type Attempt, type AttemptParts, type Outcome, startAttempt } from './attempt.ts';
import { attribute } from './attribute.ts';
import type { Bulkhead, Worth } from './bulkhead.ts';
import { CallTime } from './call-time.ts';
import type { Hedging } from './hedging.ts';
import {
  askIdentity,
  type IdentityHeaders,
  isRefusal,
  noHeaders,
  type UpstreamIdentity,
} from './identity.ts';
import type { OperationContract } from './operation.ts';
import type { Random } from './random.ts';
import type { CallRequest } from './request.ts';
import { backoffMs, type ResolvedRetryOptions, retryAdvice } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Revalidation } from './revalidation.ts';
import type { TargetState } from './target.ts';
import type { TargetWish } from './target-set.ts';
import type { TransportAnswer } from './transport.ts';

/** What the plan says about a call. */
export interface CallNode {
  readonly name: string;
  /** Milliseconds the node allows; infinite when it does not say. */
  readonly timeoutMs: number;
  readonly worth: Worth;
  /** Set when the answer may be kept. */
  readonly revalidation?: Revalidation;
}

/** Calls one operation for one request. Rejects with a {@link GatewayError} and nothing else. */
export type Call = (context: RequestContext, node: CallNode, request: CallRequest) => Promise<unknown>;

/** What the calls of one operation share. */
export interface CallParts extends AttemptParts {
  readonly contract: OperationContract;
  readonly timeoutMs: number;
  readonly retry: ResolvedRetryOptions;
  readonly hedging: Hedging | undefined;
  readonly bulkhead: Bulkhead;
  readonly budget: RetryBudget;
  readonly pressure: PressureSource;
  readonly random: Random;
  readonly identity: UpstreamIdentity | undefined;
  /** Which target the request should get. */
  readonly wishOf: (context: RequestContext) => TargetWish;
  /** Refuses while somebody has switched the operation off. Throws a {@link GatewayError}. */
  readonly requireOn: () => void;
  /** Sends a copy elsewhere, when that is configured. */
  readonly shadow: ((context: RequestContext, request: CallRequest) => void) | undefined;
}

/** A call may wait for a place for this share of its time. */
export const queueShare = 0.25;
const noRetry = -1;
/** Of the calls that look hopeless this share is made all the same: else nobody would learn that the service is well again. */
const scoutShare = 0.05;

/** Compiles the calls of one operation. */
export function compileCall(parts: CallParts): Call {
  return async function call(context, node, request) {
    const running = new RunningCall(parts, context, node, request);
    let failure: GatewayError | undefined;
    try {
      return await running.answer();
    } catch (thrown) {
      failure = attribute(GatewayError.from(thrown), node.name, context.cancellation.reason);
      throw failure;
    } finally {
      const fact = running.end(failure);
      context.calls.push(fact);
      context.events.emit('call', fact);
    }
  };
}

class RunningCall {
  readonly #parts: CallParts;
  readonly #context: RequestContext;
  readonly #node: CallNode;
  readonly #request: CallRequest;
  readonly #startedMs: number;
  readonly #time: CallTime;
  readonly #sent: AttemptFact[] = [];
  #enteredMs: number | undefined;
  #underWay: readonly Attempt[] = [];
  #attempts = 0;
  #hedges = 0;
  #identity: IdentityHeaders = noHeaders;
  #last: Outcome | undefined;
  /** Why it was not even begun. */
  #unbegun: 'skipped' | 'shed' | undefined;

  constructor(parts: CallParts, context: RequestContext, node: CallNode, request: CallRequest) {
    this.#parts = parts;
    this.#context = context;
    this.#node = node;
    this.#request = request;
    this.#startedMs = context.clock.monotonicMs();
    this.#time = new CallTime(context, Math.min(parts.timeoutMs, node.timeoutMs));
  }

  /** Pair with {@link end}, also when it throws. */
  answer(): Promise<unknown> {
    const { cancellation } = this.#context;
    if (cancellation.reason !== undefined) throw cancellation.reason;
    this.#parts.requireOn();
    this.#requireWorthwhile();
    this.#time.begin();
    this.#time.scope.listen((reason) => {
      const verdict = this.#time.verdictOfCut(reason);
      for (const attempt of this.#underWay) attempt.abort(reason, verdict);
    });
    // Before there is a place: waiting for an identity provider must not use up the service's.
    const asking = this.#askIdentity();
    return asking === undefined ? this.#enter() : asking.then(() => this.#enter());
  }

  end(failure: GatewayError | undefined): CallFact {
    const { contract, bulkhead } = this.#parts;
    const nowMs = this.#context.clock.monotonicMs();
    this.#time.end();
    if (this.#enteredMs !== undefined) bulkhead.leave(this.#measured(nowMs - this.#enteredMs));
    const answer = this.#last?.answer;
    return {
      node: this.#node.name,
      upstream: contract.upstream,
      operation: contract.name,
      method: contract.method,
      outcome: this.#outcomeOf(failure),
      startMs: this.#startedMs - this.#context.startedMs,
      durationMs: nowMs - this.#startedMs,
      attempts: this.#attempts,
      hedges: this.#hedges,
      sent: this.#sent,
      bytes: answer?.body.byteLength ?? 0,
      ...(answer === undefined ? {} : { status: answer.status }),
      ...(failure?.options.cause === undefined ? {} : { cause: failure.options.cause }),
    };
  }

  #outcomeOf(failure: GatewayError | undefined): CallOutcome {
    if (failure === undefined) return 'ok';
    if (this.#unbegun !== undefined) return this.#unbegun;
    return failure === this.#context.cancellation.reason ? 'cancelled' : failure.code;
  }

  /** An optional call is not started when it cannot end in time, or when the process has better things to do. */
  #requireWorthwhile(): void {
    const { worth } = this.#node;
    if (worth === 'required') return;
    const typicalMs = this.#parts.latency.quantile(0.5);
    const isHopeless = typicalMs !== undefined && this.#time.budgetMs < typicalMs;
    if (isHopeless && this.#parts.random() >= scoutShare) {
      this.#unbegun = 'skipped';
      throw new GatewayError('upstream-timeout', { cause: new Error('not enough time left to start') });
    }
    if (shedsOptional(this.#parts.pressure.level(), worth)) {
      this.#unbegun = 'shed';
      throw new GatewayError('upstream-busy', { cause: new Error('shed: the process is overloaded') });
    }
  }

  /** @returns Nothing when the headers were at hand. */
  #askIdentity(): Promise<void> | undefined {
    const { identity } = this.#parts;
    if (identity === undefined) return undefined;
    const given = askIdentity(identity, this.#context, this.#time);
    if (given instanceof Promise) {
      return given.then((headers) => {
        this.#identity = headers;
      });
    }
    this.#identity = given;
    return undefined;
  }

  #enter(): Promise<unknown> {
    const { budgetMs, scope } = this.#time;
    const waiting = this.#parts.bulkhead.enter(this.#node.worth, budgetMs * queueShare, scope);
    return waiting === undefined ? this.#inPlace() : waiting.then(() => this.#inPlace());
  }

  #inPlace(): Promise<unknown> {
    const { reason } = this.#time.scope;
    this.#enteredMs = this.#context.clock.monotonicMs();
    if (reason !== undefined) throw reason; // between getting the place and taking it
    this.#parts.shadow?.(this.#context, this.#request);
    return this.#attemptAll();
  }

  /** How long the upstream took, if that tells its load: until an answer, or without one for longer than is typical. */
  #measured(tookMs: number): number | undefined {
    if (this.#last?.ok === true) return tookMs;
    const { reason } = this.#time.scope;
    const timedOut = reason !== undefined && this.#time.verdictOfCut(reason) === 'failure';
    return timedOut && tookMs > (this.#parts.latency.quantile(0.5) ?? 0) ? tookMs : undefined;
  }

  async #attemptAll(): Promise<unknown> {
    const { budget, wishOf, retry } = this.#parts;
    const wish = wishOf(this.#context);
    let avoid: TargetState | undefined;
    let wasFree = false;
    let wasRenewed = false;
    budget.call();
    for (let retries = 0; ; ) {
      const attempt = this.#start(
        avoid === undefined ? wish : { ...wish, avoid },
        this.#attempts === 0 ? 'first' : 'retry',
        wasFree,
      );
      this.#underWay = [attempt];
      const outcome = await (this.#parts.hedging === undefined
        ? attempt.outcome
        : this.#hedged(attempt, this.#parts.hedging, wish));
      this.#last = outcome;
      if (outcome.ok) {
        this.#node.revalidation?.heard(outcome.answer);
        return outcome.value;
      }
      if (this.#time.scope.reason !== undefined) throw outcome.error;
      if (
        isRefusal(outcome.answer?.status) &&
        this.#mayRenew(outcome.answer) &&
        !wasRenewed &&
        budget.spend()
      ) {
        wasRenewed = true; // whoever answers 401 did nothing: a write may be repeated too
        await this.#askIdentity();
        continue;
      }
      if (!this.#parts.contract.isIdempotent) throw outcome.error;
      const advice = retryAdvice(outcome.error, outcome.answer);
      if (advice.kind === 'free' && !wasFree) {
        wasFree = true;
        continue;
      }
      if (advice.kind === 'never' || retries >= retry.attempts) throw outcome.error;
      const afterMs = advice.kind === 'again' ? advice.afterMs : 0;
      const delayMs = this.#affordableDelay(
        Math.max(afterMs, backoffMs(retry, retries, this.#parts.random())),
      );
      if (delayMs === noRetry || !budget.spend()) throw outcome.error;
      await this.#time.sleep(delayMs);
      if (this.#time.scope.reason !== undefined) throw this.#time.scope.reason;
      avoid = attempt.target;
      retries += 1;
    }
  }

  /** Tells the identity that it was refused; whether another one may do better. */
  #mayRenew(answer: TransportAnswer | undefined): boolean {
    const canRenew = this.#parts.identity?.refused?.(this.#context, this.#identity) ?? false;
    return canRenew && answer?.status === 401;
  }

  /** The delay, when a typical attempt still fits after it. */
  #affordableDelay(delayMs: number): number {
    return this.#time.leftMs() - delayMs > (this.#parts.latency.quantile(0.5) ?? 0) ? delayMs : noRetry;
  }

  #hedged(first: Attempt, hedging: Hedging, wish: TargetWish): Promise<Outcome> {
    const { latency, budget } = this.#parts;
    const afterMs = hedging.delayMs(latency);
    if (afterMs === undefined) return first.outcome;
    return hedging.race({
      first: first.outcome,
      afterMs,
      clock: this.#context.clock,
      cancelFirst: () => first.abort(hedgeLost, 'neutral'),
      second: () => {
        if (this.#time.scope.reason !== undefined || !hedging.mayHedge() || !budget.spend()) return undefined;
        const hedge = this.#start({ ...wish, avoid: first.target }, 'hedge');
        this.#underWay = [first, hedge];
        return { outcome: hedge.outcome, cancel: () => hedge.abort(hedgeLost, 'neutral') };
      },
    });
  }

  #start(wish: TargetWish, reason: AttemptFact['reason'], onNewConnection = false): Attempt {
    const attempt = startAttempt(this.#parts, this.#context, this.#request, {
      wish,
      reason,
      onNewConnection,
      budgetMs: this.#time.leftMs(),
      identity: this.#identity,
      revalidation: this.#node.revalidation,
      sent: this.#sent,
    });
    if (attempt.target === undefined) return attempt; // it was refused: nothing was sent
    this.#attempts += 1;
    if (reason === 'hedge') this.#hedges += 1;
    return attempt;
  }
}

const hedgeLost = new GatewayError('upstream-timeout', { cause: new Error('the other attempt was faster') });
