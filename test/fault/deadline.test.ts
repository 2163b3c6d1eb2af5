/**
 * One deadline per request, over real sockets and the real clock: it ends everything, and every
 * service is told what is left of it.
 */
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { getRequest, rawClient } from '../support/raw-client.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { shortest } from '../support/within.ts';

const deadlineMs = 300;
const good = { id: '1' };
const Part = z.object({ id: z.string() });
const names = ['one', 'two', 'three', 'four', 'five'] as const;
const [one, two, three, four, five] = names.map((name) =>
  upstream(name, { operations: { get: get('/part', { response: Part }) } }),
) as [Service, Service, Service, Service, Service];
type Service = { readonly get: ReturnType<typeof get<'/part', undefined, typeof Part>> };
const options = { summary: 'Everything.', access: anyone(), deadlineMs, cost: 0 } as const;

const screen = endpoint('GET', '/screen', options)
  .plan(({ call, optional }) => ({
    one: call(one.get, () => ({})),
    two: call(two.get, () => ({})),
    three: optional(three.get, () => ({})),
    four: optional(four.get, () => ({}), { fallback: () => good }),
    five: call(five.get, () => ({})),
  }))
  .respond(Part, ({ one }) => one);
const chain = endpoint('GET', '/chain', options)
  .plan(({ call }) => {
    const first = call(one.get, () => ({}), { timeoutMs: 200 });
    const second = call(two.get, { first }, () => ({}));
    return { third: call(three.get, { second }, () => ({})) };
  })
  .respond(Part, ({ third }) => third);

let watch: ProcessWatch;
let services: FaultyUpstream[];
let bff: ServedBff;
const agent = new Agent();

beforeAll(async () => {
  watch = watchProcess();
  services = await Promise.all(names.map(() => faultyUpstream(faults.hang)));
  bff = await served({
    endpoints: [screen, chain],
    upstreams: [one, two, three, four, five].map((operations, index) =>
      bind(operations, { targets: services[index]?.url ?? '', breaker: neverOpens }),
    ),
  });
});

afterEach(() => {
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  await bff.close();
  await Promise.all(services.map((service) => service.quiet()));
  await Promise.all(services.map((service) => service.close()));
  await agent.close();
  watch.stop();
});

function setModes(...modes: readonly Fault[]): void {
  for (const [index, service] of services.entries())
    service.mode = modes[index % modes.length] ?? faults.hang;
}

async function ask(path: string): Promise<{ readonly status: number; readonly ms: number }> {
  const startMs = performance.now();
  const answer = await request(bff.url + path, { dispatcher: agent });
  await answer.body.dump();
  return { status: answer.statusCode, ms: performance.now() - startMs };
}

test.each<[string, Fault[]]>([
  ['before its headers', [faults.hang]],
  ['in the middle of its body', [faults.hangMidBody()]],
  ['while it drips', [faults.drip(5)]],
  ['in its own way', [faults.hang, faults.hangMidBody(), faults.drip(5), faults.announcesMore]],
])('when every service hangs %s, the answer comes in time and no connection stays', async (_how, modes) => {
  setModes(...modes);
  const ms = await shortest(deadlineMs + 50, 3, async () => {
    const answer = await ask('/screen');
    expect(answer.status).toBe(504);
    return answer.ms;
  });
  expect(ms).toBeLessThanOrEqual(deadlineMs + 50);
  await Promise.all(services.map((service) => service.quiet()));
  expect(bff.bff.liveRequests()).toBe(0);
});

test('twenty at once that all hang are all answered in time', async () => {
  setModes(faults.hang);
  const limitMs = deadlineMs + 100; // a hundred connections in one process, this one
  const ms = await shortest(limitMs, 3, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/screen')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([504]));
    return Math.max(...answers.map((answer) => answer.ms));
  });
  expect(ms).toBeLessThanOrEqual(limitMs);
  await Promise.all(services.map((service) => service.quiet()));
});

test('every service is told what is left, and it grows less along the chain', async () => {
  setModes(faults.slow(40, good));
  const seen = services.slice(0, 3).map((service) => service.nextRequest());
  expect((await ask('/chain')).status).toBe(200);
  const [first = 0, second = 0, third = 0] = (await Promise.all(seen)).map(({ headers }) =>
    Number(headers['bff-deadline-ms']),
  );
  expect(first).toBeLessThanOrEqual(200); // the call's own timeout
  expect(second).toBeLessThanOrEqual(deadlineMs * 0.9 - 39);
  expect(third).toBeLessThanOrEqual(second - 39);
  expect(third).toBeGreaterThan(0);
});

test('a client cannot wish for another deadline', async () => {
  setModes(faults.hang);
  const client = await rawClient(bff.url);
  const seen = services[0]?.nextRequest();
  client.write(getRequest('/screen', 'Bff-Deadline-Ms: 60000\r\n'));
  expect(Number((await seen)?.headers['bff-deadline-ms'])).toBeLessThanOrEqual(deadlineMs);
  expect((await client.answer()).status).toBe(504);
  client.socket.destroy();
});

test('a client that uploads for ever is answered at the deadline, too', async () => {
  const upload = endpoint('POST', '/upload', { ...options, body: Part }).handle(Part, async () => good);
  const own = await served({ endpoints: [upload], upstreams: [] });
  const client = await rawClient(own.url);
  const startMs = performance.now();
  client.write(
    'POST /upload HTTP/1.1\r\nHost: bff.test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  );
  const { status } = await client.answer();
  expect(status).toBe(408);
  expect(performance.now() - startMs).toBeLessThanOrEqual(deadlineMs + 250);
  client.socket.destroy();
  await vi.waitFor(() => expect(own.bff.liveRequests()).toBe(0), { interval: 2 });
  await own.close();
});
