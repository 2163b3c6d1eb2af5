/**
 * Opens sockets to services: plain or over TLS, whose bytes are handed over as they are read, from one buffer that
 * all sockets share.
 *
 * @see {@link https://nodejs.org/api/net.html#socketconnectoptions-connectlistener Node, socket.connect, onread}
 * @module
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsMaterial } from '../upstream-tls.ts';

export interface Dialled {
  readonly socket: Socket;
  /** What it emits when requests can be sent. */
  readonly readyEvent: 'connect' | 'secureConnect';
}

/** Where a socket goes, and with what. */
export interface Address {
  /** As the `Host` field has it. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** Absent for plain HTTP. */
  readonly tls: TlsMaterial | undefined;
}

/** Hears the first `length` of `bytes`, which are overwritten when it has returned. Must not throw. */
export type Hear = (bytes: Buffer, length: number) => void;

const readBytes = 65_536;
const probeIdleMs = 60_000;
/** Elsewhere a read fills its buffer before it is announced, so none may be shared. */
const shared = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(readBytes);

/** The address of an origin such as `http://host:8080`. */
export function addressOf(origin: string, tls: TlsMaterial): Address {
  const { protocol, host, hostname, port } = new URL(origin);
  const isTls = protocol === 'https:';
  return {
    host,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    tls: isTls ? tls : undefined,
  };
}

/** Begins to connect. @param session What an earlier connection to this address got, to be quicker with TLS. */
export function dial({ hostname, port, tls }: Address, hear: Hear, session: Buffer | undefined): Dialled {
  const buffer = shared ?? Buffer.allocUnsafeSlow(readBytes);
  const options = {
    host: hostname,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: probeIdleMs,
    onread: {
      buffer,
      callback(length: number): boolean {
        hear(buffer, length);
        return true;
      },
    },
  };
  if (tls === undefined) return { socket: connectPlain(options), readyEvent: 'connect' };
  const socket = connectTls({
    ...options,
    servername: isIP(hostname) === 0 ? hostname : '',
    ...tls,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    ...(session === undefined ? {} : { session }),
  });
  return { socket, readyEvent: 'secureConnect' };
}
