/**
 * Serving with Node's HTTP server: the admin port, what the wire carries, bounds of uploads.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { anyone, bind, defineBff, endpoint, get, upstream } from 'bffkit';
import { serve } from 'bffkit/node';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { getRequest, rawClient } from '../support/raw-client.ts';
import { type ServedBff, served } from '../support/served.ts';

const Part = z.object({ id: z.string() });
const List = z.object({ items: z.array(Part) });
const Text = z.object({ text: z.string() });
const texts = {
  ascii: 'cafe',
  latin: 'café',
  euro: '5 €',
  cjk: '咖啡',
  pair: '\u{1f600}',
  half: '\ud83d',
} as const;
type TextName = keyof typeof texts;
const shop = upstream('shop', {
  operations: { list: get('/list', { response: List }), broken: get('/broken', { response: Part }) },
});
const options = { summary: 'X.', access: anyone(), deadlineMs: 2_000, cost: 0 } as const;
const endpoints = [
  endpoint('GET', '/list', options)
    .plan(({ call }) => ({ list: call(shop.list, () => ({})) }))
    .respond(List, ({ list }) => list),
  endpoint('GET', '/partly/:id', options)
    .plan(({ optional }) => ({ part: optional(shop.broken, () => ({}), { fallback: () => ({ id: '' }) }) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/text/:name', options).handle(Text, async ({ input }) => ({
    text: texts[input.params.name as TextName].repeat(500),
  })),
  endpoint('GET', '/small', options).handle(Part, async () => ({ id: '1' })),
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
const agent = new Agent();

beforeAll(async () => {
  watch = watchProcess();
  service = await faultyUpstream((socket, seen) => {
    const mode = seen.path === '/list' ? faults.ok(list) : faults.status(500);
    mode(socket, seen);
  });
  bff = await served({ endpoints, upstreams: [bind(shop, { targets: service.url })] });
});

afterEach(() => {
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  await agent.close();
  await bff.close();
  await service.close();
  watch.stop();
});

interface Fetched {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

async function fetched(
  url: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'HEAD' = 'GET',
): Promise<Fetched> {
  const answer = await request(url, { method, headers, dispatcher: agent });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.from(await answer.body.arrayBuffer()),
  };
}

const jsonOf = ({ body }: Fetched): unknown => JSON.parse(body.toString());

// The admin port

test('the admin port says that the process lives and is ready, and what it is', async () => {
  expect(jsonOf(await fetched(`${bff.adminUrl}/livez`))).toEqual({ status: 'ok' });
  const ready = await fetched(`${bff.adminUrl}/readyz`);
  expect([ready.status, jsonOf(ready)]).toEqual([200, { status: 'ready' }]);
  expect(jsonOf(await fetched(`${bff.adminUrl}/readyz?verbose`))).toMatchObject({
    status: 'ready',
    liveRequests: 0,
    upstreams: [
      {
        upstream: 'shop',
        breakers: [{ upstream: 'shop', state: 'closed' }],
        targets: [{ pending: 0, health: 'unknown', ejectedForMs: 0 }],
        bulkhead: { running: 0, waiting: 0, limit: 64 },
        retryBudget: { spent: 0, allowed: 30 },
        off: [],
      },
    ],
  });
  expect(jsonOf(await fetched(`${bff.adminUrl}/`))).toMatchObject({ name: 'test', owner: '@acme/test' });
});

test('readiness does not depend on the services behind', async () => {
  await service.refuse();
  expect((await fetched(`${bff.adminUrl}/readyz`)).status).toBe(200);
  expect((await fetched(`${bff.adminUrl}/livez`)).status).toBe(200);
  await service.accept();
});

test('the graph is served as it is', async () => {
  expect(jsonOf(await fetched(`${bff.adminUrl}/graph`))).toEqual(bff.bff.graph);
});

test.each(['/livez', '/readyz', '/metrics', '/graph'])('%s is not on the public port', async (path) => {
  expect((await fetched(bff.url + path)).status).toBe(404);
});

test('metrics count requests by template and status, calls by outcome, and what was left out', async () => {
  await fetched(`${bff.url}/partly/secret-7`);
  await fetched(`${bff.url}/nowhere/secret-8`);
  const answer = await fetched(`${bff.adminUrl}/metrics`);
  const text = answer.body.toString();
  expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4');
  expect(countOf(text, 'bff_http_request_duration_seconds_count', 'route="/partly/:id",status="200"')).toBe(
    1,
  );
  expect(countOf(text, 'bff_http_request_problems_total', 'route="*",code="not-found"')).toBeGreaterThan(0);
  expect(countOf(text, 'bff_degraded_nodes_total', 'node="part"')).toBe(1);
  expect(
    countOf(text, 'bff_upstream_call_duration_seconds_count', 'operation="broken",outcome="upstream-error"'),
  ).toBe(1);
  expect(countOf(text, 'bff_breaker_open', 'upstream="shop"')).toBe(0);
  expect(text).not.toContain('secret-');
});

/** The value of the one sample of `metric` that has these labels. */
function countOf(text: string, metric: string, labels: string): number {
  const samples = text.split('\n').filter((line) => line.startsWith(`${metric}{`) && line.includes(labels));
  expect(samples).toHaveLength(1);
  return Number(samples[0]?.split(' ').at(-1));
}

