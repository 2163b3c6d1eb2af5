/**
 * Listening on a port, with an error that says what to do when it is taken.
 *
 * @module
 */
import type { AddressInfo, Server } from 'node:net';

export interface Address {
  readonly port: number;
  readonly hostname: string;
}

/**
 * Resolves to `host:port`.
 *
 * @param name Who listens, for the error.
 * @throws {Error} when the port is taken.
 */
export function listen(name: string, server: Server, { port, hostname }: Address): Promise<string> {
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
