import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpTransport } from './http-transport.ts';
import type { Exchange, Transport, TransportRequest } from './transport.ts';

let server: Server;
let waiting: ServerResponse[];
/** Resolves when this many requests wait. */
let until: (count: number) => Promise<void>;
let transport: Transport;

beforeEach(async () => {
  waiting = [];
  let wake: () => void = () => {};
  server = createServer((_request, response) => {
    waiting.push(response);
    wake();
  });
  until = async (count) => {
    while (waiting.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await transport.close();
  server.close();
  server.closeAllConnections();
});

function send(): Exchange {
  const { port } = server.address() as AddressInfo;
  const request: TransportRequest = {
    operation: 'get',
    method: 'GET',
    origin: `http://127.0.0.1:${port}`,
    target: '/',
    headers: {},
    body: undefined,
    maxAnswerBytes: 1_000,
  };
  return transport.send(request);
}

test.each([1, 2])(
  'of %i connections it shows the used and the free, and who waits for one',
  async (connections) => {
    transport = httpTransport({ connections });
    expect(transport.sockets?.()).toEqual({ running: 0, free: 0, queued: 0, limit: connections });
    const exchanges = Array.from({ length: connections + 1 }, send);
    await until(connections);
    expect(transport.sockets?.()).toEqual({ running: connections, free: 0, queued: 1, limit: connections });
    waiting[0]?.end('{}');
    await exchanges[0]?.answer;
    await until(connections + 1);
    expect(transport.sockets?.()).toMatchObject({ running: connections, queued: 0 });
    for (const response of waiting) response.end('{}');
    await Promise.all(exchanges.map(({ answer }) => answer));
    expect(transport.sockets?.()).toEqual({ running: 0, free: connections, queued: 0, limit: connections });
  },
);
