/** Proxy routes on real sockets: both ways, slowly, cut off in the middle, and a lot at once. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { anyone, bind, type ProxyOptions, proxy, tokenBucket } from 'bffkit';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { http2Client } from '../support/http2-client.ts';
import { getRequest, rawClient } from '../support/raw-client.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { serverPair } from '../support/tls-files.ts';
import { pour, type Service, service } from './service.ts';

const mebibyte = 1_024 ** 2;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const open: ProxyOptions = {
  access: anyone(),
  deadlineMs: 30_000, // a busy machine is not what is tested
  maxAnswerBytes: 'unlimited',
  maxBodyBytes: 200 * mebibyte,
};

let files: Service;
let bff: ServedBff;
let secure: ServedBff;
let agent: Agent;

const parts = () => ({
  pressure: { level: () => 0 }, // the test itself keeps the event loop busy
  limits: tokenBucket({ capacity: 100_000 }),
  upstreams: [
    bind('files', {
      targets: files.url,
      breaker: neverOpens,
      retry: { attempts: 0 },
      concurrency: { running: 1_024, queued: 1_024 },
    }),
  ],
  endpoints: [
    proxy('GET|POST|PUT /files/*', 'files', open),
    proxy('POST /small', 'files', { ...open, maxBodyBytes: 1_024 }),
  ].flat(),
});

beforeAll(async () => {
  agent = new Agent({ connections: 64 });
  files = await service((_incoming, outgoing) => outgoing.end('hello'));
  bff = await served(parts());
  secure = await served(parts(), { tls: serverPair });
});

afterEach(async () => {
  await until(() => bff.bff.liveRequests() + secure.bff.liveRequests() === 0);
});

afterAll(async () => {
  await agent.close();
  await Promise.all([bff.close(), secure.close()]);
  await files.close();
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 400 && !(await holds()); turn += 1) await wait(10);
  expect(await holds()).toBe(true);
}

function ask(path: string, options: Omit<RequestOptions, 'path'> = {}) {
  const client = httpRequest(`${bff.url}${path}`, { agent: false, ...options });
  client.on('error', () => {});
  return client;
}

async function answerTo(client: ReturnType<typeof ask>): Promise<IncomingMessage> {
  const [incoming] = (await once(client, 'response')) as [IncomingMessage];
  return incoming;
}

async function sizeOf(incoming: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of incoming) bytes += chunk.length;
  return bytes;
}

/** What is held outside the heap once the collector has been there. */
function heldBytes(): number {
  collect();
  collect(); // what the first one found is freed by the second
  return process.memoryUsage().arrayBuffers;
}

/** Reads `body` and looks ten times on the way how much is held. Resolves to its size and the most that was held. */
async function weigh(
  body: AsyncIterable<Buffer>,
  expected: number,
): Promise<readonly [bytes: number, held: number]> {
  let [bytes, most, next] = [0, 0, 0];
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes < next) continue;
    next += expected / 10;
    most = Math.max(most, heldBytes());
  }
  return [bytes, most];
}

