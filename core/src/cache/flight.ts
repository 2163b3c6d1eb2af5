/**
 * One answer under way, and those who wait for it. Each of them leaves when its own request ends; the work
 * goes on for the others, and is cancelled when the last one has left.
 *
 * @module
 */
import { type CancelListener, Cancellation } from '../context/cancellation.ts';
import type { CancelTimer, Clock } from '../context/clock.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';

/** A cut after this share of the time somebody had says that the service is slow. */
const fairShare = 0.5;

export class Flight<T> {
  /** Ends the work. */
  readonly cancellation = new Cancellation();
  /** Worth of the work to who began it: what is worth more does not wait for it. */
  readonly rank: number;
  /** When the work began, in monotonic milliseconds. */
  readonly startedMs: number;
  readonly #clock: Clock;
  readonly #landed: Promise<T>;
  #waiters = 0;
  #isOver = false;

  /** @param keepsGoing Goes on when nobody waits: work that nobody asked for. */
  constructor(
    clock: Clock,
    { rank, keepsGoing }: { readonly rank: number; readonly keepsGoing: boolean },
    work: (flight: Flight<T>) => Promise<T>,
  ) {
    this.#clock = clock;
    this.rank = rank;
    this.startedMs = clock.monotonicMs();
    this.#waiters = keepsGoing ? 1 : 0;
    this.#landed = work(this).finally(() => {
      this.#isOver = true;
    });
    this.#landed.catch(() => {}); // whoever waits hears of it; maybe nobody does
  }

  /** Whether somebody can still join. */
  get isOpen(): boolean {
    return !this.#isOver && this.cancellation.reason === undefined;
  }

  /**
   * Waits until it lands, or until the caller's request or its `timeoutMs` ends; `graceMs` longer than a deadline.
   *
   * Rejects with what the work failed with, `upstream-timeout` when the time was over, or the reason why the
   * request ended.
   */
  async wait(
    { cancellation, deadline }: RequestContext,
    { timeoutMs, graceMs = 0 }: { readonly timeoutMs: number; readonly graceMs?: number },
  ): Promise<T> {
    const budgetMs = Math.min(timeoutMs, deadline.remainingMs());
    const { promise, reject } = Promise.withResolvers<never>();
    let stopGrace: CancelTimer | undefined;
    const leave: CancelListener = (why) => {
      if (why.code !== 'deadline-exceeded' || graceMs === 0) reject(why);
      else stopGrace = this.#clock.after(graceMs, () => reject(why));
    };
    const stopTimer = Number.isFinite(timeoutMs)
      ? this.#clock.after(timeoutMs, () => reject(new GatewayError('upstream-timeout')))
      : undefined;
    cancellation.listen(leave);
    this.#waiters += 1;
    let reason: GatewayError | undefined;
    promise.catch((thrown: GatewayError) => {
      reason = thrown;
    });
    try {
      return await Promise.race([this.#landed, promise]);
    } catch (thrown) {
      throw thrown === reason ? timedOut(thrown as GatewayError) : thrown;
    } finally {
      stopTimer?.();
      stopGrace?.();
      cancellation.unlisten(leave);
      this.#waiters -= 1;
      if (this.#waiters === 0 && !this.#isOver && reason !== undefined) {
        this.cancellation.cancel(this.#left(reason, budgetMs));
      }
    }
  }

  /** What the work is told when the last one leaves. */
  #left(reason: GatewayError, budgetMs: number): GatewayError {
    if (reason.code !== 'deadline-exceeded' && reason.code !== 'upstream-timeout') return reason;
    const ranMs = this.#clock.monotonicMs() - this.startedMs;
    return new GatewayError(ranMs >= budgetMs * fairShare ? 'deadline-exceeded' : 'client-gone');
  }
}

/** As for a call that waits for nobody: a deadline that passes is a timeout of the service. */
function timedOut(reason: GatewayError): GatewayError {
  return reason.code === 'deadline-exceeded' ? new GatewayError('upstream-timeout', reason.options) : reason;
}
