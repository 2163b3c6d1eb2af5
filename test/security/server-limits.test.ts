/**
 * What one client may cost the server before its request reaches the app: time, bytes, connections,
 * over HTTP/1.1 and HTTP/2. A13, A14 and A15 of the attack list.
 */
import { once } from 'node:events';
import { connect } from 'node:tls';
import { anyone, endpoint } from 'bffkit';
import type { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { answerOf, http2Client, rapidResets } from '../support/http2-client.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { getRequest, type RawAnswer, type RawClient, rawClient } from '../support/raw-client.ts';
import { type ServedBff, served } from '../support/served.ts';
import { serverPair, tlsText } from '../support/tls-files.ts';

const Part = z.object({ id: z.string() });
const options = { summary: 'X.', access: anyone(), deadlineMs: 5_000, cost: 0 } as const;
const endpoints = [
  endpoint('GET', '/quick', options).handle(Part, async () => ({ id: '1' })),
  endpoint('POST', '/upload', { ...options, body: z.object({ text: z.string() }) }).handle(
    Part,
    async ({ input }) => ({ id: input.body.text.slice(0, 3) }),
  ),
  endpoint('POST', '/hasty', { ...options, deadlineMs: 100, body: z.object({ text: z.string() }) }).handle(
    Part,
    async ({ input }) => ({ id: input.body.text.slice(0, 3) }),
  ),
];
const limits = {
  headersTimeoutMs: 300,
  requestTimeoutMs: 600,
  keepAliveTimeoutMs: 400,
  maxHeaderBytes: 8_192,
  maxConnections: 20,
  maxRequestsPerSocket: 3,
  checkIntervalMs: 50,
};
/** What the machine may be late. */
const slackMs = 1_000;

let watch: ProcessWatch;
let plain: ServedBff;
let secure: ServedBff;

beforeAll(async () => {
  watch = watchProcess();
  const routes = {
    routes: (app: Hono) => void app.post('/plain', async (c) => c.text(await c.req.text())),
  };
  plain = await served({ endpoints, upstreams: [], ...routes }, { limits });
  secure = await served({ endpoints, upstreams: [], ...routes }, { limits, tls: serverPair });
});

afterEach(() => {
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  await plain.close();
  await secure.close();
  watch.stop();
});

/** Sends `bytes` one by one until the connection ends or an answer is there. */
async function drip(client: RawClient, bytes: string, everyMs = 40): Promise<RawAnswer> {
  const answer = client.answer();
  let index = 0;
  const timer = setInterval(() => client.write(bytes[index++ % bytes.length] ?? ''), everyMs);
  try {
    return await answer;
  } finally {
    clearInterval(timer);
  }
}

/** Milliseconds that `run` takes. */
async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const startMs = performance.now();
  return [await run(), performance.now() - startMs];
}

function expectProblem(answer: RawAnswer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  expect(JSON.parse(answer.body.toString())).toMatchObject({
    status,
    code,
    requestId: answer.headers['x-request-id'],
  });
}

const post = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n`;

describe('time', () => {
  test('A14: headers that drip are answered 408, and the connection is closed', async () => {
    const client = await rawClient(plain.url);
    client.write('GET /quick HTTP/1.1\r\nHost: localhost\r\n');
    const [answer, ms] = await timed(() => drip(client, 'X-A: b\r\n'));
    expectProblem(answer, 408, 'request-timeout');
    expect(ms).toBeGreaterThan(limits.headersTimeoutMs - 50);
    expect(ms).toBeLessThan(limits.headersTimeoutMs + limits.checkIntervalMs + slackMs);
    await client.closed;
    expect(plain.log.at(-1)).toMatchObject({ route: '*', method: '-', status: 408, code: 'request-timeout' });
  });

  test('A15: a body that drips is answered 408 by its route, and the request is let go', async () => {
    const client = await rawClient(plain.url);
    client.write(`${post('/upload')}{"text":"`);
    const [answer, ms] = await timed(() => drip(client, 'a'));
    expectProblem(answer, 408, 'request-timeout');
    expect(ms).toBeGreaterThan(limits.requestTimeoutMs - 50);
    expect(ms).toBeLessThan(limits.requestTimeoutMs + limits.checkIntervalMs + slackMs);
    await client.closed;
    expect(plain.log.at(-1)).toMatchObject({ route: '/upload', method: 'POST', status: 408 });
    expect(plain.bff.liveRequests()).toBe(0);
  });

  test('a body that is slower than the deadline is 408, too, never 504', async () => {
    const client = await rawClient(plain.url);
    client.write(`${post('/hasty')}{"text":"`);
    const [answer, ms] = await timed(() => client.answer());
    expectProblem(answer, 408, 'request-timeout');
    expect(ms).toBeLessThan(limits.requestTimeoutMs);
    await client.closed;
    expect(plain.log.at(-1)).toMatchObject({ route: '/hasty', status: 408 });
  });

  test('a route of its own that waits for a slow body is told so', async () => {
    const client = await rawClient(plain.url);
    client.write(`${post('/plain')}abc`);
    expectProblem(await client.answer(), 408, 'request-timeout');
    await client.closed;
  });

  test('a connection that sends nothing is closed', async () => {
    const client = await rawClient(plain.url);
    const [, ms] = await timed(() => client.closed);
    expect(ms).toBeLessThan(limits.headersTimeoutMs + limits.checkIntervalMs + slackMs);
  });

  test('a connection on which nobody begins a handshake is closed', async () => {
    const client = await rawClient(secure.url);
    const [, ms] = await timed(() => client.closed);
    expect(ms).toBeLessThan(limits.headersTimeoutMs + slackMs);
  });

  test('over HTTP/2 a body that does not arrive is answered 408', async () => {
    const client = await http2Client(secure.url);
    const upload = { ':method': 'POST', 'content-type': 'application/json' };
    for (const path of ['/upload', '/hasty', '/plain']) {
      const stream = client.begin({ ...upload, ':path': path });
      stream.write('{"text":"');
      const answer = await answerOf(stream);
      expect([path, answer.status]).toEqual([path, 408]);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'request-timeout' });
      await vi.waitFor(() => expect(stream.closed).toBe(true), { interval: 5 });
    }
    expect(secure.bff.liveRequests()).toBe(0);
    client.close();
  });

  test('an idle HTTP/2 connection is told to go', async () => {
    const client = await http2Client(secure.url);
    await client.ask({ ':path': '/quick' });
    const [, ms] = await timed(() => client.closed);
    expect(ms).toBeLessThan(limits.keepAliveTimeoutMs + slackMs);
  });
});

