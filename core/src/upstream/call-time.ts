/**
 * The time one call has, and what ends it: its own limit, the request's deadline, the client. Everything
 * a call does in its course asks here how much is left and hears here that it is over.
 *
 * @module
 */
import { type CancelListener, Cancellation } from '../context/cancellation.ts';
import type { CancelTimer } from '../context/clock.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Verdict } from './resilience.ts';

export class CallTime {
  /** Milliseconds the call has in all. */
  readonly budgetMs: number;
  /** Ends with the request, or with the call's own time. */
  readonly scope = new Cancellation();
  readonly #context: RequestContext;
  readonly #endMs: number;
  readonly #isOwnLimit: boolean;
  #stopTimer: CancelTimer | undefined;
  #onCancel: CancelListener | undefined;

  /** @param limitMs What node, operation and upstream allow; the deadline may leave less. */
  constructor(context: RequestContext, limitMs: number) {
    const remainingMs = context.deadline.remainingMs();
    this.#context = context;
    this.budgetMs = Math.min(limitMs, remainingMs);
    this.#isOwnLimit = this.budgetMs < remainingMs;
    this.#endMs = context.clock.monotonicMs() + this.budgetMs;
  }

  /** Milliseconds left; never negative. */
  leftMs(): number {
    return Math.max(0, this.#endMs - this.#context.clock.monotonicMs());
  }

  /** From now on the scope ends with the request or with the call's own time. Pair with {@link end}. */
  begin(): void {
    const { clock, cancellation } = this.#context;
    if (this.#isOwnLimit) {
      this.#stopTimer = clock.after(this.budgetMs, () =>
        this.scope.cancel(new GatewayError('upstream-timeout')),
      );
    }
    this.#onCancel = (reason) => this.scope.cancel(reason);
    cancellation.listen(this.#onCancel);
  }

  /** The call is over. */
  end(): void {
    this.#stopTimer?.();
    if (this.#onCancel !== undefined) this.#context.cancellation.unlisten(this.#onCancel);
  }

  /** Waits, but not longer than the call has. */
  async sleep(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#context.clock.after(ms, resolve);
    const wake = (): void => resolve();
    this.scope.listen(wake);
    try {
      await promise;
    } finally {
      stop();
      this.scope.unlisten(wake);
    }
  }

  /**
   * What it says about the upstream that the call was cut off: by its own limit it failed; by the
   * request's deadline only if it had its share of it; by anything else nothing.
   */
  verdictOfCut(reason: GatewayError): Verdict {
    if (reason.code === 'upstream-timeout') return 'failure';
    const hadItsShare = this.budgetMs >= this.#context.deadline.budgetMs / 2;
    return reason.code === 'deadline-exceeded' && hadItsShare ? 'failure' : 'neutral';
  }
}
