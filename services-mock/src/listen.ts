/**
 * Listens on a port for one of the programs of the company, and stops again.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type Server, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { ListenerName } from './directory.ts';
import { portVariable } from './ports.ts';

/** Answers a request; `outgoing` is the connection, for those who must misbehave on it. */
export type Handler = (request: Request, outgoing: ServerResponse) => Response | Promise<Response>;

/** Callers may keep idle connections for this long. */
const KEEP_ALIVE_MS = 60_000;

/** Where to listen, and for whom. */
export interface ListenOptions {
  readonly name: ListenerName;
  readonly host: string;
  /** 0 takes any port that is free. */
  readonly port: number;
}

/** A program that listens. */
export interface Listener {
  readonly server: Server;
  readonly url: string;
  /** Answers requests from now on. */
  readonly serve: (handler: Handler) => void;
  /** Ends at once, unfinished answers included. */
  readonly close: () => Promise<void>;
}

/** A port that another program has; the message says which, and what to do. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/**
 * Starts to listen. Call `serve` right away: requests that come before it are never answered.
 *
 * @throws {PortTakenError} when another program listens there.
 */
export async function listen({ name, host, port }: ListenOptions): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explain(error, name, port);
  }
  return {
    server,
    url: `http://${host}:${portOf(server)}`,
    serve: (handler) => {
      const answer = getRequestListener(adapt(handler));
      server.on('request', (incoming, outgoing) => void answer(incoming, outgoing));
    },
    close: function close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

type FetchCallback = Parameters<typeof getRequestListener>[0];

function adapt(handler: Handler): FetchCallback {
  return function answer(request, { outgoing }) {
    if (outgoing instanceof ServerResponse) return handler(request, outgoing);
    throw new TypeError('the services speak HTTP/1.1 only');
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port');
  return address.port;
}

function explain(error: unknown, name: ListenerName, port: number): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) return error;
  return new PortTakenError(`port ${port} (${name}) is taken; free it or set ${portVariable(name)}`, {
    cause: error,
  });
}
