/**
 * The breaker over real sockets: a sick service is left alone, and asked again carefully.
 */
import { anyone, bind, endpoint, get, post, upstream } from 'bffkit';
import { manualClock } from 'bffkit/testing';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { type ServedBff, served } from '../support/served.ts';

const good = { id: '1' };
const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: { get: get('/part', { response: Part }), create: post('/part', { response: Part }) },
});
const options = { summary: 'A part.', access: anyone(), deadlineMs: 5_000, cost: 0 } as const;
const endpoints = [
  endpoint('POST', '/required', options)
    .plan(({ call }) => ({ part: call(shop.create, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/optional', options)
    .plan(({ optional }) => ({
      part: optional(shop.get, () => ({}), { fallback: ({ code }) => ({ id: code }) }),
    }))
    .respond(Part, ({ part }) => part),
];

let watch: ProcessWatch;
let service: FaultyUpstream;
let bff: ServedBff;
let clock = manualClock();
const agent = new Agent();

beforeAll(() => {
  watch = watchProcess();
});

beforeEach(async () => {
  clock = manualClock();
  service = await faultyUpstream(faults.status(500));
  bff = await served({ clock, endpoints, upstreams: [bind(shop, { targets: service.url })] });
});

afterEach(async () => {
  await bff.close();
  await service.quiet();
  await service.close();
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  await agent.close();
  watch.stop();
});

async function ask(method: 'POST' | 'GET' = 'POST') {
  const path = method === 'POST' ? '/required' : '/optional';
  const answer = await request(bff.url + path, { method, dispatcher: agent });
  return {
    status: answer.statusCode,
    body: (await answer.body.json()) as Record<string, unknown>,
    retryAfter: answer.headers['retry-after'],
  };
}

async function askTimes(count: number) {
  return Promise.all(Array.from({ length: count }, () => ask()));
}

/** Lets the service fail until its breaker is open. */
async function openBreaker(): Promise<void> {
  for (let failure = 0; failure < 5; failure += 1) expect((await ask()).status).toBe(502);
  expect(bff.bff.upstreams.breakers()).toEqual([{ upstream: 'shop', state: 'open' }]);
}

test.each<[string, Fault]>([
  ['answers 500', faults.status(500)],
  ['resets', faults.resetBeforeAnswer],
  ['answers nonsense', faults.garbage],
])('after 5 failures in a row nothing reaches a service that %s', async (_what, mode) => {
  service.mode = mode;
  await openBreaker();
  expect(service.requests).toHaveLength(5);
  for (const refused of await askTimes(20)) {
    expect(refused).toMatchObject({ status: 503, body: { code: 'circuit-open' }, retryAfter: '30' });
  }
  expect(await ask('GET')).toMatchObject({ status: 200, body: { id: 'circuit-open' } });
  expect(service.requests).toHaveLength(5);
  expect(bff.log.filter(({ msg }) => msg === 'breaker')).toMatchObject([{ from: 'closed', to: 'open' }]);
});

test('what a client may be told is not a failure: 4xx of any number leaves it closed', async () => {
  service.mode = faults.status(404);
  for (const { status } of await askTimes(30)) expect(status).toBe(502);
  expect(service.requests).toHaveLength(30);
  expect(bff.bff.upstreams.breakers()).toEqual([{ upstream: 'shop', state: 'closed' }]);
});

test('when it is half open a herd is refused at once; only probes reach the service', async () => {
  await openBreaker();
  clock.advance(30_000);
  const probes: (() => void)[] = [];
  service.mode = (socket, seen) => void probes.push(() => faults.ok(good)(socket, seen));
  const herd = Array.from({ length: 200 }, () => ask());
  const statuses: number[] = [];
  for (const answer of herd) void answer.then(({ status }) => statuses.push(status));
  await vi.waitFor(() => expect(statuses).toHaveLength(197), { interval: 2 });
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(service.requests).toHaveLength(5 + 3);
  for (const answer of probes) answer();
  await Promise.all(herd);
  expect(statuses.filter((status) => status === 200)).toHaveLength(3);
  expect(bff.bff.upstreams.breakers()).toEqual([{ upstream: 'shop', state: 'closed' }]);
  service.mode = faults.ok(good);
  for (const { status } of await askTimes(20)) expect(status).toBe(200);
});

test('a probe that fails opens it again for the whole time', async () => {
  await openBreaker();
  clock.advance(30_000);
  expect((await ask()).status).toBe(502);
  expect(service.requests).toHaveLength(6);
  clock.advance(29_999);
  expect((await ask()).status).toBe(503);
  expect(service.requests).toHaveLength(6);
  clock.advance(1);
  service.mode = faults.ok(good);
  expect((await ask()).status).toBe(200);
});

test('a probe whose client leaves gives its place to the next caller', async () => {
  await openBreaker();
  clock.advance(30_000);
  service.mode = faults.hang;
  const leaving = new AbortController();
  const asked = service.nextRequest();
  const abandoned = request(`${bff.url}/required`, {
    method: 'POST',
    dispatcher: agent,
    signal: leaving.signal,
  });
  const { closed } = await asked;
  leaving.abort();
  await expect(abandoned).rejects.toThrow('aborted');
  await closed;
  await vi.waitFor(() => expect(bff.bff.liveRequests()).toBe(0), { interval: 2 });
  service.mode = faults.ok(good);
  for (let probe = 0; probe < 3; probe += 1) expect((await ask()).status).toBe(200);
  expect(bff.bff.upstreams.breakers()).toEqual([{ upstream: 'shop', state: 'closed' }]);
});
