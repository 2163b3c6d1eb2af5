/**
 * Hedged requests over real sockets: they cut the tail of a service that is now and then slow, and do
 * not make it worse when it is always slow.
 */
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { Agent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { byStatus, load, quantile } from '../support/load.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { shortest } from '../support/within.ts';

const Part = z.object({ id: z.string() });
const good = { id: '1' };
const plain = upstream('plain', { operations: { get: get('/plain', { response: Part }) } });
const hedged = upstream('hedged', { operations: { get: get('/hedged', { response: Part }) } });
const options = { summary: 'Part.', access: anyone(), deadlineMs: 5_000, cost: 0 } as const;
const endpoints = [
  endpoint('GET', '/plain', options)
    .plan(({ call }) => ({ part: call(plain.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/hedged', options)
    .plan(({ call }) => ({ part: call(hedged.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
];

const slowMs = 600;
let service: FaultyUpstream;
let bff: ServedBff;
const agent = new Agent({ connections: 32 });

beforeAll(async () => {
  service = await faultyUpstream(faults.ok(good));
  bff = await served({
    endpoints,
    upstreams: [
      bind(plain, { targets: service.url, breaker: neverOpens }),
      bind(hedged, { targets: service.url, breaker: neverOpens, hedge: {} }),
    ],
  });
});

afterAll(async () => {
  await bff.close();
  await service.close();
  await agent.close();
});

/** One in `n` takes long, the rest a little. */
function bimodal(n: number): Fault {
  let count = 0;
  return (socket, request) => {
    count += 1;
    faults.slow(count % n === 0 ? slowMs : 10, good)(socket, request);
  };
}

/** Calls of the hedged operation so far: those of the last ten seconds, which are at most as many, count for the share. */
let hedgedCalls = 0;

async function run(path: '/plain' | '/hedged', requests: number) {
  if (path === '/hedged') hedgedCalls += requests;
  const before = service.requests.length;
  const answers = await load(`${bff.url}${path}`, { agent, requests, concurrency: 16 });
  expect(byStatus(answers)).toEqual({ 200: requests });
  return { p99: quantile(answers, 0.99), sent: service.requests.length - before };
}

/** A twentieth, and one. */
function mayBeExtra(): number {
  return hedgedCalls * 0.05 + 1;
}

test('a service that is slow one time in thirty: the 99th percentile falls by more than 70 %', async () => {
  service.mode = faults.slow(10, good);
  await run('/hedged', 300); // until the operation's latency is known
  service.mode = bimodal(30);
  const without = await run('/plain', 600);
  const p99 = await shortest(without.p99 * 0.3, 3, async () => {
    const hedged = await run('/hedged', 1_000);
    expect(hedged.sent).toBeLessThanOrEqual(1_000 + mayBeExtra());
    return hedged.p99;
  });
  expect(p99).toBeLessThan(without.p99 * 0.3);
});

test('a service that is always slow gets at most a twentieth more', async () => {
  service.mode = faults.slow(40, good);
  const { sent } = await run('/hedged', 600);
  expect(sent).toBeLessThanOrEqual(600 + mayBeExtra());
});