describe('bytes', () => {
  test.each([
    ['a header of 20 KB', `GET /quick HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['a URL of 17 KB', `GET /quick?${'a'.repeat(17_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ])('A13: %s is answered 431', async (_what, bytes) => {
    const client = await rawClient(plain.url);
    client.write(bytes);
    const answer = await client.answer();
    expectProblem(answer, 431, 'headers-too-large');
    expect(answer.body.toString()).not.toContain('aaa');
    await client.closed;
  });

  test.each([
    ['GET /quick HTTP/1.1\r\nHost: localhost\r\nBad Name: canary\r\n\r\n', 400, 'malformed-request'],
    ['canary canary\r\n\r\n', 400, 'malformed-request'],
    ['GET /quick HTTP/1.1\r\nHost : localhost\r\n\r\n', 400, 'malformed-request'],
    [
      'POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed-request',
    ],
    ['GET /quick HTTP/1.1\r\nHost: localhost\r\nExpect: canary\r\n\r\n', 417, 'expectation-failed'],
  ])('%j is answered %i without a word of it', async (bytes, status, code) => {
    const client = await rawClient(plain.url);
    client.write(bytes);
    const answer = await client.answer();
    expectProblem(answer, status, code);
    expect(answer.body.toString()).not.toContain('canary');
    await client.closed;
    expect(plain.log.at(-1)).toMatchObject({ route: '*', status, code });
  });

  test('a chunk extension without end is answered 413', async () => {
    const client = await rawClient(plain.url);
    client.write('POST /plain HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    client.write(`2;a=${'b'.repeat(20_000)}\r\nab\r\n0\r\n\r\n`);
    expectProblem(await client.answer(), 413, 'body-too-large');
    await client.closed;
  });

  test('over HTTP/2 it is 431 or, once the client knows the bound, the end of the stream', async () => {
    const client = await http2Client(secure.url);
    const large = { ':path': '/quick', 'x-a': 'a'.repeat(20_000) };
    const answer = await client.ask(large);
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'headers-too-large' });
    expect(secure.log.at(-1)).toMatchObject({ route: '*', status: 431 });
    expect(client.session.remoteSettings).toMatchObject({
      maxHeaderListSize: 8_192,
      maxConcurrentStreams: 100,
    });
    await expect(client.ask(large)).rejects.toThrow('ENHANCE_YOUR_CALM');
    client.close();
  });
});

describe('how many', () => {
  test('the last request a connection may carry says so', async () => {
    const client = await rawClient(plain.url);
    const closing: (string | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      client.write(getRequest('/quick'));
      closing.push((await client.answer()).headers.connection);
    }
    expect(closing).toEqual(['keep-alive', 'keep-alive', 'close']);
    await client.closed;
  });

  test('over HTTP/2, too, without losing one', async () => {
    const client = await http2Client(secure.url);
    for (let round = 0; round < 3; round += 1) {
      expect((await client.ask({ ':path': '/quick' })).status).toBe(200);
    }
    await client.closed;
  });

  test('CVE-2023-44487: a client that resets its streams faster than it may is sent away', async () => {
    const free = await served({ endpoints, upstreams: [] }, { tls: serverPair });
    const { hostname, port, host } = new URL(free.url);
    const options = { ca: tlsText('ca.pem'), ALPNProtocols: ['h2'] };
    const socket = connect({ host: hostname, port: Number(port), ...options });
    socket.on('error', () => {}).resume();
    socket.write(rapidResets(5_000, host));
    await once(socket, 'close');
    const next = await http2Client(free.url);
    expect((await next.ask({ ':path': '/quick' })).status).toBe(200);
    next.close();
    expect(free.log.filter(({ msg }) => msg === 'request').length).toBeLessThan(400);
    await free.close();
  });

  test('a connection beyond the last is closed at once, and the others go on', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(plain.url)));
    const oneMore = await rawClient(plain.url);
    await oneMore.closed;
    clients[0]?.write(getRequest('/quick'));
    expect((await clients[0]?.answer())?.status).toBe(200);
    for (const { socket } of clients) socket.destroy();
    await vi.waitFor(
      async () => {
        const next = await rawClient(plain.url);
        next.write(getRequest('/quick'));
        expect((await next.answer()).status).toBe(200);
        next.socket.destroy();
      },
      { interval: 20 },
    );
  });
});
