/**
 * Where an `Inbound` comes from: Hono's context over Node's own request where there is a socket, or
 * over a web `Request` (`app.request()`, other runtimes).
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Inbound } from '../context/inbound.ts';

/** What `@hono/node-server` puts into `c.env`. */
export interface NodeBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/** Reads the request facts off Hono's context, from Node's objects where they are there. */
export function inboundOf(c: Context): Inbound {
  const { incoming, outgoing } = (c.env ?? {}) as NodeBindings;
  return incoming !== undefined && outgoing !== undefined ? fromNode(incoming, outgoing) : fromWeb(c.req.raw);
}

function fromNode(incoming: IncomingMessage, outgoing: ServerResponse): Inbound {
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    peerAddress: incoming.socket.remoteAddress,
    header(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    headerLines: () => incoming.rawHeaders.length / 2,
    body: () => incoming,
    onGone(listener) {
      const onClose = (): void => {
        if (!outgoing.writableFinished) listener();
      };
      outgoing.once('close', onClose);
      return () => outgoing.off('close', onClose);
    },
  };
}

function fromWeb(request: Request): Inbound {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    target: pathname + search,
    peerAddress: undefined,
    header: (name) => request.headers.get(name) ?? undefined,
    headerLines: () => [...request.headers.keys()].length,
    body: () => request.body,
    onGone(listener) {
      const { signal } = request;
      if (signal.aborted) queueMicrotask(listener);
      signal.addEventListener('abort', listener, { once: true });
      return () => signal.removeEventListener('abort', listener);
    },
  };
}
