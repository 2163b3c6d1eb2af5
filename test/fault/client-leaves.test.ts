/**
 * A client that leaves, in every phase of its request: the services hear of it at once, the breaker
 * does not count it, and the log says 499.
 */
import { anyone, type BreakerFact, bind, endpoint, get, post, upstream } from 'bffkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { getRequest, type RawClient, rawClient } from '../support/raw-client.ts';
import { type ServedBff, served } from '../support/served.ts';
import { shortest } from '../support/within.ts';

/** Milliseconds in which a service must hear that the client left. */
const noticeMs = 20;
const good = { id: '1' };
const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    get: get('/part', { response: Part }),
    create: post('/part', { body: Part, response: Part }),
  },
});
const other = upstream('other', { operations: { get: get('/other', { response: Part }) } });
const options = { summary: 'A part.', access: anyone(), deadlineMs: 10_000, cost: 0 } as const;

const endpoints = [
  endpoint('GET', '/part', options)
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/screen', options)
    .plan(({ call, optional }) => ({
      part: call(shop.get, () => ({})),
      again: optional(shop.get, () => ({}), { fallback: () => good }),
      other: optional(other.get, () => ({}), { fallback: () => good }),
    }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/optional', options)
    .plan(({ optional }) => ({ part: optional(shop.get, () => ({}), { fallback: () => good }) }))
    .respond(Part, ({ part }) => part),
  endpoint('POST', '/part', { ...options, body: Part })
    .plan(({ call }) => ({ part: call(shop.create, ({ input }) => ({ body: input.body })) }))
    .respond(Part, ({ part }) => part),
];

let watch: ProcessWatch;
let service: FaultyUpstream;
let second: FaultyUpstream;
let bff: ServedBff;
const breakerFacts: BreakerFact[] = [];

beforeAll(async () => {
  watch = watchProcess();
  service = await faultyUpstream(faults.hang);
  second = await faultyUpstream(faults.hang);
  bff = await served({
    endpoints,
    upstreams: [bind(shop, { targets: service.url }), bind(other, { targets: second.url })],
  });
  bff.bff.events.on('breaker', (fact) => breakerFacts.push(fact));
});

beforeEach(() => {
  service.mode = faults.hang;
});

afterEach(() => {
  expect(watch.complaints).toEqual([]);
  expect(breakerFacts).toEqual([]);
});

afterAll(async () => {
  await bff.close();
  await Promise.all([service.quiet(), second.quiet()]);
  await Promise.all([service.close(), second.close()]);
  watch.stop();
});

/** Leaves with FIN and RST, or with RST alone. */
const ways: [name: string, leave: (client: RawClient) => void][] = [
  ['closes its connection', ({ socket }) => void socket.destroy()],
  ['resets its connection', ({ socket }) => void socket.resetAndDestroy()],
];

/** The last line of the log, once the request is over. */
async function lastLine(): Promise<Readonly<Record<string, unknown>> | undefined> {
  await vi.waitFor(() => expect(bff.bff.liveRequests()).toBe(0), { interval: 2 });
  return bff.log.at(-1);
}

test.each(ways)('a client that %s before the service answers cancels the call', async (_way, leave) => {
  const ms = await shortest(noticeMs, 5, async () => {
    const client = await rawClient(bff.url);
    const asked = service.nextRequest();
    client.write(getRequest('/part'));
    const { closed } = await asked;
    const leftMs = performance.now();
    leave(client);
    return (await closed) - leftMs;
  });
  expect(ms).toBeLessThanOrEqual(noticeMs);
  expect(await lastLine()).toMatchObject({ status: 499, code: 'client-gone', route: '/part', level: 'info' });
});

test.each(ways)(
  'a client that %s in the middle of the service’s body cancels the call',
  async (_way, leave) => {
    const ms = await shortest(noticeMs, 5, async () => {
      const half = Promise.withResolvers<void>();
      service.mode = faults.hangMidBody(half.resolve);
      const client = await rawClient(bff.url);
      const asked = service.nextRequest();
      client.write(getRequest('/part'));
      const [{ closed }] = await Promise.all([asked, half.promise]);
      const leftMs = performance.now();
      leave(client);
      return (await closed) - leftMs;
    });
    expect(ms).toBeLessThanOrEqual(noticeMs);
    expect(await lastLine()).toMatchObject({ status: 499, code: 'client-gone' });
  },
);

test.each(ways)('a client that %s during its upload causes no call', async (_way, leave) => {
  const asked = service.requests.length;
  const client = await rawClient(bff.url);
  client.write(
    'POST /part HTTP/1.1\r\nHost: bff.test\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"id"',
  );
  await vi.waitFor(() => expect(bff.bff.liveRequests()).toBe(1), { interval: 2 });
  leave(client);
  expect(await lastLine()).toMatchObject({ status: 499, code: 'client-gone', method: 'POST' });
  expect(service.requests).toHaveLength(asked);
});

test('every leg of a fan-out hears of it, optional ones too', async () => {
  const ms = await shortest(noticeMs, 5, async () => {
    const client = await rawClient(bff.url);
    const all = new Promise<readonly Promise<number>[]>((resolve) => {
      const closed: Promise<number>[] = [];
      service.mode = (_socket, request) => {
        if (closed.push(request.closed) === 3) resolve(closed);
      };
      second.mode = service.mode;
    });
    client.write(getRequest('/screen'));
    const legs = await all;
    const leftMs = performance.now();
    client.socket.destroy();
    return Math.max(...(await Promise.all(legs))) - leftMs;
  });
  expect(ms).toBeLessThanOrEqual(noticeMs);
  expect(await lastLine()).toMatchObject({ status: 499, route: '/screen' });
  expect(await lastLine()).not.toHaveProperty('degraded');
});

test('an endpoint of optional parts ends as 499, too: no fallback is made for nobody', async () => {
  const client = await rawClient(bff.url);
  const asked = service.nextRequest();
  client.write(getRequest('/optional'));
  await asked;
  client.socket.destroy();
  expect(await lastLine()).toMatchObject({ status: 499, route: '/optional' });
});

test('a write that its client abandoned is cancelled and never repeated', async () => {
  const client = await rawClient(bff.url);
  const asked = service.nextRequest();
  client.write(
    'POST /part HTTP/1.1\r\nHost: bff.test\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"id":"1"}',
  );
  const { closed, body } = await asked;
  expect(body).toBe('{"id":"1"}');
  const count = service.requests.length;
  client.socket.destroy();
  await closed;
  expect(await lastLine()).toMatchObject({ status: 499 });
  expect(service.requests).toHaveLength(count);
});

test('a hundred that leave at once open no breaker, and the next one is served', async () => {
  const clients = await Promise.all(Array.from({ length: 100 }, () => rawClient(bff.url)));
  for (const client of clients) client.write(getRequest('/part'));
  await vi.waitFor(() => expect(bff.bff.liveRequests()).toBe(100), { interval: 2 });
  for (const client of clients) client.socket.destroy();
  await vi.waitFor(() => expect(bff.bff.liveRequests()).toBe(0), { interval: 2 });
  await service.quiet();
  expect(bff.bff.upstreams.breakers().map(({ state }) => state)).toEqual(['closed', 'closed']);
  service.mode = faults.ok(good);
  const client = await rawClient(bff.url);
  client.write(getRequest('/part'));
  expect((await client.answer()).status).toBe(200);
  client.socket.destroy();
});

test('a client that leaves after its answer is no 499', async () => {
  service.mode = faults.ok(good);
  const client = await rawClient(bff.url);
  client.write(getRequest('/part'));
  await client.answer();
  client.socket.destroy();
  await client.closed;
  expect(await lastLine()).toMatchObject({ status: 200 });
});
