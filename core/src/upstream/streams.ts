/**
 * The connections of streamed exchanges: an agent of undici, opened when the first one begins.
 *
 * @module
 */
import { Agent } from 'undici';
import type { SocketCount } from './transport.ts';
import type { TlsMaterial } from './upstream-tls.ts';

export interface StreamsParts {
  /** Connections per origin. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
}

/** Shorter than the 5 s after which Node servers close idle connections: we leave first. */
const keepAliveMs = 4_000;

export class Streams {
  readonly #parts: StreamsParts;
  readonly #retired = new Set<Agent>();
  #tls: TlsMaterial;
  #agent: Agent | undefined;

  constructor(parts: StreamsParts, tls: TlsMaterial) {
    this.#parts = parts;
    this.#tls = tls;
  }

  get agent(): Agent {
    this.#agent ??= this.#open();
    return this.#agent;
  }

  /** Connections from now on are opened with `tls`; what runs on others finishes. */
  renew(tls: TlsMaterial): void {
    const old = this.#agent;
    this.#tls = tls;
    this.#agent = undefined;
    if (old === undefined) return;
    this.#retired.add(old);
    void old.close().finally(() => this.#retired.delete(old));
  }

  /** @see {@link https://github.com/nodejs/undici/blob/main/docs/docs/api/PoolStats.md undici, PoolStats} */
  counts(): SocketCount[] {
    return Object.values(this.#agent?.stats ?? {}).map(({ running, connected, pending }) => ({
      running,
      // One request on each; with one connection an origin has no pool, and `connected` is true or false.
      free: Math.max(0, Number(connected) - running),
      queued: pending,
      limit: this.#parts.connections,
    }));
  }

  async close(): Promise<void> {
    const agents = [...this.#retired, ...(this.#agent === undefined ? [] : [this.#agent])];
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #open(): Agent {
    const { connections, connectTimeoutMs } = this.#parts;
    return new Agent({
      connections,
      connect: {
        timeout: connectTimeoutMs,
        ...this.#tls,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
      },
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      headersTimeout: 0, // every exchange is ended by whoever started it: calls, probes and copies have a time of their own
      bodyTimeout: 0,
      pipelining: 1,
    });
  }
}
