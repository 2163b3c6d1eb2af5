/**
 * One attempt of a call: one exchange with one target, from the breaker's leave to its report.
 *
 * @module
 */
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
  /** Ends it now; `verdict` is what that says about the upstream. */
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
}

/** Starts an attempt. What stops it from starting is its outcome, like every other failure. */
export function startAttempt(
  parts: AttemptParts,
  context: RequestContext,
  request: CallRequest,
  { wish, budgetMs, identity, revalidation }: AttemptGrant,
): Attempt {
  const target = parts.targets.pick(wish);
  if (target === undefined) return unreachable('no target is known');
  const { origin } = target.target;
  if (parts.needsTls && !isConfidential(origin))
    return unreachable("the caller's token is not sent in clear");
  try {
    const written = parts.write(context, request, origin, budgetMs, identity);
    const outgoing = revalidation === undefined ? written : conditional(written, revalidation);
    const report = parts.breaker.admit();
    return new RunningAttempt(parts, context, target, parts.transport.send(outgoing), {
      report,
      unchanged: revalidation?.unchanged,
    });
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

/** What an attempt needs at its end. */
interface Ending {
  readonly report: Report;
  readonly unchanged: Revalidation['unchanged'];
}

class RunningAttempt implements Attempt {
  readonly target: TargetState;
  readonly outcome: Promise<Outcome>;
  readonly #exchange: Exchange;
  #abortVerdict: Verdict | undefined;

  constructor(
    parts: AttemptParts,
    context: RequestContext,
    target: TargetState,
    exchange: Exchange,
    ending: Ending,
  ) {
    this.target = target;
    this.#exchange = exchange;
    this.outcome = this.#settle(parts, context, ending);
  }

  abort(reason: GatewayError, verdict: Verdict): void {
    this.#abortVerdict ??= verdict;
    this.#exchange.abort(reason);
  }

  async #settle(
    parts: AttemptParts,
    context: RequestContext,
    { report, unchanged }: Ending,
  ): Promise<Outcome> {
    const { clock } = context;
    const { target } = this;
    const startedMs = clock.monotonicMs();
    let verdict: Verdict = 'neutral';
    let answer: TransportAnswer | undefined;
    target.pending += 1;
    try {
      answer = await this.#exchange.answer;
      const isUnchanged = unchanged !== undefined && answer.status === 304;
      const value = isUnchanged ? unchanged.value : parts.read(context, answer);
      verdict = 'success';
      parts.latency.record(clock.monotonicMs() - startedMs);
      return { ok: true, value, answer };
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      verdict =
        this.#abortVerdict ?? (error.options.isStaleConnection === true ? 'neutral' : verdictOf(error));
      return { ok: false, error, answer };
    } finally {
      target.pending -= 1;
      report(verdict);
      if (verdict !== 'neutral') parts.targets.report(target, verdict);
    }
  }
}
