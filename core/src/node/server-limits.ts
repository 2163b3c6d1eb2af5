/**
 * What one client may cost the server before a request reaches the app: time, bytes, connections. The
 * defaults of Node are far looser (60 s for headers, five minutes for a request, any number of sockets).
 *
 * @see {@link https://nodejs.org/api/http.html#class-httpserver Node, http.Server}
 * @see {@link https://nodejs.org/api/http2.html#http2createsecureserveroptions-onrequesthandler Node, http2.createSecureServer}
 * @module
 */
import { requireInteger, requireKnown } from '../context/options.ts';

export interface ServerLimits {
  /** Milliseconds in which a request's headers, and a TLS handshake, must be complete. Default 10 000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds in which the whole request must be there, body included. Default 30 000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds an idle connection stays open; 65 000 behind a load balancer that keeps its own for 60 s. Default 5 000. */
  readonly keepAliveTimeoutMs?: number;
  /** Bytes of all headers together, request line included. Default 16 384. */
  readonly maxHeaderBytes?: number;
  /** Connections at once; further ones are closed as they come. Default 10 000. */
  readonly maxConnections?: number;
  /** Requests on one connection, before the client is asked to open another. Default 1 000. */
  readonly maxRequestsPerSocket?: number;
  /** Milliseconds between looks for requests whose time is over. Default 1 000. */
  readonly checkIntervalMs?: number;
}

export type ResolvedServerLimits = Required<ServerLimits>;

/** Default, least and most. */
const bounds: Readonly<Record<keyof ServerLimits, readonly [number, number, number]>> = {
  headersTimeoutMs: [10_000, 100, 600_000],
  requestTimeoutMs: [30_000, 100, 600_000],
  keepAliveTimeoutMs: [5_000, 100, 3_600_000],
  maxHeaderBytes: [16_384, 1_024, 1_048_576],
  maxConnections: [10_000, 1, 1_000_000],
  maxRequestsPerSocket: [1_000, 1, 1_000_000_000],
  checkIntervalMs: [1_000, 10, 60_000],
};

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} for an unknown limit, one out of its range, or headers that may take longer than
 * the whole request.
 */
export function resolveServerLimits(where: string, limits: ServerLimits = {}): ResolvedServerLimits {
  requireKnown(where, limits, Object.keys(bounds));
  const chosenOf = (name: keyof ServerLimits): number => {
    const [usual, min, max] = bounds[name];
    const chosen = limits[name] ?? usual;
    requireInteger(where, name, chosen, min, max);
    return chosen;
  };
  const resolved = {
    headersTimeoutMs: chosenOf('headersTimeoutMs'),
    requestTimeoutMs: chosenOf('requestTimeoutMs'),
    keepAliveTimeoutMs: chosenOf('keepAliveTimeoutMs'),
    maxHeaderBytes: chosenOf('maxHeaderBytes'),
    maxConnections: chosenOf('maxConnections'),
    maxRequestsPerSocket: chosenOf('maxRequestsPerSocket'),
    checkIntervalMs: chosenOf('checkIntervalMs'),
  };
  if (resolved.headersTimeoutMs > resolved.requestTimeoutMs) {
    throw new RangeError(
      `${where}: headersTimeoutMs must be at most requestTimeoutMs ${resolved.requestTimeoutMs}, got ${resolved.headersTimeoutMs}`,
    );
  }
  return resolved;
}
