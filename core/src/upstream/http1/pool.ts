/**
 * The connections to one address. The one used last is used first, so that no more stay open than are needed.
 *
 * @module
 */
import type { CancelTimer, Clock } from '../../context/clock.ts';
import type { GatewayError } from '../../problem/gateway-error.ts';
import type { SocketCount } from '../transport.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import type { Address } from './dial.ts';
import type { ExchangeHolder, Http1Exchange } from './http1-exchange.ts';
import { requestHead } from './request-text.ts';

export interface PoolParts {
  readonly clock: Clock;
  /** How many connections there may be. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Hears that no connection is left and nothing waits. */
  readonly onEmpty: (pool: Pool) => void;
}

/** How often connections are looked for that were idle for too long. */
const sweepMs = 1_000;

export class Pool implements ConnectionOwner, ExchangeHolder {
  readonly address: Address;
  readonly #parts: PoolParts;
  readonly #all = new Set<Connection>();
  #free: Connection[] = [];
  #waiting: Http1Exchange[] = [];
  #opening = 0;
  #session: Buffer | undefined;
  #stopSweep: CancelTimer | undefined;
  #isRetired = false;

  constructor(address: Address, parts: PoolParts) {
    this.address = address;
    this.#parts = parts;
  }

  /** @throws GatewayError `internal` for a request that cannot be written */
  send(exchange: Http1Exchange): void {
    exchange.head = requestHead(exchange.request, this.address.host);
    if (exchange.request.onNewConnection === true) this.#closeFree(Number.POSITIVE_INFINITY); // likely closed, too
    const connection = this.#takeFree();
    if (connection !== undefined) connection.send(exchange);
    else this.#queue(exchange);
  }

  count(): SocketCount {
    const { connections: limit } = this.#parts;
    const free = this.#free.length;
    const running = this.#all.size - free - this.#opening;
    return { running, free, queued: this.#waiting.length, limit };
  }

  /** Takes no new connection into use again: the requests it has are its last. */
  retire(): void {
    this.#isRetired = true;
    this.#closeFree(Number.POSITIVE_INFINITY);
    this.#tellWhenEmpty();
  }

  close(reason: GatewayError): void {
    this.#isRetired = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const exchange of waiting) exchange.fail(reason);
    for (const connection of [...this.#all]) connection.close(reason);
    this.#tellWhenEmpty();
  }

  letGo(exchange: Http1Exchange): void {
    this.#waiting = this.#waiting.filter((other) => other !== exchange);
  }

  onOpen(connection: Connection): void {
    this.#opening -= 1;
    const next = this.#waiting.shift();
    if (next !== undefined) connection.send(next);
    else if (this.#isRetired) connection.letGo();
    else this.#keep(connection);
  }

  /** Of those who wait, the first one does not get another. */
  onFailed(connection: Connection, error: GatewayError): void {
    this.#opening -= 1;
    this.#all.delete(connection);
    this.#waiting.shift()?.fail(error);
    this.#openMore();
    this.#tellWhenEmpty();
  }

  onFree(connection: Connection): void {
    const next = this.#nextForUsed();
    if (next !== undefined) connection.send(next);
    else if (this.#isRetired || this.#waiting.length > 0) connection.letGo();
    else this.#keep(connection);
  }

  onGone(connection: Connection): void {
    if (!this.#all.delete(connection)) return; // it was closed here
    const at = this.#free.lastIndexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
    this.#openMore();
    this.#tellWhenEmpty();
  }

  onSession(session: Buffer): void {
    this.#session = session;
  }

  #takeFree(): Connection | undefined {
    for (let next = this.#free.pop(); next !== undefined; next = this.#free.pop()) {
      if (next.freeUntilMs > this.#parts.clock.monotonicMs()) return next;
      this.#drop(next);
    }
    return undefined;
  }

  /** The first that waits and may go over a connection that was used before. */
  #nextForUsed(): Http1Exchange | undefined {
    const at = this.#waiting.findIndex(({ request }) => request.onNewConnection !== true);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  #keep(connection: Connection): void {
    this.#free.push(connection);
    this.#stopSweep ??= this.#parts.clock.after(sweepMs, () => this.#sweep());
  }

  #queue(exchange: Http1Exchange): void {
    exchange.holder = this;
    this.#waiting.push(exchange);
    this.#openMore();
  }

  #openMore(): void {
    const { connections, clock, connectTimeoutMs } = this.#parts;
    while (this.#opening < this.#waiting.length && this.#all.size < connections) {
      this.#opening += 1;
      const parts = { clock, connectTimeoutMs, session: this.#session };
      this.#all.add(new Connection(this.address, parts, this));
    }
  }

  #sweep(): void {
    this.#stopSweep = undefined;
    this.#closeFree(this.#parts.clock.monotonicMs());
    this.#tellWhenEmpty();
    if (this.#free.length > 0) this.#stopSweep = this.#parts.clock.after(sweepMs, () => this.#sweep());
  }

  /** Closes those that may be used until then only. */
  #closeFree(untilMs: number): void {
    const old = this.#free.filter(({ freeUntilMs }) => freeUntilMs <= untilMs);
    this.#free = this.#free.filter(({ freeUntilMs }) => freeUntilMs > untilMs);
    for (const connection of old) this.#drop(connection);
  }

  /** Closes one that is free. Nobody is told: it may be to make room for another. */
  #drop(connection: Connection): void {
    this.#all.delete(connection);
    connection.letGo();
  }

  #tellWhenEmpty(): void {
    if (this.#all.size > 0 || this.#waiting.length > 0) return;
    this.#stopSweep?.();
    this.#stopSweep = undefined;
    this.#parts.onEmpty(this);
  }
}
