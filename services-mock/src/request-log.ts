/**
 * Counts what each service is asked, and remembers the latest requests, so that a test can see what really
 * reached a service.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { SERVICE_NAMES, type ServiceName } from './directory.ts';
import { recordOf } from './record-of.ts';

/** How much a service has to do. */
export interface ServiceStats {
  /** Requests that have ended, faulty ones included. */
  readonly served: number;
  /** Requests that are being worked on. */
  readonly open: number;
}

/** A request as it reached a service. */
export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** With the values of credentials left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null when it ended without an answer. */
  readonly status: number | null;
}

/** What has been asked so far. */
export interface RequestLog {
  /** Starts to count the requests of a server. */
  readonly watch: (service: ServiceName, server: Server) => void;
  readonly stats: () => Readonly<Record<ServiceName, ServiceStats>>;
  /** The requests of a service that ended last, oldest first, 100 at most. */
  readonly recent: (service: ServiceName) => readonly SeenRequest[];
  /** Forgets what has ended. */
  readonly reset: () => void;
}

const REMEMBERED = 100;
const CREDENTIALS = new Set(['authorization', 'cookie', 'x-api-key']);

/** Makes an empty log. */
export function createRequestLog(): RequestLog {
  const books = recordOf(SERVICE_NAMES, () => ({ served: 0, open: 0, recent: [] as SeenRequest[] }));

  return {
    watch: (service, server) => {
      const book = books[service];
      server.on('request', function countRequest(incoming: IncomingMessage, outgoing: ServerResponse) {
        book.open += 1;
        outgoing.once('close', function countEnd() {
          book.open -= 1;
          book.served += 1;
          book.recent.push(describe(incoming, outgoing));
          if (book.recent.length > REMEMBERED) book.recent.shift();
        });
      });
    },
    stats: () => recordOf(SERVICE_NAMES, (name) => ({ served: books[name].served, open: books[name].open })),
    recent: (service) => [...books[service].recent],
    reset: () => {
      for (const name of SERVICE_NAMES) Object.assign(books[name], { served: 0, recent: [] });
    },
  };
}

function describe(incoming: IncomingMessage, outgoing: ServerResponse): SeenRequest {
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    CREDENTIALS.has(name) ? '(left out)' : String(value),
  ]);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(headers),
    status: outgoing.headersSent ? outgoing.statusCode : null,
  };
}
