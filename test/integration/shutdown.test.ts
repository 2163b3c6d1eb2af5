/**
 * Leaving without losing a request: readiness first, then the door, then what still runs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer as answerBodyOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { childBff } from '../support/child-bff.ts';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { http2Client } from '../support/http2-client.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { getRequest, rawClient } from '../support/raw-client.ts';
import { type ServedBff, served } from '../support/served.ts';
import { serverPair } from '../support/tls-files.ts';

const good = { id: '1' };
const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const options = { summary: 'X.', access: anyone(), deadlineMs: 10_000, cost: 0 } as const;
const megabytes = 'x'.repeat(8 * 1_024 * 1_024);
const endpoints = [
  endpoint('GET', '/part', options)
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/quick', options).handle(Part, async () => good),
  endpoint('GET', '/large', options).handle(Part, async () => ({ id: megabytes })),
];

let watch: ProcessWatch;
let service: FaultyUpstream;
let bff: ServedBff | undefined;

beforeEach(async () => {
  watch = watchProcess();
  service = await faultyUpstream(faults.hang);
});

afterEach(async () => {
  await bff?.close();
  await service.close();
  bff = undefined;
  watch.stop();
  expect(watch.complaints).toEqual([]);
});

async function start(options: Parameters<typeof served>[1] = {}): Promise<ServedBff> {
  bff = await served({ endpoints, upstreams: [bind(shop, { targets: service.url })] }, options);
  return bff;
}

/** A client whose request waits for the service, and how to let the service answer it. */
async function inFlight(url: string) {
  const asked = Promise.withResolvers<() => void>();
  service.mode = (socket, seen) => asked.resolve(() => faults.ok(good)(socket, seen));
  const client = await rawClient(url);
  client.write(getRequest('/part'));
  return { client, answerIt: await asked.promise };
}

/** Resolves when new connections are refused. */
async function doorClosed(url: string): Promise<void> {
  await vi.waitFor(() => expect(rawClient(url)).rejects.toThrow('ECONNREFUSED'), {
    interval: 5,
    timeout: 5_000,
  });
}

test('readiness goes off first; until the grace is over everything is served, and asked to leave', async () => {
  const { url, adminUrl, close } = await start({ graceMs: 800 });
  const idle = await rawClient(url);
  idle.write(getRequest('/quick'));
  expect((await idle.answer()).headers.connection).not.toBe('close');
  const closing = close();
  const ready = await request(`${adminUrl}/readyz`);
  expect(ready.statusCode).toBe(503);
  expect(await ready.body.json()).toEqual({ status: 'draining' });
  expect((await request(`${adminUrl}/livez`)).statusCode).toBe(200);
  const fresh = await rawClient(url);
  for (const client of [fresh, idle]) {
    client.write(getRequest('/quick'));
    const answer = await client.answer();
    expect(answer.status).toBe(200);
    expect(answer.headers.connection).toBe('close');
    await client.closed;
  }
  expect(await closing).toBe(0);
});

test('what is in flight finishes, while new connections are refused', async () => {
  const { url, close } = await start();
  const { client, answerIt } = await inFlight(url);
  const closing = close();
  await doorClosed(url);
  answerIt();
  const answer = await client.answer();
  expect(answer.status).toBe(200);
  expect(answer.body.toString()).toBe('{"id":"1"}');
  expect(await closing).toBe(0);
});

test('a kept-alive client that sends after the door was closed is still served', async () => {
  const { url, close } = await start({ graceMs: 500 });
  const idle = await rawClient(url);
  idle.write(getRequest('/quick'));
  await idle.answer();
  const closing = close();
  await doorClosed(url);
  idle.write(getRequest('/quick'));
  const answer = await idle.answer();
  expect(answer.status).toBe(200);
  expect(answer.headers.connection).toBe('close');
  expect(await closing).toBe(0);
});

test('a request that was half sent when the door was closed is still served', async () => {
  const { url, close } = await start({ graceMs: 500 });
  const client = await rawClient(url);
  const [half, rest] = [getRequest('/quick').slice(0, 12), getRequest('/quick').slice(12)];
  client.write(half);
  const closing = close();
  await doorClosed(url);
  client.write(rest);
  expect((await client.answer()).status).toBe(200);
  expect(await closing).toBe(0);
});

test('an answer that its client reads slowly is not cut', async () => {
  const { url, close } = await start();
  const client = await rawClient(url);
  client.socket.pause();
  client.write(getRequest('/large'));
  await vi.waitFor(() => expect(bff?.log.some(({ route }) => route === '/large')).toBe(true), {
    interval: 5,
  });
  const closing = close();
  await doorClosed(url);
  client.socket.resume();
  expect((await client.answer()).body).toHaveLength(megabytes.length + '{"id":""}'.length);
  expect(await closing).toBe(0);
});

test('a plain route in flight is waited for, too', async () => {
  const gate = Promise.withResolvers<void>();
  const own = await served({
    endpoints: [],
    upstreams: [],
    routes: (app) =>
      app.get('/plain', async (c) => {
        await gate.promise;
        return c.text('done');
      }),
  });
  const client = await rawClient(own.url);
  client.write(getRequest('/plain'));
  await rawClient(own.url).then(({ socket }) => socket.destroy()); // the server has read the request before this
  const closing = own.close();
  await doorClosed(own.url);
  gate.resolve();
  expect((await client.answer()).body.toString()).toBe('done');
  expect(await closing).toBe(0);
});

