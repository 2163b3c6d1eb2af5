import { once } from 'node:events';
import { request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Inbound } from '../context/inbound.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { readJsonBody } from './body.ts';
import { inboundFrom, inboundOf } from './inbound.ts';

/** Serves `handle` on a free port. */
async function served(
  handle: (inbound: Inbound) => Response | Promise<Response>,
): Promise<[port: number, server: Server]> {
  const app = new Hono();
  app.all('*', (c) => handle(inboundOf(c)));
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return [(server.address() as AddressInfo).port, server];
}

async function connected(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** The end of the next exchange, as the server sees it. */
function nextClose(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.once('request', (_incoming, outgoing: ServerResponse) => outgoing.once('close', () => resolve()));
  });
}

async function bodyOf(inbound: Inbound): Promise<string | null> {
  const body = inbound.body();
  if (body === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('over a socket', () => {
  test('the facts are those on the wire', async () => {
    let facts: unknown;
    const [port] = await served(async (inbound) => {
      facts = {
        method: inbound.method,
        target: inbound.target,
        peerAddress: inbound.peerAddress,
        repeated: inbound.header('x-tag'),
        listed: inbound.header('set-cookie'),
        absent: inbound.header('x-none'),
        body: await bodyOf(inbound),
      };
      return new Response('done');
    });
    const lines = [
      'POST /a%2fb/%2e%2e?q=a%20b&q HTTP/1.1',
      'Host: x',
      'X-Tag: one',
      'x-tag: two',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'Content-Length: 4',
      '',
      'body',
    ];
    const socket = await connected(port, lines.join('\r\n'));
    await once(socket, 'data');
    expect(facts).toEqual({
      method: 'POST',
      target: '/a%2fb/%2e%2e?q=a%20b&q',
      peerAddress: '127.0.0.1',
      repeated: 'one, two',
      listed: 'a=1, b=2',
      absent: undefined,
      body: 'body',
    });
  });

  test('a client that leaves before its answer is heard of', async () => {
    const gone = Promise.withResolvers<string>();
    const started = Promise.withResolvers<void>();
    const [port] = await served((inbound) => {
      inbound.onGone(() => gone.resolve('gone'));
      started.resolve();
      return gone.promise.then((text) => new Response(text));
    });
    const socket = await connected(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await started.promise;
    socket.destroy();
    expect(await gone.promise).toBe('gone');
  });

  test('an answered client has not left', async () => {
    const heard: string[] = [];
    const [port, server] = await served((inbound) => {
      inbound.onGone(() => heard.push('answered'));
      return new Response('done');
    });
    const closed = nextClose(server);
    const asked = request({ port, host: '127.0.0.1', agent: false });
    asked.on('response', (response) => response.resume()).end();
    await closed;
    expect(heard).toEqual([]);
  });

  test('who stopped listening hears nothing', async () => {
    const heard: string[] = [];
    const [port, server] = await served((inbound) => {
      inbound.onGone(() => heard.push('stopped'))();
      inbound.onGone(() => heard.push('listening'));
      return new Promise(() => {});
    });
    const arrived = once(server, 'request');
    const closed = nextClose(server);
    const socket = await connected(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await arrived;
    socket.destroy();
    await closed;
    expect(heard).toEqual(['listening']);
  });

  test('a body over the limit is answered, though it was not read to the end', async () => {
    const [port] = await served((inbound) =>
      readJsonBody(inbound, 1_024).then(
        () => new Response('accepted'),
        (thrown: unknown) =>
          new Response(null, { status: GatewayError.from(thrown).status, headers: { connection: 'close' } }),
      ),
    );
    const asked = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    asked.write(' '.repeat(2_000)); // chunked, and more could come
    const [response] = await once(asked, 'response');
    expect(response.statusCode).toBe(413);
    asked.destroy();
  });
});

describe('over a web request', () => {
  async function seen(path: string, init?: RequestInit): Promise<Inbound> {
    let found: Inbound | undefined;
    const app = new Hono().all('*', (c) => {
      found = inboundOf(c);
      return c.body(null);
    });
    await app.request(path, init);
    if (found === undefined) throw new Error('the request did not arrive');
    return found;
  }

  test('the facts are those of the request', async () => {
    const inbound = await seen('/a%2fb?q=1', { method: 'PUT', headers: { 'X-Tag': 'one' }, body: 'text' });
    expect([inbound.method, inbound.target, inbound.peerAddress]).toEqual(['PUT', '/a%2fb?q=1', undefined]);
    expect([inbound.header('x-tag'), inbound.header('x-none'), await bodyOf(inbound)]).toEqual([
      'one',
      undefined,
      'text',
    ]);
    expect((await seen('/')).body()).toBeNull();
  });

  test('half of what Node gives is not enough', () => {
    const request = new Request('http://a.test/web');
    const half = { url: '/node', method: 'PUT', headers: {}, socket: {} };
    for (const env of [{ incoming: half }, { outgoing: half }, undefined]) {
      expect(inboundFrom(request, env).target).toBe('/web');
    }
  });

  test('an abort is a client that left, also when it was before', async () => {
    const leaving = new AbortController();
    const inbound = await seen('/', { signal: leaving.signal });
    const heard: string[] = [];
    inbound.onGone(() => heard.push('stopped'))();
    inbound.onGone(() => heard.push('now'));
    leaving.abort();
    inbound.onGone(() => heard.push('before'));
    await Promise.resolve();
    expect(heard).toEqual(['now', 'before']);
  });
});
