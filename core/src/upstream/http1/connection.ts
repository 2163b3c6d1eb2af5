/**
 * One connection to a service, with at most one request on it at a time. After anything unusual it is closed and
 * never used again.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../context/clock.ts';
import { GatewayError } from '../../problem/gateway-error.ts';
import { AnswerReader, type Http1Answer } from './answer-reader.ts';
import { type Address, dial } from './dial.ts';
import type { ExchangeHolder, Http1Exchange } from './http1-exchange.ts';
import { notHttp } from './not-http.ts';

/** Who opened a connection hears what becomes of it. */
export interface ConnectionOwner {
  onOpen(connection: Connection): void;
  /** It could not be opened. */
  onFailed(connection: Connection, error: GatewayError): void;
  /** Its request is over, and it can take another one until `freeUntilMs`. */
  onFree(connection: Connection): void;
  /** It was open and is gone. */
  onGone(connection: Connection): void;
  /** What makes the next connection over TLS quicker. */
  onSession(session: Buffer): void;
}

export interface ConnectionParts {
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  /** From the connection before, if there was one. */
  readonly session: Buffer | undefined;
}

/** Shorter than the 5 s after which Node servers close idle connections: we leave first. */
const maxIdleMs = 4_000;
/** What a service says of its patience is shortened by this, for the way there. */
const wayMs = 1_000;

export class Connection implements ExchangeHolder {
  /** Until when it may be used when it is free; of the monotonic clock. */
  freeUntilMs = 0;
  readonly #owner: ConnectionOwner;
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  readonly #stopConnectTimer: CancelTimer;
  #exchange: Http1Exchange | undefined;
  #state: 'opening' | 'open' | 'gone' = 'opening';
  #hasServed = false;
  #cause: Error | undefined;

  constructor(address: Address, parts: ConnectionParts, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#clock = parts.clock;
    const { socket, readyEvent } = dial(address, (bytes, length) => this.#hear(bytes, length), parts.session);
    this.#socket = socket;
    this.#stopConnectTimer = parts.clock.after(parts.connectTimeoutMs, () => {
      const cause = new Error(`no connection within ${parts.connectTimeoutMs} ms`);
      this.close(new GatewayError('upstream-timeout', { cause }));
    });
    socket.once(readyEvent, () => this.#open());
    socket.on('session', (session: Buffer) => owner.onSession(session));
    socket.on('error', (error) => {
      this.#cause = error;
    });
    socket.once('end', () => this.#ended());
    socket.once('close', () => this.#ended());
  }

  send(exchange: Http1Exchange): void {
    const { head, request } = exchange;
    const { body, maxAnswerBytes } = request;
    this.#exchange = exchange;
    exchange.holder = this;
    this.#reader.begin(maxAnswerBytes);
    if (body === undefined) {
      this.#socket.write(head, 'latin1');
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(body, 'utf8');
    this.#socket.uncork();
  }

  /** The request on it is called back; HTTP/1.1 has no other way. */
  letGo(): void {
    this.#exchange = undefined;
    this.#leave();
  }

  /** Closes it. What is on it, or waits until it is open, fails with `reason`. */
  close(reason: GatewayError): void {
    const exchange = this.#exchange;
    const wasOpening = this.#state === 'opening';
    this.#exchange = undefined;
    this.#leave();
    if (wasOpening) this.#owner.onFailed(this, reason);
    exchange?.fail(reason);
  }

  #open(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#stopConnectTimer();
    this.freeUntilMs = this.#clock.monotonicMs() + maxIdleMs;
    this.#owner.onOpen(this);
  }

  #hear(bytes: Buffer, length: number): void {
    const exchange = this.#exchange;
    try {
      if (exchange === undefined) throw notHttp('an answer that nobody asked for');
      const answer = this.#reader.read(bytes, length);
      if (answer !== undefined) this.#finish(exchange, answer);
    } catch (thrown) {
      this.close(GatewayError.from(thrown));
    }
  }

  #finish(exchange: Http1Exchange, answer: Http1Answer): void {
    const { keepsAlive, idleMs = maxIdleMs + wayMs } = answer.head;
    const leftMs = Math.min(maxIdleMs, idleMs - wayMs);
    const isWritten = this.#socket.writableLength === 0;
    this.#exchange = undefined;
    this.#hasServed = true;
    if (keepsAlive && leftMs > 0 && isWritten && !this.#reader.hasSurplus) {
      this.freeUntilMs = this.#clock.monotonicMs() + leftMs;
      this.#owner.onFree(this);
    } else this.#leave();
    exchange.succeed(answer);
  }

  /** The other side has closed it, or it broke. */
  #ended(): void {
    const exchange = this.#exchange;
    const answer = exchange === undefined || this.#cause !== undefined ? undefined : this.#reader.end();
    if (exchange !== undefined && answer !== undefined) this.#finish(exchange, answer);
    else this.close(this.#lost(exchange !== undefined && this.#reader.hasBegun));
  }

  #lost(hasBegun: boolean): GatewayError {
    const cause = this.#cause ?? closedByService();
    if (hasBegun) return new GatewayError('upstream-broken-answer', { cause });
    return new GatewayError('upstream-unreachable', { cause, isStaleConnection: this.#hasServed });
  }

  #leave(): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'gone';
    this.#stopConnectTimer();
    this.#socket.destroy();
    if (wasOpen) this.#owner.onGone(this);
  }
}

/** With the code that Node's own client gives it. */
function closedByService(): Error {
  return Object.assign(new Error('the service closed the connection'), { code: 'ECONNRESET' });
}
