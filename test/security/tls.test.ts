/**
 * The gateway terminates TLS: HTTP/2 and HTTP/1.1 on one port, through the whole pipeline.
 */
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { brotliDecompressSync } from 'node:zlib';
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { streamSSE } from 'hono/streaming';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { answerOf, type Http2Client, http2Client } from '../support/http2-client.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { type ServedBff, served } from '../support/served.ts';
import { serverPair, tlsFile, tlsText } from '../support/tls-files.ts';

const Part = z.object({ id: z.string() });
const List = z.object({ items: z.array(Part) });
const shop = upstream('shop', {
  operations: { list: get('/list', { response: List }), slow: get('/slow', { response: Part }) },
});
const options = { summary: 'X.', access: anyone(), deadlineMs: 5_000, cost: 0 } as const;
const endpoints = [
  endpoint('GET', '/list', options)
    .plan(({ call }) => ({ list: call(shop.list, () => ({})) }))
    .respond(List, ({ list }) => list),
  endpoint('GET', '/slow', options)
    .plan(({ call }) => ({ part: call(shop.slow, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/parts/:id', options).handle(Part, async ({ input }) => ({
    id: (input.params as { readonly id: string }).id,
  })),
  endpoint('POST', '/upload', {
    ...options,
    body: z.object({ text: z.string() }),
    maxBodyBytes: 1_000,
  }).handle(Part, async ({ input }) => ({ id: input.body.text.slice(0, 3) })),
];
const list = { items: Array.from({ length: 200 }, (_, index) => ({ id: `prd_${index}` })) };
const listText = JSON.stringify(list);

let watch: ProcessWatch;
let service: FaultyUpstream;
let bff: ServedBff;
let client: Http2Client;

beforeAll(async () => {
  watch = watchProcess();
  service = await faultyUpstream((socket, seen) => {
    const mode = seen.path === '/list' ? faults.ok(list) : faults.hang;
    mode(socket, seen);
  });
  bff = await served(
    {
      endpoints,
      upstreams: [bind(shop, { targets: service.url })],
      routes: (app) => {
        app.get('/events', (c) =>
          streamSSE(c, async (stream) => {
            await stream.writeSSE({ data: 'one' });
            await stream.writeSSE({ data: 'two' });
          }),
        );
        app.get('/hop', (c) => c.text('text', 200, { Connection: 'close', 'Keep-Alive': 'timeout=5' }));
      },
    },
    { tls: serverPair },
  );
  client = await http2Client(bff.url);
});

afterEach(() => {
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  client.close();
  await bff.close();
  await service.close();
  watch.stop();
});

const path = (target: string) => ({ ':path': target });

/** One handshake; what it settled on. */
async function handshake(url: string, options: object = {}): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const socket = connectTls({ host: hostname, port: Number(port), ca: tlsText('ca.pem'), ...options });
  await once(socket, 'secureConnect');
  return socket;
}

