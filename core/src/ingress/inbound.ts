/**
 * Where an `Inbound` comes from: Hono's context over Node's own request where there is a socket, or
 * over a web `Request` (`app.request()`, other runtimes).
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Context } from 'hono';
import type { Inbound } from '../context/inbound.ts';
import type { RawHead } from './guard.ts';
import { originFormOf } from './guard-target.ts';
import { http1HeadOf, isHttp2 } from './http2-head.ts';

/** What `@hono/node-server` puts into `c.env`. */
export interface NodeBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/** Reads the request facts off Hono's context, from Node's objects where they are there. */
export function inboundOf(c: Context): Inbound {
  return inboundFrom(c.req.raw, c.env);
}

/** The same for what a server hands to `app.fetch`. */
export function inboundFrom(request: Request, env: unknown): Inbound {
  const { incoming, outgoing } = (env ?? {}) as NodeBindings;
  return incoming !== undefined && outgoing !== undefined
    ? inboundFromNode(incoming, outgoing)
    : fromWeb(request);
}

/** The head as it was sent; of a web request, which was read already, what is left of it. */
export function rawHeadOf(request: Request, env: unknown): RawHead {
  const { incoming } = (env ?? {}) as NodeBindings;
  if (incoming !== undefined) return nodeHeadOf(incoming);
  return {
    method: request.method,
    url: request.url.split('#', 1)[0],
    httpVersion: '1.1',
    rawHeaders: [...request.headers].flat(),
  };
}

/** The head of a request of Node's servers. */
export function nodeHeadOf(incoming: IncomingMessage): RawHead {
  return isHttp2(incoming) ? http1HeadOf(incoming) : incoming;
}

/** The facts of a request of Node's servers. Its functions may be taken out of it: none needs its `this`. */
export function inboundFromNode(incoming: IncomingMessage, outgoing: ServerResponse): Inbound {
  return {
    method: incoming.method ?? 'GET',
    target: originFormOf(incoming.url ?? '/'),
    peerAddress: incoming.socket.remoteAddress,
    header(name) {
      const value = incoming.headers[name] ?? (name === 'host' ? incoming.headers[':authority'] : undefined);
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: () => (hasBody(incoming) ? incoming : null),
    abandon() {
      const { stream } = outgoing as unknown as Partial<Http2ServerResponse>;
      if (stream !== undefined) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      // By a reset: to HTTP/1.0 a mere end of the connection is the end of the body.
      else if (outgoing.socket !== null && 'encrypted' in outgoing.socket) outgoing.socket.destroy();
      else outgoing.socket?.resetAndDestroy();
    },
    hint(links) {
      // RFC 9110, section 15.2: no 1xx to a client of HTTP/1.0.
      const isOld = incoming.httpVersionMajor < 2 && incoming.httpVersionMinor < 1;
      if (!isOld && !outgoing.headersSent) outgoing.writeEarlyHints({ link: [...links] });
    },
    onGone(listener) {
      let isWatched = true;
      const onClose = (): void => {
        // Node ends the answer of an HTTP/2 stream that was reset, and so calls it finished.
        const isGone = !outgoing.writableFinished || (isHttp2(incoming) && incoming.aborted);
        if (isWatched && isGone) listener();
      };
      if (outgoing.destroyed)
        queueMicrotask(onClose); // before anybody listened
      else outgoing.on('close', onClose);
      return () => {
        isWatched = false; // a listener less to search for
      };
    },
  };
}

/** Over HTTP/1.1 a body is announced; over HTTP/2 the end of the stream says that there is none. */
function hasBody(incoming: IncomingMessage): boolean {
  if (isHttp2(incoming)) return !(incoming as unknown as Http2ServerRequest).stream.endAfterHeaders;
  const { headers } = incoming;
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function fromWeb(request: Request): Inbound {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    target: pathname + search,
    peerAddress: undefined,
    header: (name) => request.headers.get(name) ?? undefined,
    body: () => request.body,
    onGone(listener) {
      const { signal } = request;
      if (signal.aborted) queueMicrotask(listener);
      signal.addEventListener('abort', listener);
      return () => signal.removeEventListener('abort', listener);
    },
  };
}