// Ports and options

test('a taken port is one clear error, and nothing stays open', async () => {
  const blocker = createServer();
  const port = await freePort(blocker);
  const start = (ports: { readonly port: number; readonly adminPort: number }) => {
    const idle = defineBff({ name: 'web', owner: '@acme/web', endpoints: [], upstreams: [] });
    return serve(idle, { ...ports, hostname: '127.0.0.1', signals: false });
  };
  await expect(start({ port, adminPort: 0 })).rejects.toThrow(
    `port ${port} is taken (web); free it or configure another one`,
  );
  const free = createServer();
  const publicPort = await freePort(free);
  free.close();
  await expect(start({ port: publicPort, adminPort: port })).rejects.toThrow(
    `port ${port} is taken (web admin); free it or configure another one`,
  );
  await expect(rawClient(`http://127.0.0.1:${publicPort}`)).rejects.toThrow('ECONNREFUSED');
  blocker.close();
});

/** Lets `server` listen on a free port. */
async function freePort(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test.each<[string, object, string]>([
  ['an unknown option', { grace: 1 }, "serve: unknown option 'grace'; did you mean 'graceMs'?"],
  ['a port out of range', { port: 65_536 }, 'serve: port must be a number from 0 to 65535, got 65536'],
  [
    'no admin port',
    { adminPort: undefined },
    'serve: adminPort must be a whole number from 0 to 65535, got undefined',
  ],
  ['a negative grace', { graceMs: -1 }, 'serve: graceMs must be a number from 0 to 600000, got -1'],
  [
    'an endless drain',
    { drainMs: Number.POSITIVE_INFINITY },
    'serve: drainMs must be a number from 0 to 600000, got Infinity',
  ],
  [
    'headers that may take longer than their request',
    { limits: { headersTimeoutMs: 600, requestTimeoutMs: 500 } },
    'serve: limits: headersTimeoutMs must be at most requestTimeoutMs 500, got 600',
  ],
  ['a short token', { adminToken: 'secret' }, 'adminToken must have at least 32 characters, got 6'],
])('serve refuses %s', async (_what, wrong, message) => {
  const start = serve(bff.bff, { port: 0, adminPort: 0, signals: false, ...wrong });
  await expect(start).rejects.toThrow(RangeError);
  await expect(start).rejects.toThrow(message);
});

test('a token of the admin port is asked for, except by probes', async () => {
  const adminToken = 'a-secret-of-at-least-32-characters';
  const own = await served({ endpoints, upstreams: [bind(shop, { targets: service.url })] }, { adminToken });
  expect((await fetched(`${own.adminUrl}/graph`)).status).toBe(401);
  expect((await fetched(`${own.adminUrl}/graph`, { authorization: `Bearer ${adminToken}` })).status).toBe(
    200,
  );
  expect((await fetched(`${own.adminUrl}/readyz`)).status).toBe(200);
  await own.close();
});

// Bytes on the wire

test.each([
  ['br', 'br', brotliDecompressSync],
  ['gzip', 'gzip', gunzipSync],
  ['gzip;q=1, br;q=0.5', 'gzip', gunzipSync],
  ['zstd', 'zstd', zstdDecompressSync],
  ['deflate, *', 'br', brotliDecompressSync],
])('Accept-Encoding: %s gets %s', async (acceptEncoding, coding, decode) => {
  const answer = await fetched(`${bff.url}/list`, { 'accept-encoding': acceptEncoding });
  expect(answer.headers).toMatchObject({
    'content-encoding': coding,
    'content-length': String(answer.body.byteLength),
    vary: 'Accept-Encoding',
    etag: expect.stringMatching(/^W\/"[\w-]+"$/),
  });
  expect(answer.body.byteLength).toBeLessThan(listText.length);
  expect(decode(answer.body).toString()).toBe(listText);
});

test.each(Object.keys(texts) as TextName[])(
  'text of %s comes as its UTF-8, with any coding',
  async (name) => {
    const text = JSON.stringify({ text: texts[name].repeat(500) });
    const url = `${bff.url}/text/${name}`;
    const plain = await fetched(url);
    expect(plain.body).toEqual(Buffer.from(text));
    expect(plain.headers['content-length']).toBe(String(Buffer.byteLength(text)));
    const encoded = await fetched(url, { 'accept-encoding': 'br' });
    expect(brotliDecompressSync(encoded.body)).toEqual(plain.body);
    expect(encoded.headers.etag).toBe(`W/${String(plain.headers.etag)}`);
    const again = await fetched(url, { 'if-none-match': String(plain.headers.etag) });
    expect([again.status, again.body.byteLength]).toEqual([304, 0]);
  },
);

test.each([undefined, 'identity', 'br;q=0, gzip;q=0', 'deflate'])(
  'Accept-Encoding: %s gets the bytes as they are',
  async (acceptEncoding) => {
    const answer = await fetched(
      `${bff.url}/list`,
      acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding },
    );
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers.vary).toBe('Accept-Encoding');
    expect(answer.headers.etag).toMatch(/^"[\w-]+"$/);
    expect(answer.body.toString()).toBe(listText);
  },
);