describe('downloads', () => {
  test('100 MB go through without being held', async () => {
    files.act = (_incoming, outgoing) => void pour(outgoing, 100 * mebibyte);
    const before = heldBytes();
    const { body } = await request(`${bff.url}/files/big`, { dispatcher: agent });
    const [bytes, held] = await weigh(body, 100 * mebibyte);
    expect(bytes).toBe(100 * mebibyte);
    expect(held - before).toBeLessThan(10 * mebibyte); // of service, gateway and client together
  });

  test('a slow reader holds the service back', async () => {
    let sent = 0;
    files.act = (_incoming, outgoing) => {
      outgoing.on('close', () => outgoing.destroy());
      const piece = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        while (!outgoing.destroyed && outgoing.write(piece)) sent += piece.length;
        sent += piece.length;
        outgoing.once('drain', more);
      };
      more();
    };
    const client = ask('/files/endless');
    client.end();
    const incoming = await answerTo(client);
    incoming.pause();
    let last = -1;
    await until(async () => {
      const isStill = last === sent;
      last = sent;
      await wait(100);
      return isStill && last === sent;
    });
    expect(sent).toBeLessThan(40 * mebibyte); // what three pairs of socket buffers hold, and no more
    client.destroy();
    await until(() => bff.bff.liveRequests() === 0);
  });

  test('a client that leaves ends the exchange at once', async () => {
    let closed = false;
    files.act = (_incoming, outgoing) => {
      outgoing.once('close', () => {
        closed = true;
      });
      outgoing.write('begin');
    };
    const client = ask('/files/long');
    client.end();
    const incoming = await answerTo(client);
    await once(incoming, 'data');
    client.destroy();
    await until(() => closed);
    await until(() => bff.log.some((line) => line.code === 'client-gone'));
  });

  test('a client that leaves before the head ends the exchange', async () => {
    let closed = false;
    const asked = Promise.withResolvers<void>();
    files.act = (_incoming, outgoing) => {
      outgoing.once('close', () => {
        closed = true;
      });
      asked.resolve();
    };
    const client = ask('/files/never');
    client.end();
    await asked.promise;
    client.destroy();
    await until(() => closed);
  });

  test.each([
    ['with a length', { 'content-length': '1000' }],
    ['in chunks', {}],
  ])('a service that breaks off %s takes the connection with it', async (_how, headers) => {
    files.act = (_incoming, outgoing) => {
      outgoing.writeHead(200, headers);
      outgoing.write('begin', () => setTimeout(() => outgoing.destroy(), 20));
    };
    for (const path of ['/files/broken', '/files/bro%6ben']) {
      const client = ask(path);
      client.end();
      const incoming = await answerTo(client);
      await expect(sizeOf(incoming)).rejects.toThrow(/aborted|ECONNRESET/);
    }
    const http2 = await http2Client(secure.url);
    await expect(http2.ask({ ':path': '/files/broken' })).rejects.toThrow();
    http2.close();
  });

  test('a service that breaks off before the first byte of the body does so as well', async () => {
    files.act = (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '1000' });
      outgoing.flushHeaders();
      setTimeout(() => outgoing.destroy(), 20);
    };
    for (const path of ['/files/broken', '/files/bro%6ben']) {
      const client = await rawClient(bff.url);
      client.write(getRequest(path));
      let text = '';
      client.socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      await client.closed;
      expect(text.split('\r\n\r\n')[1] ?? '').toBe('');
      expect(text).not.toContain('Error');
    }
  });

  test('an old client without chunks sees a reset, not an end', async () => {
    files.act = (_incoming, outgoing) => {
      outgoing.write('begin', () => setTimeout(() => outgoing.destroy(), 20));
    };
    const client = await rawClient(bff.url);
    let error: NodeJS.ErrnoException | undefined;
    client.socket.on('error', (thrown) => {
      error = thrown;
    });
    client.write('GET /files/old HTTP/1.0\r\nHost: bff.test\r\n\r\n');
    await client.closed;
    expect(error?.code).toBe('ECONNRESET');
  });

  test('ranges, conditions and HEAD reach the service and come back', async () => {
    files.act = (incoming, outgoing) => {
      const { range, 'if-none-match': tag } = incoming.headers;
      if (tag === '"one"') outgoing.writeHead(304, { etag: '"one"' }).end();
      else if (range === 'bytes=0-1')
        outgoing.writeHead(206, { 'content-range': 'bytes 0-1/5', 'content-length': '2' }).end('he');
      else outgoing.writeHead(200, { 'content-length': '5', etag: '"one"' }).end('hello');
    };
    const url = `${bff.url}/files/x`;
    const part = await request(url, { headers: { range: 'bytes=0-1' } });
    expect([part.statusCode, part.headers['content-range'], await part.body.text()]).toEqual([
      206,
      'bytes 0-1/5',
      'he',
    ]);
    const same = await request(url, { headers: { 'if-none-match': '"one"' } });
    expect([same.statusCode, same.headers.etag, await same.body.text()]).toEqual([304, '"one"', '']);
    const head = await request(url, { method: 'HEAD' });
    expect([head.statusCode, head.headers['content-length'], await head.body.text()]).toEqual([200, '5', '']);
  });

  test('1 000 at once all get their own', async () => {
    files.act = (incoming, outgoing) => void outgoing.end(`for ${incoming.url}`);
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const { body } = await request(`${bff.url}/files/${index}`, { dispatcher: agent });
        return body.text();
      }),
    );
    expect(answers.filter((answer, index) => answer !== `for /files/${index}`)).toEqual([]);
  });

  test('HTTP/2 carries them as well, large ones too', async () => {
    files.act = (incoming, outgoing) =>
      void pour(outgoing, incoming.url === '/files/big' ? 10 * mebibyte : 5);
    const client = await http2Client(secure.url);
    const answers = await Promise.all([
      client.ask({ ':path': '/files/big' }),
      ...Array.from({ length: 20 }, () => client.ask({ ':path': '/files/small' })),
    ]);
    expect(answers.map(({ status, body }) => [status, body.length])).toEqual([
      [200, 10 * mebibyte],
      ...Array.from({ length: 20 }, () => [200, 5]),
    ]);
    client.close();
  });
});

