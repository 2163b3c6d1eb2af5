import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import type { Resolve } from './checked-lookup.ts';
import { attemptMs, openPoster, type Poster, type PostResult } from './post.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(answer: RequestListener): Promise<number> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Rig {
  readonly clock: ManualClock;
  readonly poster: Poster;
  post(url: string): Promise<PostResult>;
}

const home: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];

function rig(allowPrivate = true, resolve = home): Rig {
  const clock = manualClock();
  const poster = openPoster({ clock, resolve, allowPrivate });
  closers.push(() => poster.close());
  const headers = { 'content-type': 'application/json', 'webhook-id': 'evt_1' };
  return { clock, poster, post: (url) => poster.post({ url, headers, body: '{"a":1}' }) };
}

describe('an attempt', () => {
  test('posts the body with its headers, and has the status', async () => {
    const seen: unknown[] = [];
    const port = await listen((request, response) => {
      const { method, url, headers } = request;
      request.on('data', (chunk: Buffer) =>
        seen.push({ method, url, id: headers['webhook-id'], body: `${chunk}` }),
      );
      response.writeHead(503, { 'retry-after': '7' }).end('never mind');
    });
    const result = await rig().post(`http://hooks.acme.com:${port}/in?x=1`);
    expect(result).toEqual({ status: 503, retryAfter: '7' });
    expect(seen).toEqual([{ method: 'POST', url: '/in?x=1', id: 'evt_1', body: '{"a":1}' }]);
  });

  test.each([301, 302, 307, 308])('follows no redirect: %i is the answer', async (status) => {
    let asked = 0;
    const port = await listen((_request, response) => {
      asked += 1;
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    expect(await rig().post(`http://hooks.acme.com:${port}/`)).toMatchObject({ status });
    expect(asked).toBe(1);
  });

  test('reads a little of an answer that does not end, and closes the connection', async () => {
    let isClosed: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      isClosed = resolve;
    });
    const port = await listen((_request, response) => {
      response.on('close', isClosed);
      const pour = (): void => {
        while (response.write('x'.repeat(8_192)));
      };
      response.on('drain', pour);
      response.writeHead(200);
      pour();
    });
    expect(await rig().post(`http://hooks.acme.com:${port}/`)).toMatchObject({ status: 200 });
    await closed;
  });

  test('ends after ten seconds without an answer', async () => {
    const arrived = Promise.withResolvers<void>();
    const port = await listen(() => arrived.resolve());
    const { clock, post } = rig();
    const result = post(`http://hooks.acme.com:${port}/`);
    await arrived.promise;
    clock.advance(attemptMs);
    expect(await result).toEqual({ failure: 'timeout' });
    expect(clock.pending()).toBe(0);
  });

  test('ends after ten seconds with an answer that drips, by its status', async () => {
    const port = await listen((_request, response) => void response.writeHead(202).write('.'));
    const { clock, post } = rig();
    const result = post(`http://hooks.acme.com:${port}/`);
    const other = await listen((_request, response) => void response.writeHead(204).end());
    expect(await post(`http://hooks.acme.com:${other}/`)).toMatchObject({ status: 204 });
    clock.advance(attemptMs);
    expect(await result).toMatchObject({ status: 202 });
  });

  test('that finds nobody, or is broken off, is no answer', async () => {
    const port = await listen((request) => void request.socket.destroy());
    const { post, poster } = rig();
    expect(await post(`http://hooks.acme.com:${port}/`)).toEqual({ failure: 'connection' });
    expect(await post('http://hooks.acme.com:1025/')).toEqual({ failure: 'connection' });
    const slow = await listen(() => void poster.close());
    expect(await post(`http://hooks.acme.com:${slow}/`)).toEqual({ failure: 'connection' });
  });
});

describe('without leave to', () => {
  test.each([
    ['a private address in the URL', 'https://127.0.0.1:PORT/'],
    ['another spelling of it', 'https://2130706433:PORT/'],
    ['an IPv6 address', 'https://[::1]:PORT/'],
    ['no TLS', 'http://hooks.acme.com:PORT/'],
    ['a name that leads to one', 'https://hooks.acme.com:PORT/'],
  ])('no socket is opened: %s', async (_what, url) => {
    let connections = 0;
    const server = createServer().on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await rig(false).post(url.replace('PORT', String(port)))).toEqual({ failure: 'address-refused' });
    expect(connections).toBe(0);
  });
});
