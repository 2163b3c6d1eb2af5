/**
 * One attempt of a call: one exchange with one target, from the breaker's leave to its report.
 *
 * @module
 */
import type { AttemptFact, CallOutcome } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { ReadAnswer } from './answer.ts';
import { isConfidential } from './confidential.ts';
import type { IdentityHeaders } from './identity.ts';
import type { Latency } from './latency.ts';
import type { CallRequest, WriteRequest } from './request.ts';
import { type Breaker, type Report, type Verdict, verdictOf } from './resilience.ts';
import { conditional, type Revalidation } from './revalidation.ts';
import type { TargetState } from './target.ts';
import type { TargetSet, TargetWish } from './target-set.ts';
import type { Exchange, Transport, TransportAnswer } from './transport.ts';

/** How an attempt ended. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown; readonly answer: TransportAnswer }
  | { readonly ok: false; readonly error: GatewayError; readonly answer: TransportAnswer | undefined };

/** An attempt under way. */
export interface Attempt {
  /** Nothing when no request was sent. */
  readonly target: TargetState | undefined;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Ends it now, unless it has ended; `verdict` is what that says about the upstream. */
  abort(reason: GatewayError, verdict: Verdict): void;
}

/** What the attempts of one operation share. */
export interface AttemptParts {
  readonly write: WriteRequest;
  readonly read: ReadAnswer;
  readonly breaker: Breaker;
  readonly targets: TargetSet;
  readonly transport: Transport;
  readonly latency: Latency;
  /** Whether only targets that cannot be overheard may be called. */
  readonly needsTls: boolean;
}

/** What one attempt gets from its call. */
export interface AttemptGrant {
  readonly wish: TargetWish;
  /** What the upstream may take, in milliseconds. */
  readonly budgetMs: number;
  readonly identity: IdentityHeaders;
  readonly revalidation?: Revalidation | undefined;
  readonly reason: AttemptFact['reason'];
  /** The attempt before met a connection that the service had closed. */
  readonly onNewConnection: boolean;
  /** Gets the fact when the attempt ended. */
  readonly sent: AttemptFact[];
}

/** Starts an attempt. What stops it from starting is its outcome, like every other failure. */
export function startAttempt(
  parts: AttemptParts,
  context: RequestContext,
  request: CallRequest,
  grant: AttemptGrant,
): Attempt {
  const target = parts.targets.pick(grant.wish);
  if (target === undefined) return unreachable('no target is known');
  const { origin } = target.target;
  if (parts.needsTls && !isConfidential(origin))
    return unreachable("the caller's token is not sent in clear");
  try {
    const { budgetMs, identity, revalidation } = grant;
    const spanId = context.ids.spanId();
    const written = parts.write(context, request, { origin, budgetMs, spanId, identity });
    const asked = revalidation === undefined ? written : conditional(written, revalidation);
    const outgoing = grant.onNewConnection ? { ...asked, onNewConnection: true } : asked;
    const report = parts.breaker.admit();
    const exchange = parts.transport.send(outgoing);
    return new RunningAttempt(parts, context, target, { exchange, report, spanId, grant });
  } catch (thrown) {
    return refused(GatewayError.from(thrown));
  }
}

function unreachable(why: string): Attempt {
  return refused(new GatewayError('upstream-unreachable', { cause: new Error(why) }));
}

function refused(error: GatewayError): Attempt {
  return { target: undefined, outcome: Promise.resolve({ ok: false, error, answer: undefined }), abort() {} };
}

/** What belongs to one attempt alone. */
interface Sent {
  readonly exchange: Exchange;
  readonly report: Report;
  readonly spanId: string;
  readonly grant: AttemptGrant;
}

class RunningAttempt implements Attempt {
  readonly target: TargetState;
  readonly outcome: Promise<Outcome>;
  readonly #parts: AttemptParts;
  readonly #context: RequestContext;
  readonly #sent: Sent;
  readonly #startedMs: number;
  #answer: TransportAnswer | undefined;
  #abortVerdict: Verdict | undefined;
  #isOver = false;

  constructor(parts: AttemptParts, context: RequestContext, target: TargetState, sent: Sent) {
    this.target = target;
    this.#parts = parts;
    this.#context = context;
    this.#sent = sent;
    this.#startedMs = context.clock.monotonicMs();
    target.pending += 1;
    this.outcome = sent.exchange.answer.then(
      (answer) => this.#read(answer),
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  abort(reason: GatewayError, verdict: Verdict): void {
    if (this.#isOver) return;
    this.#abortVerdict ??= verdict;
    this.#sent.exchange.abort(reason);
  }

  #read(answer: TransportAnswer): Outcome {
    this.#answer = answer;
    try {
      const { unchanged } = this.#sent.grant.revalidation ?? {};
      const isUnchanged = unchanged !== undefined && answer.status === 304;
      const value = isUnchanged ? unchanged.value : this.#parts.read(this.#context, answer);
      this.#parts.latency.record(this.#end('ok', 'success'));
      return { ok: true, value, answer };
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): Outcome {
    const error = GatewayError.from(thrown);
    const isStale = error.options.isStaleConnection === true;
    const verdict = this.#abortVerdict ?? (isStale ? 'neutral' : verdictOf(error));
    this.#end(this.#abortVerdict === 'neutral' ? 'cancelled' : error.code, verdict);
    return { ok: false, error, answer: this.#answer };
  }

  /** @returns How long it took, in milliseconds. */
  #end(outcome: CallOutcome, verdict: Verdict): number {
    const { report, spanId, grant } = this.#sent;
    const { clock, startedMs } = this.#context;
    const durationMs = clock.monotonicMs() - this.#startedMs;
    this.#isOver = true;
    this.target.pending -= 1;
    report(verdict);
    if (verdict !== 'neutral') this.#parts.targets.report(this.target, verdict);
    grant.sent.push({
      reason: grant.reason,
      spanId,
      target: this.target.target.origin,
      startMs: this.#startedMs - startedMs,
      durationMs,
      ...(this.#answer === undefined ? {} : { status: this.#answer.status }),
      outcome,
    });
    return durationMs;
  }
}