describe('uploads', () => {
  const count = async (incoming: IncomingMessage): Promise<number> => sizeOf(incoming);

  test('100 MB go through without being held, with a length and in chunks', async () => {
    const held: number[] = [];
    files.act = (incoming, outgoing) =>
      void weigh(incoming, 1_600 * 65_536).then(([bytes, most]) => {
        held.push(most);
        outgoing.end(`${bytes} ${incoming.headers['content-length'] ?? 'chunked'}`);
      });
    const chunks = async function* () {
      for (let index = 0; index < 1_600; index += 1) yield Buffer.alloc(65_536);
    };
    const before = heldBytes();
    for (const headers of [{ 'content-length': String(1_600 * 65_536) }, {}]) {
      const options = { method: 'PUT', body: chunks() as never, headers, dispatcher: agent } as const;
      const { body } = await request(`${bff.url}/files/up`, options);
      expect(await body.text()).toBe(`${1_600 * 65_536} ${headers['content-length'] ?? 'chunked'}`);
    }
    expect(Math.max(...held) - before).toBeLessThan(10 * mebibyte);
  });

  test('over HTTP/2 too, with and without a body', async () => {
    files.act = (incoming, outgoing) => void count(incoming).then((bytes) => outgoing.end(String(bytes)));
    const client = await http2Client(secure.url);
    const path = { ':path': '/files/up', ':method': 'POST' };
    expect((await client.ask(path, 'x'.repeat(100_000))).body.toString()).toBe('100000');
    expect((await client.ask(path)).body.toString()).toBe('0');
    client.close();
  });

  test('a client that leaves in the middle never looks like an end', async () => {
    const ended = Promise.withResolvers<string>();
    files.act = (incoming) =>
      void count(incoming).then(
        () => ended.resolve('whole'),
        () => ended.resolve('broken'),
      );
    const client = ask('/files/up', { method: 'POST' });
    client.write('x'.repeat(100_000));
    await until(() => files.requests > 0 && bff.bff.liveRequests() > 0);
    await wait(50);
    client.destroy();
    expect(await ended.promise).toBe('broken');
  });

  test('beyond the cap is 413, and the service never gets the whole', async () => {
    const ended = Promise.withResolvers<string>();
    files.act = (incoming) =>
      void count(incoming).then(
        () => ended.resolve('whole'),
        () => ended.resolve('broken'),
      );
    const client = ask('/small', { method: 'POST' });
    client.write('x'.repeat(1_000));
    await wait(50);
    client.write('x'.repeat(1_000));
    const incoming = await answerTo(client);
    expect([incoming.statusCode, incoming.headers.connection]).toEqual([413, 'close']);
    expect(await ended.promise).toBe('broken');
    client.destroy();
  });

  test('an answer that comes before the end of the body is sent, and closes the connection', async () => {
    files.act = (_incoming, outgoing) =>
      void outgoing.writeHead(409, { 'content-type': 'text/plain' }).end('enough');
    const client = ask('/files/up', { method: 'POST', headers: { 'content-length': '1000000' } });
    client.write('x'.repeat(1_000));
    const incoming = await answerTo(client);
    expect([incoming.statusCode, incoming.headers.connection, await sizeOf(incoming)]).toEqual([
      409,
      'close',
      6,
    ]);
    client.destroy();
  });

  test('nothing is sent twice once a byte of it was sent', async () => {
    files.requests = 0;
    files.act = (incoming) => {
      incoming.once('data', () => incoming.socket.destroy());
    };
    const { statusCode } = await request(`${bff.url}/files/up`, { method: 'PUT', body: 'once' });
    expect([statusCode, files.requests]).toEqual([502, 1]);
  });
});

describe('smuggling', () => {
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: files\r\n\r\n';
  test.each([
    [
      'two framings',
      `POST /files/x HTTP/1.1\r\nHost: bff.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'two lengths',
      `POST /files/x HTTP/1.1\r\nHost: bff.test\r\nContent-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    ],
    [
      'a coding nobody knows',
      `POST /files/x HTTP/1.1\r\nHost: bff.test\r\nTransfer-Encoding: xchunked\r\n\r\n${smuggled}`,
    ],
    [
      'a body of a GET',
      `GET /files/x HTTP/1.1\r\nHost: bff.test\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    ],
    ['a line in a target', `GET /files/x%0d%0aHost:%20a HTTP/1.1\r\nHost: bff.test\r\n\r\n`],
    ['a climbing path', 'GET /files/../admin HTTP/1.1\r\nHost: bff.test\r\n\r\n'],
    ['a climbing path in disguise', 'GET /files/%2e%2e/admin HTTP/1.1\r\nHost: bff.test\r\n\r\n'],
    ['another host', 'GET http://files.internal/files/x HTTP/1.1\r\nHost: bff.test\r\n\r\n'],
    [
      'a header that another program reads differently',
      'GET /files/x HTTP/1.1\r\nHost: bff.test\r\nX_User_Id: 1\r\n\r\n',
    ],
  ])('%s reaches no service', async (_what, bytes) => {
    files.requests = 0;
    files.act = (_incoming, outgoing) => void outgoing.end('hello');
    const client = await rawClient(bff.url);
    client.write(bytes);
    const { status } = await client.answer();
    expect(status).toBeGreaterThanOrEqual(400);
    client.socket.destroy();
    await client.closed;
    expect(files.requests).toBe(0);
  });

  test('chunks of a client become chunks of our own', async () => {
    let seen: IncomingMessage | undefined;
    files.act = (incoming, outgoing) => {
      seen = incoming;
      void sizeOf(incoming).then((bytes) => outgoing.end(String(bytes)));
    };
    const client = await rawClient(bff.url);
    client.write(
      'POST /files/x HTTP/1.1\r\nHost: bff.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Trailer: evil\r\n\r\n',
    );
    const answer = await client.answer();
    expect([answer.status, seen?.headers['transfer-encoding'], seen?.trailers]).toEqual([200, 'chunked', {}]);
    client.socket.destroy();
  });
});
