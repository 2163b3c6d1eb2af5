/**
 * What one HTTP/2 connection may cost. Node bounds the frames; here are the bounds it has for HTTP/1.1
 * only: how long a connection may be idle, and how many requests it may carry.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113#section-10.5 RFC 9113, section 10.5}
 * @see {@link https://nvd.nist.gov/vuln/detail/CVE-2023-44487 CVE-2023-44487}, rapid reset
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { Http2ServerRequest, type SecureServerOptions, type ServerHttp2Session } from 'node:http2';
import type { Server as NetServer } from 'node:net';
import type { Hono } from 'hono';
import type { Refuse } from './client-errors.ts';
import { LenientHttp2Response } from './http2-response.ts';
import type { ResolvedServerLimits } from './server-limits.ts';

/** Requests of one connection at once. */
const maxStreams = 100;
/** Megabytes of memory of one connection; new streams are refused beyond. */
const maxSessionMegabytes = 10;
/** Streams a client may reset at once, and per second ever after, before it is sent away. */
const resetBurst = 200;
const resetsPerSecond = 33;

/** The bounds that Node itself keeps. */
export function http2Options({ maxHeaderBytes }: ResolvedServerLimits): SecureServerOptions {
  return {
    allowHTTP1: true,
    Http2ServerResponse: LenientHttp2Response,
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes, enablePush: false },
    maxSessionMemory: maxSessionMegabytes,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    maxOutstandingPings: 10,
    maxSettings: 32,
    streamResetBurst: resetBurst,
    streamResetRate: resetsPerSecond,
  };
}

/** Keeps the others. */
export function boundSessions(server: NetServer, limits: ResolvedServerLimits): void {
  const { keepAliveTimeoutMs, maxRequestsPerSocket } = limits;
  server.on('session', (session: ServerHttp2Session) => {
    let open = 0;
    let begun = 0;
    session.setTimeout(keepAliveTimeoutMs, () => {
      if (open === 0) session.close(); // GOAWAY: whoever is just sending knows that it was not read
    });
    session.on('stream', (stream) => {
      open += 1;
      begun += 1;
      if (begun === maxRequestsPerSocket) session.close();
      stream.once('close', () => {
        open -= 1;
      });
    });
  });
}

type Fetch = Hono['fetch'];

/**
 * Refuses heads that are larger than they may be. Node resets their streams, but only when the client
 * has acknowledged our settings: before, and without, 64 KiB go through.
 */
export function boundHeads(fetch: Fetch, maxBytes: number, refuse: Refuse): Fetch {
  return function fetchModestHead(request, env, context) {
    const { incoming } = env as { readonly incoming: IncomingMessage | Http2ServerRequest };
    if (!(incoming instanceof Http2ServerRequest) || sizeOf(incoming.rawHeaders) <= maxBytes) {
      return fetch(request, env, context);
    }
    const { status, headers, body } = refuse('headers-too-large');
    return new Response(body, { status, headers });
  };
}

/** As RFC 9113 counts: 32 bytes more for each line. */
function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((bytes, text) => bytes + text.length + 16, 0);
}
