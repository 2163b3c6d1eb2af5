/**
 * Retries over real sockets: they help where they can, and never make an outage worse.
 */
import { anyone, bind, endpoint, get, post, upstream } from 'bffkit';
import { Agent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { byStatus, load } from '../support/load.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';

const Part = z.object({ id: z.string() });
const good = { id: '1' };
const shop = upstream('shop', {
  operations: { get: get('/part', { response: Part }), create: post('/part', { response: Part }) },
});
const options = { summary: 'Part.', access: anyone(), deadlineMs: 2_000, cost: 0 } as const;
const read = endpoint('GET', '/read', options)
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);
const write = endpoint('POST', '/write', options)
  .plan(({ call }) => ({ part: call(shop.create, () => ({})) }))
  .respond(Part, ({ part }) => part);

let service: FaultyUpstream;
let bff: ServedBff;
const agent = new Agent({ connections: 32 });

beforeAll(async () => {
  service = await faultyUpstream(faults.ok(good));
  bff = await served({
    endpoints: [read, write],
    upstreams: [bind(shop, { targets: service.url, breaker: neverOpens })],
  });
});

afterAll(async () => {
  await bff.close();
  await service.close();
  await agent.close();
});

/** Does one thing to every `n`th request and another to the rest. */
function everyNth(n: number, fault: Fault, otherwise: Fault): Fault {
  let count = 0;
  return (socket, request) => {
    count += 1;
    (count % n === 0 ? fault : otherwise)(socket, request);
  };
}

test.each<[string, Fault]>([
  ['answers 503', faults.status(503)],
  ['resets', faults.resetBeforeAnswer],
])('when a service %s to everything, it gets at most a fifth more requests', async (_how, fault) => {
  service.mode = fault;
  const before = service.requests.length;
  const startMs = performance.now();
  const answers = await load(`${bff.url}/read`, { agent, requests: 2_000, concurrency: 16 });
  expect(byStatus(answers)).toEqual({ 502: 2_000 });
  const sent = service.requests.length - before;
  const floor = 3 * (10 + (performance.now() - startMs) / 1_000);
  expect(sent).toBeGreaterThan(2_000);
  expect(sent).toBeLessThanOrEqual(2_000 * 1.2 + floor);
});

test('when a service fails now and then, nobody notices', async () => {
  service.mode = everyNth(20, faults.status(503), faults.ok(good));
  const answers = await load(`${bff.url}/read`, { agent, requests: 500, concurrency: 8 });
  expect(byStatus(answers)[200]).toBeGreaterThanOrEqual(495); // a retry may meet a failure, too
});

test('a write is sent once, whatever happens to it', async () => {
  service.mode = faults.resetBeforeAnswer;
  const before = service.requests.length;
  const answers = await load(`${bff.url}/write`, { agent, requests: 50, concurrency: 4, method: 'POST' });
  expect(byStatus(answers)).toEqual({ 502: 50 });
  expect(service.requests.length - before).toBe(50);
});

test('a service that closes kept-alive connections as we send loses nobody a request', async () => {
  service.mode = (socket, request) => {
    faults.ok(good)(socket, request);
    setImmediate(() => socket.end()); // while the next request may be on its way
  };
  const answers = await load(`${bff.url}/read`, { agent, requests: 400, concurrency: 4 });
  expect(byStatus(answers)).toEqual({ 200: 400 });
});
