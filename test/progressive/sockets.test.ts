/**
 * Progressive answers over real connections, HTTP/1.1 and HTTP/2: each line is on the wire before the next
 * part is there, a slow reader holds nothing up but itself, and who leaves cancels the rest.
 */
import { once } from 'node:events';
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
// @boundaries-ignore the client is published for browsers, and not to be installed here by its name
import { acceptProgressive, readProgressive } from '../../core/src/client/read-progressive.ts';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type Http2Client, http2Client } from '../support/http2-client.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { getRequest, rawClient } from '../support/raw-client.ts';
import { type ServedBff, served } from '../support/served.ts';
import { serverPair } from '../support/tls-files.ts';

const Part = z.object({ id: z.string() });
const fast = upstream('fast', { operations: { get: get('/part', { response: Part }) } });
const slow = upstream('slow', { operations: { get: get('/part', { response: Part }) } });
const Screen = z.object({ first: z.string(), later: z.string(), text: z.string() });

const screen = (path: string, size: number) =>
  endpoint('GET', path, {
    summary: 'A screen.',
    access: anyone(),
    deadlineMs: 10_000,
    cost: 0,
    progressive: true,
  })
    .plan(({ call, optional }) => ({
      first: call(fast.get, () => ({})),
      later: optional(slow.get, () => ({}), { fallback: () => ({ id: 'none' }) }),
    }))
    .respond(Screen, ({ first, later }) => ({ first: first.id, later: later.id, text: 'x'.repeat(size) }));

let watch: ProcessWatch;
let quick: FaultyUpstream;
let late: FaultyUpstream;
let bff: ServedBff;
let secure: ServedBff;
let http2: Http2Client;
/** Lets the late service answer. */
let answerLate = (): void => {};
let asked = Promise.withResolvers<{ readonly closed: Promise<number> }>();

beforeAll(async () => {
  watch = watchProcess();
  quick = await faultyUpstream(faults.ok({ id: 'one' }));
  late = await faultyUpstream(faults.hang);
  const parts = {
    endpoints: [screen('/screen', 10), screen('/large', 8_000_000)],
    upstreams: [bind(fast, { targets: quick.url }), bind(slow, { targets: late.url })],
  };
  bff = await served(parts);
  secure = await served(parts, { tls: serverPair });
  http2 = await http2Client(secure.url);
});

beforeEach(() => {
  asked = Promise.withResolvers();
  late.mode = (socket, request) => {
    answerLate = () => faults.ok({ id: 'two' })(socket, request);
    asked.resolve(request);
  };
});

afterAll(async () => {
  http2.close();
  await Promise.all([bff.close(), secure.close()]);
  await Promise.all([quick.close(), late.close()]);
  expect(watch.complaints).toEqual([]);
  watch.stop();
});

const accept = { accept: acceptProgressive };
const firstLine = '{"value":{"first":"one","later":"none","text":"xxxxxxxxxx"},"pending":["later"]}\n';
const lastLine = '{"patch":[{"op":"replace","path":"/later","value":"two"}],"done":true,"headers":{}}\n';

test('over HTTP/1.1 the first line is there while the rest is under way', async () => {
  const response = await fetch(`${bff.url}/screen`, {
    headers: { ...accept, 'accept-encoding': 'br, gzip' },
  });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/x-ndjson',
    'cache-control': 'private, no-store, no-transform',
    'x-accel-buffering': 'no',
    'transfer-encoding': 'chunked',
    vary: expect.stringContaining('Accept'),
  });
  for (const name of ['content-encoding', 'content-length', 'etag'])
    expect(response.headers.get(name)).toBeNull();
  const reader = response.body?.getReader();
  const decode = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString();
  expect(decode((await reader?.read())?.value)).toBe(firstLine);
  await asked.promise;
  answerLate();
  expect(decode((await reader?.read())?.value)).toBe(lastLine);
  expect((await reader?.read())?.done).toBe(true);
});

