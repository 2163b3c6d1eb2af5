/**
 * Serves a BFF with Node's own HTTP server: listens on the public and the admin port, and leaves
 * without losing a request.
 *
 * Shutdown: readiness off and `Connection: close` on every answer; after the grace, stop accepting;
 * finish what runs, and what kept-alive clients had just begun to send; at the limit abort the rest.
 * `http.Server#close` destroys idle kept-alive connections at once, under clients that are just
 * sending, so it is not used.
 *
 * @see {@link https://github.com/nodejs/node/issues/60617 nodejs/node#60617}
 * @module
 */
import type { Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Bff } from '../bff.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import { jsonLogger, type Logger, logFacts } from '../telemetry/access-log.ts';
import { adminApp } from './admin.ts';
import { loadMonitor } from './load-monitor.ts';
import { countOpenWork, type OpenWork } from './open-work.ts';

export interface ServeOptions {
  /** Public port; 0 takes a free one. */
  readonly port: number;
  /** Admin port; 0 takes a free one. */
  readonly adminPort: number;
  /** Address of the public port. Default `0.0.0.0`. */
  readonly hostname?: string;
  /** Address of the admin port. Default `127.0.0.1`. */
  readonly adminHostname?: string;
  /** Milliseconds between readiness off and closing the door: the notice a load balancer needs. Default 5 000. */
  readonly graceMs?: number;
  /** Milliseconds after the grace in which running requests may finish. Default 30 000. */
  readonly drainMs?: number;
  /** Drains on SIGTERM and SIGINT and ends the process; a second signal ends it at once. Default true. */
  readonly signals?: boolean;
  /** Default: JSON lines on standard output. */
  readonly logger?: Logger;
}

/** A listening BFF. */
export interface RunningBff {
  readonly url: string;
  readonly adminUrl: string;
  /** Drains and closes. Resolves to the number of requests that had to be aborted. Safe to call twice. */
  close(): Promise<number>;
}

const knownOptions = [
  'port',
  'adminPort',
  'hostname',
  'adminHostname',
  'graceMs',
  'drainMs',
  'signals',
  'logger',
];
const idleCheckMs = 20;
/** How long a request that was on its way when the door closed may take to arrive; never longer than the grace. */
const lateMs = 500;
/** What aborted requests get to write their 503. */
const farewellMs = 500;

/**
 * Listens on both ports.
 *
 * @throws {RangeError} for an unknown option or a value out of range.
 * @throws {Error} when a port is taken.
 */
export async function serve(bff: Bff, options: ServeOptions): Promise<RunningBff> {
  requireKnown('serve', options, knownOptions);
  const { graceMs = 5_000, drainMs = 30_000, logger = jsonLogger({ name: bff.name }) } = options;
  requireInteger('serve', 'port', options.port, 0, 65_535);
  requireInteger('serve', 'adminPort', options.adminPort, 0, 65_535);
  requireRange('serve', 'graceMs', graceMs, 0, 600_000);
  requireRange('serve', 'drainMs', drainMs, 0, 600_000);

  let draining = false;
  const monitor = loadMonitor();
  bff.usePressure(monitor);
  const server = createServer(bff.app);
  const admin = createServer(adminApp(bff, () => !draining));
  const work = countOpenWork(server);
  const adminUrl = await listen(
    `${bff.name} admin`,
    admin,
    options.adminPort,
    options.adminHostname ?? '127.0.0.1',
  );
  const url = await openWhenReady(bff, server, options).catch((error: unknown) => {
    admin.close();
    monitor.stop();
    throw error;
  });
  const stopLog = logFacts(bff.events, logger);
  logger.info({ url, adminUrl, owner: bff.owner, endpoints: bff.graph.endpoints.length }, 'listening');

  const drain = async (): Promise<number> => {
    draining = true;
    work.sayGoodbye();
    logger.info({ graceMs, liveRequests: bff.liveRequests() }, 'draining');
    await sleep(graceMs);
    NetServer.prototype.close.call(server);
    await finish(work, Math.min(graceMs, lateMs), drainMs);
    const aborted = work.answers();
    await bff.close();
    await until(() => work.answers() === 0, farewellMs);
    server.closeAllConnections();
    admin.close();
    admin.closeAllConnections();
    logger.info({ aborted }, 'closed');
    monitor.stop();
    stopLog();
    bff.metrics.stop();
    return aborted;
  };
  let closing: Promise<number> | undefined;
  const close = (): Promise<number> => {
    closing ??= drain().finally(() => stopSignals());
    return closing;
  };
  const stopSignals = options.signals === false ? () => {} : onSignals(close);
  return { url, adminUrl, close };
}

function createServer(app: Hono): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
      requireHostHeader: true,
    },
  }) as Server;
  server.maxRequestsPerSocket = 1_000;
  server.maxConnections = 10_000;
  return server;
}

/** Opens the public port once every upstream has somewhere to send calls; until then `/readyz` says `starting`. */
async function openWhenReady(bff: Bff, server: Server, options: ServeOptions): Promise<string> {
  await until(() => bff.upstreams.isReady, Number.POSITIVE_INFINITY);
  return listen(bff.name, server, options.port, options.hostname ?? '0.0.0.0');
}

function listen(name: string, server: Server, port: number, hostname: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken ? new Error(`port ${port} is taken (${name}); free it or configure another one`) : error,
      );
    });
    server.listen(port, hostname, () => {
      const { port: bound } = server.address() as AddressInfo;
      resolve(`http://${hostname === '0.0.0.0' ? '127.0.0.1' : hostname}:${bound}`);
    });
  });
}

/** Waits until every answer is out and nobody may still be sending, at most `limitMs`. */
function finish(work: OpenWork, settleMs: number, limitMs: number): Promise<void> {
  const settledMs = performance.now() + settleMs;
  const isSettled = (): boolean => work.connections() === 0 || performance.now() >= settledMs;
  return until(() => work.answers() === 0 && isSettled(), limitMs);
}

/** Waits until `isOver`, at most `limitMs`. */
async function until(isOver: () => boolean, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!isOver() && performance.now() < endMs) await sleep(idleCheckMs);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Drains on the first signal, ends at once on the second. The exit code says whether a request was lost. */
function onSignals(close: () => Promise<number>): () => void {
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    void close().then((aborted) => process.exit(aborted === 0 ? 0 : 1));
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
}
