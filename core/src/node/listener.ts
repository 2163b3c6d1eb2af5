/**
 * The servers a BFF listens with: Node's own for HTTP/1.1, with TLS for HTTP/2 and HTTP/1.1 on one port,
 * all with the same limits.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6797#section-7.1 RFC 6797, section 7.1}
 * @module
 */
import { createServer, type RequestListener, type ServerOptions, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as NetServer } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { cohort } from '../context/cohort.ts';
import type { Direct } from '../direct.ts';
import type { Certificate } from './certificate.ts';
import type { Refuse } from './client-errors.ts';
import { boundHeads, boundSessions, http2Options } from './http2-sessions.ts';
import type { ResolvedServerLimits } from './server-limits.ts';
import { boundHttp2Bodies } from './slow-bodies.ts';

/** What answers requests: the app, and the short way to what of it is plain. */
export interface Answering {
  readonly app: Hono;
  readonly direct?: Direct;
}

/** A server for plain HTTP/1.1, not yet listening. */
export function httpServer({ app, direct }: Answering, limits: ResolvedServerLimits): NetServer {
  const listen = (options: ServerOptions, listener: RequestListener): NetServer =>
    createServer(options, shortened(listener, direct));
  const options = {
    fetch: app.fetch,
    createServer: listen as typeof createServer,
    serverOptions: http1Options(limits),
  };
  return bounded(createAdaptorServer(options) as NetServer, limits);
}

/** Tries the short way first. Requests that come in one turn of the event loop are taken together. */
function shortened(listener: RequestListener, direct: Direct | undefined): RequestListener {
  if (direct === undefined) return listener;
  const answer = cohort(([incoming, outgoing]: Parameters<RequestListener>) => {
    if (!direct(incoming, outgoing)) void listener(incoming, outgoing);
  });
  return (...request) => answer(request);
}

export interface HttpsParts {
  readonly limits: ResolvedServerLimits;
  readonly certificate: Certificate;
  readonly refuse: Refuse;
}

/** A server for HTTPS, not yet listening. */
export function httpsServer(app: Hono, { limits, certificate, refuse }: HttpsParts): TlsServer {
  const secure = {
    ...http1Options(limits),
    ...certificate.settings,
    handshakeTimeout: limits.headersTimeoutMs,
  };
  if (!certificate.http2) {
    const server = createAdaptorServer({
      fetch: app.fetch,
      createServer: createHttpsServer,
      serverOptions: secure,
    });
    return bounded(strict(server as TlsServer), limits);
  }
  const fetch = boundHeads(app.fetch, limits.maxHeaderBytes, refuse);
  const serverOptions = { ...secure, ...http2Options(limits) };
  const server = createAdaptorServer({ fetch, createServer: createSecureServer, serverOptions }) as TlsServer;
  boundSessions(server, limits);
  boundHttp2Bodies(server, limits.requestTimeoutMs);
  return bounded(strict(server), limits);
}

/** Every answer over TLS tells browsers never to come by plain HTTP again. */
function strict(server: TlsServer): TlsServer {
  return server.prependListener('request', (_incoming: unknown, outgoing: ServerResponse) => {
    outgoing.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains');
  });
}

function http1Options(limits: ResolvedServerLimits): ServerOptions {
  return {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    requireHostHeader: true,
    insecureHTTPParser: false,
  };
}

/** Sets what is not an option; and for HTTP/1.1 beside HTTP/2 what older Nodes take as properties only. */
function bounded<S extends NetServer>(server: S, limits: ResolvedServerLimits): S {
  const { maxRequestsPerSocket, maxConnections } = limits;
  const dropMaxConnection = true; // else workers that are full hand a connection round for ever
  return Object.assign(server, http1Options(limits), {
    maxRequestsPerSocket,
    maxConnections,
    dropMaxConnection,
  });
}