test('over HTTP/2, too', async () => {
  const stream = http2.begin(
    { ':path': '/screen', ':authority': 'bff.test', ...accept },
    { endStream: true },
  );
  const [headers] = await once(stream, 'response');
  expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/x-ndjson' });
  stream.setEncoding('utf8');
  expect(await once(stream, 'data')).toEqual([firstLine]);
  await asked.promise;
  answerLate();
  expect(await once(stream, 'data')).toEqual([lastLine]);
  await once(stream, 'end');
});

test('the first line does not wait for a slow part', async () => {
  late.mode = faults.slow(2_000, { id: 'two' });
  const began = performance.now();
  let firstMs = Number.POSITIVE_INFINITY;
  const { value } = await readProgressive(await fetch(`${bff.url}/screen`, { headers: accept }), () => {
    firstMs = Math.min(firstMs, performance.now() - began);
  });
  expect(firstMs).toBeLessThan(500);
  expect(performance.now() - began).toBeGreaterThan(1_900);
  expect(value).toMatchObject({ later: 'two' });
});

test('who reads with the client gets what everyone else gets', async () => {
  late.mode = faults.ok({ id: 'two' });
  const [lines, whole] = await Promise.all([
    fetch(`${bff.url}/large`, { headers: accept }).then((response) => readProgressive(response)),
    fetch(`${bff.url}/large`).then((response) => response.json()),
  ]);
  expect(lines.value).toEqual(whole);
});

test.each(['HTTP/1.1', 'HTTP/2'])(
  'a client that leaves after the first line cancels the rest (%s)',
  async (version) => {
    const gateway = version === 'HTTP/2' ? secure : bff;
    if (version === 'HTTP/2') {
      const stream = http2.begin(
        { ':path': '/screen', ':authority': 'bff.test', ...accept },
        { endStream: true },
      );
      await once(stream, 'data');
      stream.close(8);
    } else {
      const client = await rawClient(bff.url);
      client.write(getRequest('/screen', `Accept: ${acceptProgressive}\r\n`));
      await once(client.socket, 'data');
      client.socket.destroy();
    }
    await (await asked.promise).closed;
    await vi.waitFor(() => expect(gateway.bff.liveRequests()).toBe(0), { interval: 2 });
    expect(gateway.log.at(-1)).toMatchObject({ code: 'client-gone', route: '/screen' });
  },
);

test('a reader that does not read holds up itself and nothing else', async () => {
  const client = await rawClient(bff.url);
  client.socket.pause();
  client.write(getRequest('/large', `Accept: ${acceptProgressive}\r\nConnection: close\r\n`));
  await asked.promise;
  answerLate();
  await vi.waitFor(() => expect(bff.bff.liveRequests()).toBe(0), { interval: 2 });
  expect(bff.log.at(-1)).toMatchObject({ status: 200, route: '/large' });
  let text = '';
  client.socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  client.socket.resume();
  await client.closed;
  expect(text).toContain('"pending":["later"]}');
  expect(text).toContain('"done":true');
  expect(text.endsWith('0\r\n\r\n')).toBe(true);
});

test('an answer under way at the end of its server is cut short by a line that says so', async () => {
  const closing = await served({
    endpoints: [screen('/screen', 10)],
    upstreams: [bind(fast, { targets: quick.url }), bind(slow, { targets: late.url })],
  });
  const client = await rawClient(closing.url);
  client.write(getRequest('/screen', `Accept: ${acceptProgressive}\r\nConnection: close\r\n`));
  let text = '';
  client.socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await asked.promise;
  await vi.waitFor(() => expect(text).toContain('"pending":["later"]}'), { interval: 2 });
  await closing.bff.close();
  await client.closed;
  expect(text).toMatch(/\{"problem":\{.*"code":"shutting-down".*\}\}\n\r\n0\r\n\r\n$/s);
  await closing.close();
});
