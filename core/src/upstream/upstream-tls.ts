/**
 * TLS to a service: which authority is believed, and the certificate the gateway shows. The files are
 * read and checked at boot and read again when they change. That the service must prove who it is
 * cannot be turned off.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2 RFC 8446, section 4.4.2}
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import { watchFiles } from './watch-files.ts';

export interface UpstreamTlsOptions {
  /** Path of the authorities (PEM) that are believed, instead of those of the system. */
  readonly caFile?: string;
  /** Path of the certificate and its chain (PEM) that the gateway shows; needs `keyFile`. */
  readonly certFile?: string;
  /** Path of its private key (PEM), without a passphrase. */
  readonly keyFile?: string;
  /** The name the service's certificate must have. Default the host of the target. */
  readonly serverName?: string;
}

/** What a connection needs; the texts of the files. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/** The same, checked and read. */
export interface UpstreamTls {
  readonly material: TlsMaterial;
  /** Hands over what the files hold whenever they changed, until the returned function is called. */
  watch(parts: WatchTlsParts): () => void;
}

export interface WatchTlsParts {
  readonly clock: Clock;
  readonly onMaterial: (material: TlsMaterial) => void;
  /** Hears why new files cannot be used; the old ones stay. Must not throw. */
  readonly onProblem: (error: Error) => void;
}

const hostName = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;

/** @throws {RangeError} for an unknown option, a file that cannot be read, or a pair that cannot be used. */
export function resolveUpstreamTls(owner: string, options: UpstreamTlsOptions): UpstreamTls {
  const where = `${owner}: tls`;
  requireKnown(where, options, ['caFile', 'certFile', 'keyFile', 'serverName']);
  const { caFile, certFile, keyFile, serverName } = options;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new RangeError(`${where}: certFile and keyFile must come together`);
  }
  if (serverName !== undefined && (!hostName.test(serverName) || isIP(serverName) !== 0)) {
    throw new RangeError(`${where}: serverName must be a host name, got '${serverName}'`);
  }
  const material = readMaterial(where, options);
  const paths = [caFile, certFile, keyFile].filter((path) => path !== undefined);
  return {
    material,
    watch({ clock, onMaterial, onProblem }) {
      let inUse = material;
      return watchFiles(paths, clock, () => {
        try {
          const fresh = readMaterial(where, options);
          if (fresh.ca === inUse.ca && fresh.cert === inUse.cert && fresh.key === inUse.key) return;
          inUse = fresh;
          onMaterial(fresh);
        } catch (error) {
          onProblem(error as Error);
        }
      });
    },
  };
}

/** @throws {RangeError} */
function readMaterial(where: string, options: UpstreamTlsOptions): TlsMaterial {
  const { caFile, certFile, keyFile, serverName } = options;
  const material = {
    ...(caFile === undefined ? {} : { ca: readAuthorities(where, caFile) }),
    ...(certFile === undefined ? {} : { cert: readText(`${where}: certFile`, certFile) }),
    ...(keyFile === undefined ? {} : { key: readText(`${where}: keyFile`, keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  try {
    createSecureContext(material);
  } catch (cause) {
    const isMismatch = codeOf(cause) === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    const what = isMismatch ? 'do not belong together' : `cannot be used (${codeOf(cause)})`;
    throw new RangeError(`${where}: certFile '${certFile}' and keyFile '${keyFile}' ${what}`, { cause });
  }
  return material;
}

/** Node takes any text for authorities and then believes nobody; here it must hold at least one. */
function readAuthorities(where: string, path: string): string {
  const text = readText(`${where}: caFile`, path);
  try {
    new X509Certificate(text);
  } catch (cause) {
    throw new RangeError(`${where}: caFile '${path}' holds no certificate`, { cause });
  }
  return text;
}

function readText(where: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RangeError(`${where} '${path}' cannot be read (${codeOf(cause)})`, { cause });
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
