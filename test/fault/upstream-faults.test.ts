/**
 * Every way a service can fail, once under a required and once under an optional call: the right
 * status, in time, and nothing left for the next request to trip over.
 */
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { shortest } from '../support/within.ts';

const deadlineMs = 400;
const good = { id: '1', secret: 'x' };
const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const options = { summary: 'A part.', access: anyone(), deadlineMs, cost: 0 } as const;

const required = endpoint('GET', '/required', options)
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);
const optional = endpoint('GET', '/optional', options)
  .plan(({ optional }) => ({
    part: optional(shop.get, () => ({}), { fallback: ({ code }) => ({ id: code }) }),
  }))
  .respond(Part, ({ part }) => part);

let watch: ProcessWatch;
let service: FaultyUpstream;
let bff: ServedBff;
const agent = new Agent();

beforeAll(async () => {
  watch = watchProcess();
  service = await faultyUpstream(faults.hang);
  bff = await served({
    upstreams: [bind(shop, { targets: service.url, breaker: neverOpens })],
    endpoints: [required, optional],
  });
});

afterEach(() => {
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  await bff.close();
  await service.quiet(); // every connection to the service is gone
  await agent.close();
  await service.close();
  watch.stop();
});

interface Asked {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

async function ask(path: string): Promise<Asked> {
  const startMs = performance.now();
  const answer = await request(bff.url + path, { dispatcher: agent });
  const body = (await answer.body.json()) as Record<string, unknown>;
  return { status: answer.statusCode, body, headers: answer.headers, ms: performance.now() - startMs };
}

const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
const megabyte = 1_024 * 1_024;

const modes: [name: string, mode: Fault, code: string][] = [
  ['answers after the deadline', faults.slow(2_000, good), 'upstream-timeout'],
  ['hangs before its headers', faults.hang, 'upstream-timeout'],
  ['hangs in the middle of its body', faults.hangMidBody(), 'upstream-timeout'],
  ['drips', faults.drip(20), 'upstream-timeout'],
  ['announces more than it sends', faults.announcesMore, 'upstream-timeout'],
  ['announces less than it sends', faults.announcesLess, 'upstream-bad-answer'],
  ['ends before its answer', faults.endBeforeAnswer, 'upstream-unreachable'],
  ['resets before its answer', faults.resetBeforeAnswer, 'upstream-unreachable'],
  ['resets in the middle of its body', faults.resetMidBody, 'upstream-broken-answer'],
  ['ends in the middle of its body', faults.truncated, 'upstream-broken-answer'],
  ['ends in the middle of its chunks', faults.truncatedChunks, 'upstream-broken-answer'],
  ['sends 100 MB, announced', faults.huge(100 * megabyte), 'upstream-bad-answer'],
  ['sends 100 MB, unannounced', faults.hugeChunked(100 * megabyte), 'upstream-bad-answer'],
  ['sends broken JSON', faults.text('{"id":"1"'), 'upstream-bad-answer'],
  ['sends JSON of another shape', faults.text('{"id":1}'), 'upstream-bad-answer'],
  ['sends null', faults.text('null'), 'upstream-bad-answer'],
  ['sends nothing', faults.text(''), 'upstream-bad-answer'],
  ['sends 200 000 nested arrays', faults.text(nested), 'upstream-bad-answer'],
  ['sends HTML', faults.typed('text/html', '<html>'), 'upstream-bad-answer'],
  ['sends JSON as text', faults.typed('text/plain', '{"id":"1"}'), 'upstream-bad-answer'],
  ['sends gzip that nobody asked for', faults.gzipped(good), 'upstream-bad-answer'],
  ['sends 204', faults.noContent, 'upstream-bad-answer'],
  ['redirects elsewhere', faults.redirect('http://127.0.0.1:1/evil'), 'upstream-bad-answer'],
  ['sends 64 KB of headers', faults.bigHeaders(65_536), 'upstream-broken-answer'],
  ['does not speak HTTP', faults.garbage, 'upstream-broken-answer'],
  ['frames its answer twice', faults.bothFramings, 'upstream-broken-answer'],
  ['sends a broken chunk', faults.badChunk, 'upstream-broken-answer'],
  ['answers 500', faults.status(500), 'upstream-error'],
  ['answers 503', faults.status(503), 'upstream-error'],
  ['answers 404', faults.status(404), 'upstream-rejected'],
  ['answers 429', faults.status(429, 'Retry-After: 3\r\n'), 'upstream-busy'],
];
const statusOf: Record<string, number> = { 'upstream-timeout': 504, 'upstream-busy': 503 };

test.each(modes)('a service that %s fails a required call, in time', async (_name, mode, code) => {
  service.mode = mode;
  let answer: Asked | undefined;
  const ms = await shortest(deadlineMs + 50, 3, async () => {
    answer = await ask('/required');
    return answer.ms;
  });
  expect(answer).toMatchObject({ status: statusOf[code] ?? 502, body: { code } });
  expect(JSON.stringify(answer)).not.toContain('secret');
  expect(ms).toBeLessThanOrEqual(deadlineMs + 50);
  await expectRightAgain();
});

test.each(modes)('a service that %s costs an optional part, in time', async (_name, mode, code) => {
  service.mode = mode;
  let answer: Asked | undefined;
  const ms = await shortest(deadlineMs + 50, 3, async () => {
    answer = await ask('/optional');
    return answer.ms;
  });
  expect(answer).toMatchObject({ status: 200, body: { id: code }, headers: { 'bff-degraded': 'part' } });
  expect(ms).toBeLessThanOrEqual(deadlineMs + 50);
  await expectRightAgain();
});

test.each([
  ['answers', faults.ok(good)],
  ['answers late, but in time', faults.slow(50, good)],
  ['sends interim answers first', faults.informational(good)],
])('a service that %s is no fault', async (_name, mode) => {
  service.mode = mode;
  for (const path of ['/required', '/optional']) {
    expect(await ask(path)).toMatchObject({ status: 200, body: { id: '1' } });
  }
});

test('a service that refuses connections fails at once, and is found again when it is back', async () => {
  await service.refuse();
  try {
    expect(await ask('/required')).toMatchObject({ status: 502, body: { code: 'upstream-unreachable' } });
    expect(await ask('/optional')).toMatchObject({ status: 200, body: { id: 'upstream-unreachable' } });
  } finally {
    await service.accept();
  }
  await expectRightAgain();
});

test('a service that closes kept-alive connections loses no request that comes later', async () => {
  service.mode = (socket) => {
    faults.ok(good)(socket, undefined as never);
    socket.end();
  };
  for (let round = 0; round < 5; round += 1) {
    expect((await ask('/required')).status).toBe(200);
    await service.quiet();
  }
});

/** The next request is served as if nothing had happened, over the one connection that is left. */
async function expectRightAgain(): Promise<void> {
  service.mode = faults.ok(good);
  const next = await ask('/required');
  expect(next).toMatchObject({ status: 200, body: { id: '1' } });
  expect(next.headers['bff-degraded']).toBeUndefined();
  expect(bff.bff.liveRequests()).toBe(0);
  await vi.waitFor(() => expect(service.openSockets()).toBeLessThanOrEqual(1), { interval: 5 });
}