test('the address says https, that of the admin port http', () => {
  expect(bff.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(bff.adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each([
  [['h2', 'http/1.1'], 'h2'],
  [['http/1.1'], 'http/1.1'],
])('a client that offers %j gets %s', async (ALPNProtocols, chosen) => {
  const socket = await handshake(bff.url, { ALPNProtocols });
  expect(socket.alpnProtocol).toBe(chosen);
  socket.destroy();
});

test.each([
  ['a protocol nobody speaks', { ALPNProtocols: ['spdy/3'] }],
  ['TLS 1.1', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  ['RC4 and the like', { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA@SECLEVEL=0', ALPNProtocols: ['h2'] }],
])('the handshake fails with %s', async (_what, options) => {
  const socket = handshake(bff.url, options).then((open) => {
    const { alpnProtocol } = open;
    return open.destroy() && alpnProtocol;
  });
  await expect(socket).rejects.toThrow(/alert|protocol|cipher/i);
});

// HTTP/2 through the whole pipeline

test('a request over HTTP/2 is answered as over HTTP/1.1', async () => {
  const answer = await client.ask(path('/parts/p1'));
  expect(answer.status).toBe(200);
  expect(answer.body.toString()).toBe('{"id":"p1"}');
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': '11',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(Object.keys(answer.headers)).not.toContain('connection');
});

test('compression, validators and HEAD work', async () => {
  const answer = await client.ask({ ...path('/list'), 'accept-encoding': 'br' });
  expect(brotliDecompressSync(answer.body).toString()).toBe(listText);
  const again = await client.ask({
    ...path('/list'),
    'accept-encoding': 'br',
    'if-none-match': String(answer.headers.etag),
  });
  expect([again.status, again.body.length]).toEqual([304, 0]);
  const head = await client.ask({ ...path('/list'), ':method': 'HEAD' });
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
    200,
    String(listText.length),
    0,
  ]);
});

test('an upload within its bound is read, a larger one is refused and its stream ended', async () => {
  const post = { ...path('/upload'), ':method': 'POST', 'content-type': 'application/json' };
  const good = await client.ask(post, '{"text":"abcdef"}');
  expect(good.body.toString()).toBe('{"id":"abc"}');
  const bad = await client.ask(post, JSON.stringify({ text: 'a'.repeat(2_000) }));
  expect([bad.status, JSON.parse(bad.body.toString()).code]).toEqual([413, 'body-too-large']);
  const endless = client.begin(post);
  endless.write('a'.repeat(1_500));
  const answer = await answerOf(endless);
  expect(answer.status).toBe(413);
  await vi.waitFor(() => expect(endless.closed).toBe(true), { interval: 5 });
  expect((await client.ask(path('/parts/p2'))).status).toBe(200);
});

test('many streams on one connection are answered each with its own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => client.ask(path(`/parts/p${index}`))),
  );
  expect(answers.map(({ body }) => body.toString())).toEqual(
    Array.from({ length: 300 }, (_, index) => `{"id":"p${index}"}`),
  );
});

test('a client that resets its stream ends the calls made for it, and nothing else', async () => {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const { mode } = service;
  service.mode = (socket) => {
    asked.resolve();
    socket.once('close', () => ended.resolve());
  };
  const stream = client.begin(path('/slow'), { endStream: true });
  await asked.promise;
  service.mode = mode;
  stream.close(8);
  await ended.promise;
  await vi.waitFor(() =>
    expect(bff.log.findLast(({ route }) => route === '/slow')).toMatchObject({ code: 'client-gone' }),
  );
  expect((await client.ask(path('/parts/p3'))).status).toBe(200);
});

test('headers that HTTP/2 does not have are dropped, whoever sets them', async () => {
  const events = await client.ask(path('/events'));
  expect(events.body.toString()).toBe('data: one\n\ndata: two\n\n');
  const hop = await client.ask(path('/hop'));
  expect(hop.body.toString()).toBe('text');
  for (const { headers } of [events, hop]) {
    expect(Object.keys(headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(connection|keep-alive|transfer-encoding)$/)]),
    );
  }
});

test('what no endpoint has is a problem', async () => {
  const missing = await client.ask(path('/nowhere'));
  expect([missing.status, JSON.parse(missing.body.toString()).code]).toEqual([404, 'not-found']);
  const wrong = await client.ask({ ...path('/list'), ':method': 'DELETE' });
  expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD']);
});

test('an expectation that nobody can meet is 417', async () => {
  const answer = await client.ask({ ...path('/list'), expect: 'miracles' });
  expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([417, 'expectation-failed']);
});

test('a Host beside :authority that differs is refused', async () => {
  const answer = await client.ask({
    ...path('/list'),
    ':authority': new URL(bff.url).host,
    host: 'localhost:1',
  });
  expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([400, 'bad-request-header']);
});

test('HTTP/1.1 on the same port is as it is without TLS', async () => {
  const agent = new Agent({ connect: { ca: tlsText('ca.pem') }, allowH2: false });
  const answer = await request(`${bff.url}/list`, {
    dispatcher: agent,
    headers: { 'accept-encoding': 'br' },
  });
  expect(answer.statusCode).toBe(200);
  expect(brotliDecompressSync(Buffer.from(await answer.body.arrayBuffer())).toString()).toBe(listText);
  const events = await request(`${bff.url}/events`, { dispatcher: agent });
  expect(await events.body.text()).toBe('data: one\n\ndata: two\n\n');
  await agent.close();
});

test('browsers are told to come by https only', async () => {
  const answer = await client.ask(path('/parts/p1'));
  expect(answer.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
});

// The certificate

/** Copies of a pair that a test may replace, served. */
async function replaceable() {
  const folder = await mkdtemp(join(tmpdir(), 'tls-'));
  const files = { certFile: join(folder, 'tls.pem'), keyFile: join(folder, 'tls.key') };
  const replace = async (name: string): Promise<void> => {
    await copyFile(tlsFile(`${name}.pem`), files.certFile);
    await copyFile(tlsFile(`${name}.key`), files.keyFile);
  };
  await replace('server');
  const own = await served({ endpoints, upstreams: [bind(shop, { targets: service.url })] }, { tls: files });
  const problems = (): unknown[] => own.log.filter(({ msg }) => msg === 'problem').map(({ cause }) => cause);
  const close = async (): Promise<void> => {
    await own.close();
    await rm(folder, { recursive: true });
  };
  return { own, files, replace, problems, close };
}

/** The common name of the certificate that a new connection gets. */
async function servedName(url: string, options: object = {}): Promise<unknown> {
  const socket = await handshake(url, options);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

const eventually = { interval: 20, timeout: 8_000 };

test('a new certificate counts for new handshakes, while open connections live on', async () => {
  const { own, replace, problems, close } = await replaceable();
  const old = await http2Client(own.url);
  const agent = new Agent({ connect: { ca: tlsText('ca.pem') }, connections: 1 });
  const http1 = async (): Promise<number> => {
    const answer = await request(`${own.url}/parts/p1`, { dispatcher: agent });
    await answer.body.dump();
    return answer.statusCode;
  };
  await http1();
  expect(await servedName(own.url)).toBe('first server');
  await replace('second-server');
  await vi.waitFor(async () => expect(await servedName(own.url)).toBe('second server'), eventually);
  expect((await old.ask(path('/parts/p1'))).status).toBe(200);
  expect(await http1()).toBe(200);
  expect(old.session.destroyed).toBe(false);
  expect(problems()).toEqual([]);
  old.close();
  await agent.close();
  await close();
});

test('a client resumes the session it began under the old certificate', async () => {
  const { own, replace, close } = await replaceable();
  const resumed = async (
    session?: Buffer,
  ): Promise<{ readonly isReused: boolean; readonly ticket: Buffer }> => {
    const socket = await handshake(own.url, { session, maxVersion: 'TLSv1.2', ALPNProtocols: ['h2'] });
    const found = { isReused: socket.isSessionReused(), ticket: socket.getSession() ?? Buffer.alloc(0) };
    socket.destroy();
    return found;
  };
  const { ticket } = await resumed();
  await replace('second-server');
  await vi.waitFor(async () => expect(await servedName(own.url)).toBe('second server'), eventually);
  expect((await resumed(ticket)).isReused).toBe(true);
  await close();
});

test('a pair that cannot be used is told of and leaves the old one in use', async () => {
  const { own, files, replace, problems, close } = await replaceable();
  await copyFile(tlsFile('second-server.key'), files.keyFile);
  await vi.waitFor(
    () => expect(problems()).toEqual([expect.stringMatching(/^RangeError: .* do not belong together$/)]),
    eventually,
  );
  expect(await servedName(own.url)).toBe('first server');
  await writeFile(files.certFile, 'not a certificate');
  await vi.waitFor(() => expect(problems()).toHaveLength(2), eventually);
  expect(problems()[1]).toMatch(/cannot be used \(ERR_OSSL_PEM_NO_START_LINE\)$/);
  await rm(files.keyFile);
  await vi.waitFor(() => expect(problems()).toHaveLength(3), eventually);
  expect(problems()[2]).toMatch(/tls\.key' cannot be read \(ENOENT\)$/);
  expect(await servedName(own.url)).toBe('first server');
  await replace('second-server');
  await vi.waitFor(async () => expect(await servedName(own.url)).toBe('second server'), eventually);
  await close();
});

test('the oldest version and the protocols can be chosen, and stay when the certificate changes', async () => {
  const own = await served(
    { endpoints, upstreams: [bind(shop, { targets: service.url })] },
    { tls: { ...serverPair, minVersion: 'TLSv1.3', http2: false } },
  );
  const socket = await handshake(own.url, { ALPNProtocols: ['h2', 'http/1.1'] });
  expect([socket.alpnProtocol, socket.getProtocol()]).toEqual(['http/1.1', 'TLSv1.3']);
  socket.destroy();
  await expect(handshake(own.url, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert|protocol/i);
  const agent = new Agent({ connect: { ca: tlsText('ca.pem') } });
  const answer = await request(`${own.url}/parts/p1`, { dispatcher: agent });
  expect(await answer.body.text()).toBe('{"id":"p1"}');
  expect(answer.headers['strict-transport-security']).toBeDefined();
  await agent.close();
  await own.close();
});

test.each<[string, object, RegExp]>([
  [
    'no certificate',
    { certFile: undefined },
    /serve: tls: certFile must be the path of a PEM file, got 'undefined'/,
  ],
  [
    'a missing file',
    { keyFile: '/nowhere/tls.key' },
    /serve: tls: keyFile '\/nowhere\/tls.key' cannot be read \(ENOENT\)/,
  ],
  [
    'a key of another certificate',
    { keyFile: tlsFile('client.key') },
    /client\.key' do not belong together$/,
  ],
  [
    'a file that is no key',
    { keyFile: tlsFile('README.md') },
    /README\.md' cannot be used \(ERR_OSSL_\w+\)$/,
  ],
  ['an old version', { minVersion: 'TLSv1.1' }, /minVersion must be TLSv1.2 or TLSv1.3, got 'TLSv1.1'/],
  ['a wrong flag', { http2: 'no' }, /http2 must be true or false, got no/],
  [
    'an unknown option',
    { certfile: 'x' },
    /serve: tls: unknown option 'certfile'; did you mean 'certFile'\?/,
  ],
])('serve refuses %s', async (_what, wrong, message) => {
  const tls = { ...serverPair, ...wrong } as typeof serverPair;
  const start = served({ endpoints: [], upstreams: [] }, { tls });
  await expect(start).rejects.toThrow(RangeError);
  await expect(start).rejects.toThrow(message);
});
