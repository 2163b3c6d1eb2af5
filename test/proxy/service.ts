/**
 * A service on a real socket for proxy tests, which does what a test says and counts what it sees.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Act = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export interface Service {
  readonly url: string;
  readonly server: Server;
  /** What is done with requests from now on. */
  act: Act;
  /** Requests so far. */
  requests: number;
  /** Connections that are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

export async function service(act: Act): Promise<Service> {
  const server = createServer((incoming, outgoing) => {
    self.requests += 1;
    outgoing.on('error', () => {});
    incoming.on('error', () => {});
    self.act(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self: Service = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    act,
    requests: 0,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

/** Writes `bytes` in pieces of 64 KiB, as fast as they are taken. Resolves with the bytes that were handed over. */
export async function pour(outgoing: ServerResponse, bytes: number): Promise<number> {
  const piece = Buffer.alloc(65_536, 'x');
  let sent = 0;
  while (sent < bytes && !outgoing.destroyed) {
    const part = piece.subarray(0, Math.min(piece.length, bytes - sent));
    sent += part.length;
    if (!outgoing.write(part)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      outgoing.once('drain', resolve).once('close', resolve);
      await promise;
      outgoing.off('drain', resolve).off('close', resolve);
    }
  }
  outgoing.end();
  return sent;
}