test('what does not finish in time is answered 503 and counted', async () => {
  const { url, close } = await start({ drainMs: 50 });
  const first = await inFlight(url);
  const second = await inFlight(url);
  expect(await close()).toBe(2);
  for (const { client } of [first, second]) {
    const answer = await client.answer();
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'shutting-down' });
    await client.closed;
  }
  await service.quiet();
  expect(bff?.log.at(-1)).toMatchObject({ msg: 'closed', aborted: 2 });
});

test('an aborted request that calls no service gets its 503, too', async () => {
  const never = endpoint('GET', '/never', options).handle(Part, () => Promise.withResolvers<never>().promise);
  const own = await served({ endpoints: [never], upstreams: [] }, { drainMs: 50 });
  const client = await rawClient(own.url);
  client.write(getRequest('/never'));
  await vi.waitFor(() => expect(own.bff.liveRequests()).toBe(1), { interval: 5 });
  expect(await own.close()).toBe(1);
  expect((await client.answer()).status).toBe(503);
});

test('idle, silent and half-sent connections do not hold it', async () => {
  const { url, close } = await start();
  const clients = await Promise.all([rawClient(url), rawClient(url), rawClient(url)]);
  clients[0].write(getRequest('/quick'));
  await clients[0].answer();
  clients[2].write('GET /qui');
  expect(await close()).toBe(0);
  await Promise.all(clients.map(({ closed }) => closed));
}, 2_000);

test('closing twice is closing once', async () => {
  const { close, adminUrl } = await start();
  expect(await Promise.all([close(), close()])).toEqual([0, 0]);
  await expect(request(`${adminUrl}/livez`)).rejects.toThrow('ECONNREFUSED');
  expect(bff?.log.filter(({ msg }) => msg === 'draining')).toHaveLength(1);
});

test('the connections to the services are closed with it', async () => {
  const { url, close } = await start();
  service.mode = faults.ok(good);
  const client = await rawClient(url);
  client.write(getRequest('/part'));
  await client.answer();
  expect(service.openSockets()).toBe(1);
  client.socket.destroy();
  await close();
  await service.quiet();
});

test('SIGTERM lets what is in flight finish and ends the process with 0', async () => {
  const child = await childBff(service.url);
  const { client, answerIt } = await inFlight(child.url);
  child.signal('SIGTERM');
  await doorClosed(child.url);
  answerIt();
  expect((await client.answer()).status).toBe(200);
  expect(await child.exit).toBe(0);
});

test('a second SIGTERM ends the process at once', async () => {
  const child = await childBff(service.url);
  const { client } = await inFlight(child.url);
  child.signal('SIGTERM');
  await doorClosed(child.url);
  child.signal('SIGTERM');
  expect(await child.exit).toBe(1);
  await client.closed;
}, 10_000);

test.each([
  ['before it serves', 'loading'],
  ['while a service has no target yet', 'targets'],
])('SIGTERM %s ends the process with 0', async (_when, waitsFor) => {
  const script = fileURLToPath(new URL('../support/starting-bff.ts', import.meta.url));
  const child = spawn(process.execPath, [script, waitsFor], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (text) => void said.push(String(text)));
  await once(child.stdout, 'data');
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(said).toEqual([]);
});

test('over HTTP/2, running streams finish, the client is told to go, and nothing is lost', async () => {
  const { url, close } = await start({ graceMs: 300, tls: serverPair });
  const asked = Promise.withResolvers<() => void>();
  service.mode = (socket, seen) => asked.resolve(() => faults.ok(good)(socket, seen));
  const client = await http2Client(url);
  const running = client.ask({ ':path': '/part' });
  const answerIt = await asked.promise;
  const goaway = once(client.session, 'goaway');
  const closing = close();
  expect((await goaway)[0]).toBe(0);
  const next = await http2Client(url); // until the grace is over, whoever comes is served
  expect((await next.ask({ ':path': '/quick' })).status).toBe(200);
  await next.closed;
  await doorClosed(url.replace('https', 'http'));
  answerIt();
  const answer = await running;
  expect([answer.status, answer.body.toString()]).toEqual([200, '{"id":"1"}']);
  expect(await closing).toBe(0);
  await client.closed;
});

test('over HTTP/2, what does not finish in time is answered 503 and counted', async () => {
  const { url, close } = await start({ drainMs: 50, tls: serverPair });
  const client = await http2Client(url);
  const asked = Promise.withResolvers<void>();
  let calls = 0;
  service.mode = () => {
    calls += 1;
    if (calls === 2) asked.resolve();
  };
  const running = [client.ask({ ':path': '/part' }), client.ask({ ':path': '/part' })];
  await asked.promise;
  expect(await close()).toBe(2);
  for (const answer of await Promise.all(running)) {
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'shutting-down' });
  }
  await client.closed;
});

test('an HTTP/2 answer that its client reads slowly is not cut', async () => {
  const { url, close } = await start({ tls: serverPair });
  const client = await http2Client(url);
  const stream = client.begin({ ':path': '/large' }, { endStream: true });
  stream.pause();
  await once(stream, 'response');
  const closing = close();
  await doorClosed(url.replace('https', 'http'));
  expect((await answerBodyOf(stream)).length).toBe(megabytes.length + '{"id":""}'.length);
  expect(await closing).toBe(0);
});

test('an idle HTTP/2 connection does not hold it', async () => {
  const { url, close } = await start({ tls: serverPair });
  const client = await http2Client(url);
  await client.ask({ ':path': '/quick' });
  expect(await close()).toBe(0);
  await client.closed;
}, 2_000);