test('a small body is not encoded', async () => {
  const answer = await fetched(`${bff.url}/small`, { 'accept-encoding': 'br, gzip' });
  expect(answer.headers['content-encoding']).toBeUndefined();
  expect(answer.body.toString()).toBe('{"id":"1"}');
});

test.each(['identity', 'br', 'gzip'])(
  'a client that has the body (%s) gets 304 without one',
  async (coding) => {
    const first = await fetched(`${bff.url}/list`, { 'accept-encoding': coding });
    const again = await fetched(`${bff.url}/list`, {
      'accept-encoding': coding,
      'if-none-match': String(first.headers.etag),
    });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect(again.headers.etag).toBeDefined();
    expect(again.headers.vary).toBe('Accept-Encoding');
    expect(again.headers['content-length']).toBeUndefined();
    const stale = await fetched(`${bff.url}/list`, { 'if-none-match': '"another"' });
    expect(stale.status).toBe(200);
  },
);

test('HEAD has the headers of GET and no body', async () => {
  const head = await fetched(`${bff.url}/list`, {}, 'HEAD');
  expect(head.status).toBe(200);
  expect(head.headers['content-length']).toBe(String(listText.length));
  expect(head.body).toHaveLength(0);
});

test('one connection serves many requests', async () => {
  const client = await rawClient(bff.url);
  for (let round = 0; round < 3; round += 1) {
    client.write(getRequest('/small'));
    expect((await client.answer()).body.toString()).toBe('{"id":"1"}');
  }
  client.socket.destroy();
});

// Uploads

const upload = (headers: string): string =>
  `POST /upload HTTP/1.1\r\nHost: bff.test\r\nContent-Type: application/json\r\n${headers}\r\n`;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

test('a chunked upload within its bound is read', async () => {
  const client = await rawClient(bff.url);
  client.write(upload('Transfer-Encoding: chunked\r\n'));
  client.write(chunk('{"text":"') + chunk('a'.repeat(900)) + chunk('"}') + chunk(''));
  expect((await client.answer()).body.toString()).toBe('{"id":"aaa"}');
  client.socket.destroy();
});

test('a chunked upload that grows beyond its bound is refused before its end', async () => {
  const client = await rawClient(bff.url);
  client.write(upload('Transfer-Encoding: chunked\r\n'));
  client.write(chunk('{"text":"') + chunk('a'.repeat(600)));
  client.write(chunk('a'.repeat(600)));
  const answer = await client.answer();
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'body-too-large' });
  expect(answer.headers.connection).toBe('close');
  await client.closed;
});

test('an upload announced too large is refused before it is read', async () => {
  const client = await rawClient(bff.url);
  client.write(upload('Content-Length: 1001\r\n'));
  const answer = await client.answer();
  expect(answer.status).toBe(413);
  expect(answer.headers.connection).toBe('close');
  client.socket.destroy();
});

test('a client that asks first is invited only when its upload may come', async () => {
  const client = await rawClient(bff.url);
  client.write(upload('Content-Length: 14\r\nExpect: 100-continue\r\n'));
  expect((await client.answer()).status).toBe(100);
  client.write('{"text":"abc"}');
  expect((await client.answer()).body.toString()).toBe('{"id":"abc"}');
  client.socket.destroy();
});
