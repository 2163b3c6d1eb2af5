/**
 * Serves a BFF with Node's own servers: listens on the public and the admin port, terminates TLS where
 * it is asked to, and leaves without losing a request.
 *
 * @module
 */
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { Bff } from '../bff.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import { requireStrictParser } from '../ingress/strict-parser.ts';
import { jsonLogger, type Logger, logFacts } from '../telemetry/access-log.ts';
import { adminApp } from './admin.ts';
import { loadCertificate, type TlsOptions } from './certificate.ts';
import { answerClientErrors, refusals } from './client-errors.ts';
import { drain } from './drain.ts';
import { httpServer, httpsServer } from './listener.ts';
import { loadMonitor } from './load-monitor.ts';
import { countOpenWork } from './open-work.ts';
import { resolveServerLimits, type ServerLimits } from './server-limits.ts';
import { onSignals } from './signals.ts';
import { until } from './waiting.ts';

export interface ServeOptions {
  /** Public port; 0 takes a free one. */
  readonly port: number;
  /** Admin port; 0 takes a free one. */
  readonly adminPort: number;
  /** Address of the public port. Default `0.0.0.0`. */
  readonly hostname?: string;
  /** Address of the admin port. Default `127.0.0.1`. */
  readonly adminHostname?: string;
  /** Secret that operators send as `Authorization: Bearer`, at least 32 characters; probes need none. Default none. */
  readonly adminToken?: string | undefined;
  /** Names under which the admin port is reached, beside `localhost` and every address. Default none. */
  readonly adminHosts?: readonly string[] | undefined;
  /** Speaks HTTPS on the public port, HTTP/2 included. Default plain HTTP/1.1. */
  readonly tls?: TlsOptions;
  /** What one client may cost before a request reaches the app. Defaults as in {@link ServerLimits}. */
  readonly limits?: ServerLimits;
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

// biome-ignore format: one list
const knownOptions = [
  'port', 'adminPort', 'hostname', 'adminHostname', 'adminToken', 'adminHosts', 'tls', 'limits', 'graceMs', 'drainMs',
  'signals', 'logger',
];

/**
 * Listens on both ports: on the admin port at once, on the public one when every upstream has a target.
 *
 * @throws {RangeError} for an unknown option, a value out of range, a certificate that cannot be used,
 * or a Node that was told to parse HTTP insecurely.
 * @throws {Error} when a port is taken.
 */
export async function serve(bff: Bff, options: ServeOptions): Promise<RunningBff> {
  requireKnown('serve', options, knownOptions);
  const { graceMs = 5_000, drainMs = 30_000, logger = jsonLogger({ name: bff.name }) } = options;
  requireInteger('serve', 'port', options.port, 0, 65_535);
  requireInteger('serve', 'adminPort', options.adminPort, 0, 65_535);
  requireRange('serve', 'graceMs', graceMs, 0, 600_000);
  requireRange('serve', 'drainMs', drainMs, 0, 600_000);
  const limits = resolveServerLimits('serve: limits', options.limits);
  requireStrictParser();
  const certificate = options.tls === undefined ? undefined : await loadCertificate(options.tls);

  const refuse = refusals(bff.name, bff.events);
  const server =
    certificate === undefined
      ? httpServer(bff, limits)
      : httpsServer(bff.app, { limits, certificate, refuse });
  let isLeaving = false;
  const hosts = { token: options.adminToken, hosts: options.adminHosts };
  const admin = httpServer({ app: adminApp(bff, () => !isLeaving, hosts) }, limits);
  const [work, adminWork] = [countOpenWork(server), countOpenWork(admin)];
  answerClientErrors(server, work, refuse);
  const monitor = loadMonitor();
  bff.usePressure(monitor);
  const closeAdmin = (): void => {
    admin.close();
    adminWork.cut();
    monitor.stop();
  };

  let leave = async (): Promise<number> => {
    closeAdmin(); // until it serves, there is nothing to wait for
    server.close();
    await bff.close();
    bff.metrics.stop();
    return 0;
  };
  let closing: Promise<number> | undefined;
  const close = (): Promise<number> => {
    isLeaving = true;
    closing ??= leave().finally(() => stopSignals());
    return closing;
  };
  const stopSignals = options.signals === false ? () => {} : onSignals(close);
  try {
    const { adminHostname = '127.0.0.1', hostname = '0.0.0.0' } = options;
    const adminAt = { port: options.adminPort, hostname: adminHostname };
    const adminUrl = `http://${await listen(`${bff.name} admin`, admin, adminAt)}`;
    await until(() => bff.upstreams.isReady || isLeaving, Number.POSITIVE_INFINITY);
    if (isLeaving) return await theEnd;
    const host = await listen(bff.name, server, { port: options.port, hostname });
    const url = `${certificate === undefined ? 'http' : 'https'}://${host}`;
    if (isLeaving) return await theEnd;

    const stopLog = logFacts(bff.events, logger);
    const stopCertificate = certificate?.keepFresh(server as TlsServer, (error) =>
      bff.events.emit('problem', { part: 'tls certificate', error }),
    );
    leave = async () => {
      logger.info({ graceMs, liveRequests: bff.liveRequests() }, 'draining');
      const aborted = await drain(server, { bff, work, graceMs, drainMs });
      stopCertificate?.();
      closeAdmin();
      logger.info({ aborted }, 'closed');
      stopLog();
      bff.metrics.stop();
      return aborted;
    };
    logger.info({ url, adminUrl, owner: bff.owner, endpoints: bff.graph.endpoints.length }, 'listening');
    return { url, adminUrl, close };
  } catch (error) {
    closeAdmin();
    stopSignals();
    throw error;
  }
}

/** A signal came before anything was served: it ends the process, and nobody waits for more. */
const theEnd = new Promise<never>(() => {});

interface Address {
  readonly port: number;
  readonly hostname: string;
}

/** Resolves to `host:port`. */
function listen(name: string, server: NetServer, { port, hostname }: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken ? new Error(`port ${port} is taken (${name}); free it or configure another one`) : error,
      );
    });
    server.listen(port, hostname, () => {
      const { port: bound } = server.address() as AddressInfo;
      resolve(`${hostname === '0.0.0.0' ? '127.0.0.1' : hostname}:${bound}`);
    });
  });
}
