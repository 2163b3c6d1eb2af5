/**
 * Where a browser finds the web BFF. The identity provider sends people back to exactly this address, so it is
 * settled before anything starts, a free port included.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Environment } from '../ports.ts';

/** The address, and the variables that make the web BFF have it. */
export interface WebAddress {
  readonly origin: string;
  readonly env: Readonly<Record<string, string>>;
}

const defaultPort = '4001';

/** `WEB_PUBLIC_ORIGIN`, or else `localhost` with `WEB_PORT`, 4001 unless told; 0 takes any port that is free. */
export async function findWebAddress(environment: Environment): Promise<WebAddress> {
  const asked = environment.WEB_PORT || defaultPort;
  const port = asked === '0' ? await freePort() : asked;
  const origin = environment.WEB_PUBLIC_ORIGIN || `http://localhost:${port}`;
  return { origin, env: { WEB_PORT: port, WEB_PUBLIC_ORIGIN: origin } };
}

/** A port nobody has just now. Somebody could take it before the BFF does, which then says so. */
async function freePort(): Promise<string> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port');
  return String(address.port);
}
