import { once } from 'node:events';
import { connect, createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LenientHttp2Response } from './http2-response.ts';

/** The headers that arrive when `answer` is what the server does. */
async function answered(
  answer: (response: LenientHttp2Response) => void,
): Promise<IncomingHttpHeaders & { ':status'?: number }> {
  const server = createServer({ Http2ServerResponse: LenientHttp2Response }, (_request, response) =>
    answer(response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const stream = session.request({ ':path': '/' }).resume();
  const [headers] = await once(stream, 'response');
  await once(stream, 'close');
  return headers;
}

const connectionHeaders = {
  Connection: 'close',
  'HTTP2-Settings': 'x',
  'Keep-Alive': 'timeout=5',
  'Proxy-Connection': 'close',
  TE: 'trailers, deflate',
  'Transfer-Encoding': 'chunked',
  Upgrade: 'h2c',
};
const dropped = Object.keys(connectionHeaders).map((name) => name.toLowerCase());

test.each<[string, (response: LenientHttp2Response) => void]>([
  [
    'one by one',
    (response) => {
      for (const [name, value] of Object.entries(connectionHeaders)) response.setHeader(name, value);
      response.setHeader('X-A', ['1', '2']);
      response.statusCode = 201;
      response.end('x');
    },
  ],
  [
    'appended',
    (response) => {
      for (const [name, value] of Object.entries(connectionHeaders)) response.appendHeader(name, value);
      response.appendHeader('X-A', '1');
      response.appendHeader('X-A', '2');
      response.writeHead(201).end('x');
    },
  ],
  [
    'as an object',
    (response) => {
      response.writeHead(201, { ...connectionHeaders, 'X-A': ['1', '2'] }).end('x');
    },
  ],
  [
    'as an object behind a reason phrase',
    (response) => {
      response.writeHead(201, 'Made', { ...connectionHeaders, 'X-A': ['1', '2'] }).end('x');
    },
  ],
  [
    'as a flat list',
    (response) => {
      response.writeHead(201, [...Object.entries(connectionHeaders).flat(), 'X-A', '1', 'X-A', '2']).end('x');
    },
  ],
  [
    'as a list of pairs',
    (response) => {
      response.writeHead(201, [...Object.entries(connectionHeaders), ['X-A', '1'], ['X-A', '2']]).end('x');
    },
  ],
])('headers of the connection are dropped when they are set %s, the others arrive', async (_how, answer) => {
  const warnings = vi.spyOn(process, 'emitWarning');
  const headers = await answered(answer);
  expect(headers[':status']).toBe(201);
  expect(headers['x-a']).toBe('1, 2');
  expect(Object.keys(headers).filter((name) => dropped.includes(name))).toEqual([]);
  expect(warnings).not.toHaveBeenCalled();
});
