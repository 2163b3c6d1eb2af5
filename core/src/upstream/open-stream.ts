/**
 * A stream whose head has come: counts its bytes, notices when nothing moves any more, and says once when
 * it is over, whoever ended it. A stream that breaks off throws; it never looks as if it had ended.
 *
 * @module
 */
import type { CancelTimer } from '../context/clock.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { StreamExchange, StreamHead } from './transport.ts';

/** How a stream ended. */
export interface StreamEnd {
  /** Bytes that were handed on. */
  readonly bytes: number;
  /** Nothing when all of it was. */
  readonly failure: GatewayError | undefined;
}

/** What a stream holds until it is over. */
export interface StreamHold {
  readonly context: RequestContext;
  readonly exchange: StreamExchange;
  readonly head: StreamHead;
  readonly maxBytes: number;
  readonly idleMs: number;
  /** Called once when it has run for a while: what is asked of the service then does not wait for its end. */
  trust(): void;
  /** Called once, before every listener. */
  release(end: StreamEnd): void;
}

type Step = IteratorResult<Uint8Array, undefined>;
type Listener = (end: StreamEnd) => void;

/** A service whose answer has run for so long is well, whatever becomes of the rest. */
const trustAfterMs = 5_000;
const atEnd: Step = { done: true, value: undefined };
const readerLeft = new GatewayError('client-gone', { cause: new Error('the reader stopped before the end') });

export class OpenStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly status: number;
  readonly #hold: StreamHold;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #listeners: Listener[] = [];
  readonly #onCancel = (reason: GatewayError): void => this.#cut(reason);
  #stopTimer: CancelTimer;
  #movedMs: number;
  /** Whether the reader waits for the service; else the service waits for the reader. */
  #isAsked = false;
  #bytes = 0;
  #isTrusted = false;
  #end: StreamEnd | undefined;

  constructor(hold: StreamHold) {
    const { context, head } = hold;
    this.status = head.status;
    this.#hold = hold;
    this.#source = head.body[Symbol.asyncIterator]();
    this.#movedMs = context.clock.monotonicMs();
    context.deadline.dispose(); // it was for the head
    this.#stopTimer = context.clock.after(Math.min(hold.idleMs, trustAfterMs), () => this.#watch());
    context.cancellation.listen(this.#onCancel);
  }

  header(name: string): string | undefined {
    return this.#hold.head.header(name);
  }

  /** Calls `listener` once it is over; at once when it is. */
  onOver(listener: Listener): void {
    if (this.#end === undefined) this.#listeners.push(listener);
    else listener(this.#end);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Step> {
    if (this.#end !== undefined) {
      if (this.#end.failure !== undefined) throw this.#end.failure;
      return atEnd;
    }
    this.#move(true);
    try {
      const step = await this.#source.next();
      if (step.done === true) {
        this.#finish(undefined);
        return atEnd;
      }
      this.#move(false);
      this.#bytes += step.value.byteLength;
      if (this.#bytes > this.#hold.maxBytes) throw tooLarge(this.#hold.maxBytes);
      return step;
    } catch (thrown) {
      const failure = GatewayError.from(thrown);
      this.#cut(failure);
      throw failure;
    }
  }

  /** Ends it before its end; what is still to come is not wanted. */
  return(): Promise<Step> {
    this.#cut(readerLeft);
    return Promise.resolve(atEnd);
  }

  #move(isAsked: boolean): void {
    this.#isAsked = isAsked;
    this.#movedMs = this.#hold.context.clock.monotonicMs();
  }

  /** One timer for the whole stream: it looks when it last moved, and comes again. */
  #watch(): void {
    const { context, idleMs } = this.#hold;
    if (!this.#isTrusted && idleMs > trustAfterMs) {
      this.#isTrusted = true;
      this.#hold.trust();
    }
    const restMs = this.#movedMs + idleMs - context.clock.monotonicMs();
    if (restMs > 0) {
      this.#stopTimer = context.clock.after(restMs, () => this.#watch());
      return;
    }
    const cause = new Error(
      `${this.#isAsked ? 'the service sent' : 'the client took'} nothing for ${idleMs} ms`,
    );
    this.#cut(new GatewayError(this.#isAsked ? 'upstream-timeout' : 'request-timeout', { cause }));
  }

  #cut(reason: GatewayError): void {
    if (this.#end !== undefined) return;
    this.#hold.exchange.abort(reason);
    this.#finish(reason);
  }

  #finish(failure: GatewayError | undefined): void {
    if (this.#end !== undefined) return;
    const end = { bytes: this.#bytes, failure };
    this.#end = end;
    this.#stopTimer();
    this.#hold.context.cancellation.unlisten(this.#onCancel);
    this.#hold.release(end);
    for (const listener of this.#listeners) listener(end);
  }
}

/** The answer is larger than the route allows. */
export function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('upstream-bad-answer', {
    cause: new RangeError(`the answer has more than ${maxBytes} bytes`),
  });
}
