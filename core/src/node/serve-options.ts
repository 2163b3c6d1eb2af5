/**
 * What `serve` is told: its options, checked and with their defaults.
 *
 * @module
 */
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import { requireStrictParser } from '../ingress/strict-parser.ts';
import { checkLogOptions, type LogOptions } from '../telemetry/access-log.ts';
import { type AuditTarget, auditLogger } from '../telemetry/audit-file.ts';
import { jsonLogger, type Logger } from '../telemetry/logger.ts';
import { checkPseudonymKey } from '../telemetry/pseudonyms.ts';
import { type Certificate, loadCertificate, type TlsOptions } from './certificate.ts';
import { type ResolvedServerLimits, resolveServerLimits, type ServerLimits } from './server-limits.ts';

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
  /**
   * Processes that serve, from 1 to 64. With more than one, this process starts the others, each by running the
   * same program again, and watches over them. Default 1: this process serves.
   */
  readonly workers?: number;
  /** Milliseconds between readiness off and closing the door: the notice a load balancer needs. Default 5 000. */
  readonly graceMs?: number;
  /** Milliseconds after the grace in which running requests may finish. Default 30 000. */
  readonly drainMs?: number;
  /** Drains on SIGTERM and SIGINT and ends the process; a second signal ends it at once. Default true. */
  readonly signals?: boolean;
  /** Default: JSON lines on standard output. */
  readonly logger?: Logger;
  /** Which requests get a line. Default: all. */
  readonly log?: LogOptions;
  /**
   * Key of the names under which operators see people and addresses, in the log, in explanations and on the console: at
   * least 32 characters; the same on all instances that are to be looked at together. Default: random, for this process
   * and its workers.
   */
  readonly pseudonymKey?: string;
  /** A file or a descriptor for the lines that say who changed what. Default: the log, marked `stream: audit`. */
  readonly auditLog?: AuditTarget;
}

/** The options with their defaults. */
export interface Settings {
  readonly port: number;
  readonly adminPort: number;
  readonly hostname: string;
  readonly adminHostname: string;
  readonly admin: { readonly token: string | undefined; readonly hosts: readonly string[] | undefined };
  readonly certificate: Certificate | undefined;
  readonly limits: ResolvedServerLimits;
  readonly workers: number;
  readonly graceMs: number;
  readonly drainMs: number;
  readonly signals: boolean;
  readonly logger: Logger;
  readonly log: LogOptions;
  readonly pseudonymKey: string | undefined;
}

// biome-ignore format: one list
const knownOptions = [
  'port', 'adminPort', 'hostname', 'adminHostname', 'adminToken', 'adminHosts', 'tls', 'limits', 'workers', 'graceMs',
  'drainMs', 'signals', 'logger', 'log', 'pseudonymKey', 'auditLog',
];

/** Beyond it, memory and sockets of this machine end before its cores do. */
export const maxWorkers = 64;

/**
 * Checks the options; reads the certificate.
 *
 * @throws {RangeError} for an unknown option, a value out of range, a certificate or an audit log that cannot be
 * used, or a Node that was told to parse HTTP insecurely.
 */
export async function readServeOptions(name: string, options: ServeOptions): Promise<Settings> {
  requireKnown('serve', options, knownOptions);
  const { graceMs = 5_000, drainMs = 30_000, workers = 1, logger = jsonLogger({ name }) } = options;
  requireInteger('serve', 'port', options.port, 0, 65_535);
  requireInteger('serve', 'adminPort', options.adminPort, 0, 65_535);
  requireInteger('serve', 'workers', workers, 1, maxWorkers);
  requireRange('serve', 'graceMs', graceMs, 0, 600_000);
  requireRange('serve', 'drainMs', drainMs, 0, 600_000);
  const limits = resolveServerLimits('serve: limits', options.limits);
  if (options.pseudonymKey !== undefined) checkPseudonymKey('serve', options.pseudonymKey);
  requireStrictParser();
  return {
    port: options.port,
    adminPort: options.adminPort,
    hostname: options.hostname ?? '0.0.0.0',
    adminHostname: options.adminHostname ?? '127.0.0.1',
    admin: { token: options.adminToken, hosts: options.adminHosts },
    certificate: options.tls === undefined ? undefined : await loadCertificate(options.tls),
    limits,
    workers,
    graceMs,
    drainMs,
    signals: options.signals ?? true,
    logger,
    log: logOptions(name, options),
    pseudonymKey: options.pseudonymKey,
  };
}

function logOptions(name: string, { log = {}, auditLog }: ServeOptions): LogOptions {
  checkLogOptions(log);
  return auditLog === undefined ? log : { ...log, audit: auditLogger(name, auditLog) };
}
