/**
 * Answers made to hurt and services that cannot be found: each costs its own call, in time and in
 * bounded memory, and nothing after it.
 */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { brotliBomb, gzipBomb } from '../support/bombs.ts';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { shortest } from '../support/within.ts';

const deadlineMs = 400;
const bombMegabytes = 1_000;
/** For everything a bomb may bring about; unpacked it would be eight times more. */
const mayCostMegabytes = 120;
const atOnce = 8;
const good = { id: '1' };
const Part = z.object({ id: z.string() });
const names = ['shop', 'lost'] as const;
const operations = { get: get('/part', { response: Part }) };
const upstreams = { shop: upstream('shop', { operations }), lost: upstream('lost', { operations }) };
const options = { summary: 'A part.', access: anyone(), deadlineMs, cost: 0 } as const;
const endpoints = names.flatMap((name) => [
  endpoint('GET', `/${name}/required`, options)
    .plan(({ call }) => ({ part: call(upstreams[name].get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', `/${name}/optional`, options)
    .plan(({ optional }) => ({
      part: optional(upstreams[name].get, () => ({}), { fallback: ({ code }) => ({ id: code }) }),
    }))
    .respond(Part, ({ part }) => part),
]);

let watch: ProcessWatch;
let service: FaultyUpstream;
let bff: ServedBff;
const agent = new Agent();

beforeAll(async () => {
  watch = watchProcess();
  service = await faultyUpstream(faults.ok(good));
  bff = await served({
    endpoints,
    upstreams: [
      bind(upstreams.shop, { targets: service.url, breaker: neverOpens }),
      bind(upstreams.lost, { targets: 'http://no-such-host.invalid', breaker: neverOpens }),
    ],
  });
});

afterEach(async () => {
  await expectRightAgain();
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  await bff.close();
  await service.quiet(); // every connection to the service is gone
  await agent.close();
  await service.close();
  watch.stop();
});

async function ask(path: string) {
  const startMs = performance.now();
  const answer = await request(bff.url + path, { dispatcher: agent });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    body: JSON.parse(text) as Record<string, unknown>,
    degraded: answer.headers['bff-degraded'],
    text,
    ms: performance.now() - startMs,
  };
}

/** The next request is served as if nothing had happened, and no more connections are left than were needed. */
async function expectRightAgain(): Promise<void> {
  service.mode = faults.ok(good);
  expect(await ask('/shop/required')).toMatchObject({ status: 200, body: good, degraded: undefined });
  expect(bff.bff.liveRequests()).toBe(0);
  await vi.waitFor(() => expect(service.openSockets()).toBeLessThanOrEqual(atOnce), { interval: 5 });
}

/** Asks until one answer was in time; every answer must be right. */
async function expectInTime(path: string, expected: object): Promise<void> {
  const limitMs = deadlineMs + 50;
  const ms = await shortest(limitMs, 3, async () => {
    const answer = await ask(path);
    expect(answer).toMatchObject(expected);
    return answer.ms;
  });
  expect(ms).toBeLessThanOrEqual(limitMs);
}

const asRequired = { status: 502, body: { code: 'upstream-bad-answer' } };
const asOptional = { status: 200, body: { id: 'upstream-bad-answer' }, degraded: 'part' };

const gzip = gzipBomb(bombMegabytes);
const brotli = await brotliBomb(bombMegabytes);

test('the bombs are bombs', () => {
  const atMost = { maxOutputLength: 4 * 1_024 * 1_024 };
  expect(() => gunzipSync(gzip, atMost)).toThrow('larger than');
  expect(() => brotliDecompressSync(brotli, atMost)).toThrow('larger than');
  expect(Math.max(gzip.length, brotli.length)).toBeLessThan(1_100_000);
});

const bombs: [name: string, mode: Fault][] = [
  ['gzip', faults.bytes(gzip, { coding: 'gzip' })],
  ['brotli', faults.bytes(brotli, { coding: 'br' })],
];

test.each(bombs)('a %s bomb fails a required call and is never unpacked', async (_name, mode) => {
  service.mode = mode;
  const beforeMegabytes = mostMegabytes();
  const answers = await Promise.all(Array.from({ length: atOnce }, () => ask('/shop/required')));
  for (const answer of answers) expect(answer).toMatchObject(asRequired);
  expect(mostMegabytes() - beforeMegabytes).toBeLessThan(mayCostMegabytes);
  await expectInTime('/shop/required', asRequired);
});

test.each(bombs)('a %s bomb costs an optional part and nothing else', async (_name, mode) => {
  service.mode = mode;
  const beforeMegabytes = mostMegabytes();
  await expectInTime('/shop/optional', asOptional);
  expect(mostMegabytes() - beforeMegabytes).toBeLessThan(mayCostMegabytes);
});

/** The most memory this process has ever held. */
function mostMegabytes(): number {
  return process.resourceUsage().maxRSS / 1_024;
}

const latin1 = Buffer.from('{"id":"café"}', 'latin1');
const utf16 = Buffer.from('{"id":"1"}', 'utf16le');

test.each([
  ['Latin-1 without saying so', faults.bytes(latin1)],
  ['Latin-1 and says so', faults.bytes(latin1, { charset: 'iso-8859-1' })],
  ['Latin-1 and says UTF-8', faults.bytes(latin1, { charset: 'utf-8' })],
  ['UTF-16', faults.bytes(utf16, { charset: 'utf-16' })],
])('JSON in %s is no answer: letters must not be replaced in silence', async (_name, mode) => {
  service.mode = mode;
  await expectInTime('/shop/required', asRequired);
  await expectInTime('/shop/optional', asOptional);
});

test('UTF-8 arrives letter for letter', async () => {
  service.mode = faults.bytes(Buffer.from('{"id":"café 🍰 日本"}'), { charset: 'utf-8' });
  expect(await ask('/shop/required')).toMatchObject({ status: 200, body: { id: 'café 🍰 日本' } });
});

test('a redirect to itself is not followed, not once', async () => {
  service.mode = faults.redirect(`${service.url}/part`);
  const before = service.requests.length;
  expect(await ask('/shop/required')).toMatchObject(asRequired);
  expect(await ask('/shop/optional')).toMatchObject(asOptional);
  expect(service.requests.length - before).toBe(2);
});

test('a service whose name does not resolve fails in time and is not named', async () => {
  // A resolver that answers makes it 502; one that is silent, as behind some firewalls, 504.
  const required = await ask('/lost/required');
  expect([502, 504]).toContain(required.status);
  expect(required.body.code).toBe(required.status === 502 ? 'upstream-unreachable' : 'upstream-timeout');
  expect(required.text).not.toContain('no-such-host');
  const optional = await ask('/lost/optional');
  expect(optional).toMatchObject({ status: 200, degraded: 'part' });
  expect(optional.text).not.toContain('no-such-host');
  await expectInTime('/lost/required', {});
  await expectInTime('/lost/optional', { status: 200 });
});

test('a service that refuses costs both kinds of call, and no connection', async () => {
  await service.refuse();
  try {
    await expectInTime('/shop/required', { status: 502, body: { code: 'upstream-unreachable' } });
    await expectInTime('/shop/optional', { status: 200, body: { id: 'upstream-unreachable' } });
    expect(service.openSockets()).toBe(0);
  } finally {
    await service.accept();
  }
});
