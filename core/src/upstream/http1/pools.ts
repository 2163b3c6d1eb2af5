/**
 * Connections by origin: a pool for each, for as long as it has any.
 *
 * @module
 */
import type { Clock } from '../../context/clock.ts';
import { GatewayError } from '../../problem/gateway-error.ts';
import type { Exchange, SocketCount, TransportRequest } from '../transport.ts';
import type { TlsMaterial } from '../upstream-tls.ts';
import { addressOf } from './dial.ts';
import { Http1Exchange } from './http1-exchange.ts';
import { Pool } from './pool.ts';

export interface PoolsParts {
  readonly clock: Clock;
  /** Connections per origin. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly tls: TlsMaterial;
}

/** One client of HTTP/1.1, whose answers are collected. */
export class Pools {
  readonly #parts: PoolsParts;
  readonly #byOrigin = new Map<string, Pool>();
  readonly #retired = new Set<Pool>();
  #tls: TlsMaterial;
  #closedWith: GatewayError | undefined;

  constructor(parts: PoolsParts) {
    this.#parts = parts;
    this.#tls = parts.tls;
  }

  /** Sends a request; what stops it is how its exchange fails. */
  send(request: TransportRequest): Exchange {
    const exchange = new Http1Exchange(request);
    try {
      if (this.#closedWith !== undefined) throw this.#closedWith;
      this.#poolOf(request.origin).send(exchange);
    } catch (thrown) {
      exchange.fail(GatewayError.from(thrown));
    }
    return exchange;
  }

  /** Connections from now on are opened with `tls`; what runs on others finishes. */
  renew(tls: TlsMaterial): void {
    this.#tls = tls;
    const old = [...this.#byOrigin.values()];
    this.#byOrigin.clear();
    for (const pool of old) {
      this.#retired.add(pool);
      pool.retire();
    }
  }

  /** One of each origin; those that are retired have no connection that is free. */
  counts(): SocketCount[] {
    return [...this.#byOrigin.values(), ...this.#retired].map((pool) => pool.count());
  }

  close(): void {
    this.#closedWith = new GatewayError('upstream-unreachable', { cause: new Error('the client is closed') });
    for (const pool of [...this.#byOrigin.values(), ...this.#retired]) pool.close(this.#closedWith);
  }

  #poolOf(origin: string): Pool {
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    const { clock, connections, connectTimeoutMs } = this.#parts;
    const onEmpty = (empty: Pool): void => {
      this.#retired.delete(empty);
      if (this.#byOrigin.get(origin) === empty) this.#byOrigin.delete(origin);
    };
    const pool = new Pool(addressOf(origin, this.#tls), { clock, connections, connectTimeoutMs, onEmpty });
    this.#byOrigin.set(origin, pool);
    return pool;
  }
}
