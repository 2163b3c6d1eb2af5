import { once } from 'node:events';
import { connect, createServer, type Http2ServerRequest, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RawHead } from './guard.ts';
import { http1HeadOf, isHttp2 } from './http2-head.ts';
import { inboundFrom, rawHeadOf } from './inbound.ts';

function headOf(...rawHeaders: string[]): RawHead {
  return http1HeadOf({ method: 'GET', url: '/a?b', rawHeaders });
}

test('a request is known by its stream, not by what a line of HTTP/1.1 says', () => {
  expect([isHttp2({ stream: {} }), isHttp2({ httpVersion: '2.0', httpVersionMajor: 2 })]).toEqual([
    true,
    false,
  ]);
});

test('pseudo headers become the request line and Host', () => {
  const head = headOf(
    ...[':method', 'GET', ':path', '/a?b', ':scheme', 'https', ':authority', 'a.test'],
    ...['accept', '*/*', 'x-tag', 'one', 'x-tag', 'two'],
  );
  expect(head).toEqual({
    method: 'GET',
    url: '/a?b',
    httpVersion: '1.1',
    rawHeaders: ['host', 'a.test', 'accept', '*/*', 'x-tag', 'one', 'x-tag', 'two'],
  });
});

test.each([
  ['the same beside it counts once', [':authority', 'a.test', 'host', 'a.test'], ['host', 'a.test']],
  [
    'another beside it makes two',
    [':authority', 'a.test', 'host', 'b.test'],
    ['host', 'a.test', 'host', 'b.test'],
  ],
  ['alone it is as it is', ['host', 'b.test'], ['host', 'b.test']],
  [
    'a header with the value of the authority stays',
    [':authority', 'a.test', 'x-a', 'a.test'],
    ['host', 'a.test', 'x-a', 'a.test'],
  ],
])('Host: %s', (_what, sent, found) => {
  expect(headOf(...sent).rawHeaders).toEqual(found);
});

/** What is found of a request over HTTP/2 without TLS, and its stream. */
async function overHttp2(headers: OutgoingHttpHeaders, answer: (gone: Promise<void>) => Promise<Response>) {
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<object>();
  const server = createAdaptorServer({
    createServer,
    fetch(request: Request, env: unknown) {
      const inbound = inboundFrom(request, env);
      const { incoming } = env as { readonly incoming: Http2ServerRequest };
      incoming.stream.once('close', () => setImmediate(() => ended.resolve()));
      inbound.onGone(() => gone.resolve());
      arrived.resolve({
        method: inbound.method,
        target: inbound.target,
        peerAddress: inbound.peerAddress,
        host: inbound.header('host'),
        tag: inbound.header('x-tag'),
        absent: inbound.header(':none'),
        head: rawHeadOf(request, env),
      });
      return answer(gone.promise);
    },
  });
  const ended = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const stream = session.request(headers);
  stream.on('error', () => {});
  return { stream, facts: await arrived.promise, gone: gone.promise, ended: ended.promise };
}

describe('over a socket', () => {
  test('the facts are those of the streams headers', async () => {
    const headers = { ':path': '/a%2fb?q', ':authority': 'a.test', 'x-tag': ['one', 'two'] };
    const { facts } = await overHttp2(headers, async () => new Response('done'));
    expect(facts).toEqual({
      method: 'GET',
      target: '/a%2fb?q',
      peerAddress: '127.0.0.1',
      host: 'a.test',
      tag: 'one, two',
      absent: undefined,
      head: {
        method: 'GET',
        url: '/a%2fb?q',
        httpVersion: '1.1',
        rawHeaders: ['host', 'a.test', 'x-tag', 'one', 'x-tag', 'two'],
      },
    });
  });

  test('a client that resets the stream is gone', async () => {
    const { stream, gone } = await overHttp2({ ':path': '/' }, async (left) => {
      await left;
      return new Response('too late');
    });
    stream.close(8);
    await gone;
  });

  test('a client that has its answer is not', async () => {
    let isGone = false;
    const { stream, gone, ended } = await overHttp2({ ':path': '/' }, async () => new Response('done'));
    void gone.then(() => {
      isGone = true;
    });
    stream.resume();
    await ended;
    expect(isGone).toBe(false);
  });
});
