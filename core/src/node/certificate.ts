/**
 * The certificate of the public port: read and checked at boot, read again whenever one of its files
 * changes. A new pair counts for new handshakes; open connections live on. A pair that cannot be used
 * leaves the old one in place.
 *
 * @see {@link https://nodejs.org/api/tls.html#serversetsecurecontextoptions Node, setSecureContext}
 * @module
 */
import { createSecureContext, type Server as TlsServer } from 'node:tls';
import { systemClock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import { nodeFiles } from '../upstream/watch-file.ts';
import { watchFiles } from '../upstream/watch-files.ts';

export interface TlsOptions {
  /** Path of the certificate and its chain, PEM. Watched: replace it and its key, and new handshakes use them. */
  readonly certFile: string;
  /** Path of the private key, PEM, without a passphrase. */
  readonly keyFile: string;
  /** The oldest version that is spoken. Default `TLSv1.2`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Offers HTTP/2 beside HTTP/1.1. Default true. */
  readonly http2?: boolean;
}

/** What the handshake needs. */
export interface SecureSettings {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

export interface Certificate {
  readonly settings: SecureSettings;
  readonly http2: boolean;
  /** Hands every new pair to `server` until the returned function is called. */
  keepFresh(server: TlsServer, onProblem: (error: Error) => void): () => void;
}

const versions: readonly unknown[] = ['TLSv1.2', 'TLSv1.3'];

/**
 * Reads and checks the certificate.
 *
 * @throws {RangeError} for an unknown option, a file that cannot be read, or a pair that cannot be used.
 */
export async function loadCertificate(options: TlsOptions): Promise<Certificate> {
  const where = 'serve: tls';
  requireKnown(where, options, ['certFile', 'keyFile', 'minVersion', 'http2']);
  const { minVersion = 'TLSv1.2', http2 = true } = options;
  if (!versions.includes(minVersion)) {
    throw new RangeError(`${where}: minVersion must be TLSv1.2 or TLSv1.3, got '${String(minVersion)}'`);
  }
  if (typeof http2 !== 'boolean') {
    throw new RangeError(`${where}: http2 must be true or false, got ${String(http2)}`);
  }
  const settings = await readPair(where, options, minVersion);
  return {
    settings,
    http2,
    keepFresh: (server, onProblem) => keepFresh(server, { where, options, settings, onProblem }),
  };
}

interface FreshParts {
  readonly where: string;
  readonly options: TlsOptions;
  readonly settings: SecureSettings;
  readonly onProblem: (error: Error) => void;
}

function keepFresh(server: TlsServer, { where, options, settings, onProblem }: FreshParts): () => void {
  let inUse = settings;
  let isStopped = false;
  const reload = async (): Promise<void> => {
    try {
      const fresh = await readPair(where, options, settings.minVersion);
      if (isStopped || (fresh.cert === inUse.cert && fresh.key === inUse.key)) return;
      const ticketKeys = server.getTicketKeys(); // so that clients can resume what they began before
      server.setSecureContext(fresh);
      server.setTicketKeys(ticketKeys);
      inUse = fresh;
    } catch (error) {
      if (!isStopped) onProblem(error as Error);
    }
  };
  const stopWatching = watchFiles([options.certFile, options.keyFile], systemClock, () => void reload());
  return () => {
    isStopped = true;
    stopWatching();
  };
}

/** @throws {RangeError} */
async function readPair(
  where: string,
  { certFile, keyFile }: TlsOptions,
  minVersion: SecureSettings['minVersion'],
): Promise<SecureSettings> {
  const [cert, key] = await Promise.all([
    readPem(`${where}: certFile`, certFile),
    readPem(`${where}: keyFile`, keyFile),
  ]);
  const settings = { cert, key, minVersion };
  try {
    createSecureContext(settings);
  } catch (cause) {
    const isMismatch = codeOf(cause) === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    const what = isMismatch ? 'do not belong together' : `cannot be used (${codeOf(cause)})`;
    throw new RangeError(`${where}: certFile '${certFile}' and keyFile '${keyFile}' ${what}`, { cause });
  }
  return settings;
}

/** @throws {RangeError} */
async function readPem(where: string, path: unknown): Promise<string> {
  if (typeof path !== 'string' || path === '')
    throw new RangeError(`${where} must be the path of a PEM file, got '${String(path)}'`);
  try {
    return await nodeFiles.read(path);
  } catch (cause) {
    throw new RangeError(`${where} '${path}' cannot be read (${codeOf(cause)})`, { cause });
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
