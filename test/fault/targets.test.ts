/**
 * Several addresses of one service: traffic leaves the bad ones and comes back, lists and policies
 * change while requests run.
 */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyone, bind, endpoint, fileTargets, get, type ProblemFact, upstream } from 'bffkit';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { byStatus, load } from '../support/load.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const read = endpoint('GET', '/read', { summary: 'Part.', access: anyone(), deadlineMs: 2_000, cost: 0 })
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);

let services: FaultyUpstream[];
let folder: string;
let bff: ServedBff | undefined;
const agent = new Agent({ connections: 16 });
const names = ['a', 'b', 'c'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bffkit-targets-'));
  services = await Promise.all(names.map((id) => faultyUpstream(faults.ok({ id }))));
});

afterEach(async () => {
  await bff?.close();
  for (const [index, service] of services.entries()) service.mode = faults.ok({ id: names[index] ?? '' });
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.close()));
  await agent.close();
  await rm(folder, { recursive: true });
});

const urls = (): string[] => services.map(({ url }) => url);

async function ask(requests: number, concurrency = 4) {
  const answers = await load(`${bff?.url}/read`, { agent, requests, concurrency });
  const served = { a: 0, b: 0, c: 0 } as Record<string, number>;
  for (const { status, body } of answers) {
    if (status !== 200) continue;
    const { id } = JSON.parse(body) as { id: string };
    served[id] = (served[id] ?? 0) + 1;
  }
  return { statuses: byStatus(answers), served };
}

/** Replaces a file at once, as deployment tools do. */
async function replace(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(`${file}.new`, typeof content === 'string' ? content : JSON.stringify(content));
  await rename(`${file}.new`, file);
  return file;
}

test('all targets share the work', async () => {
  bff = await served({ endpoints: [read], upstreams: [bind(shop, { targets: urls() })] });
  const { statuses, served: shares } = await ask(300);
  expect(statuses).toEqual({ 200: 300 });
  for (const name of names) expect(shares[name]).toBeGreaterThan(30);
});

test('a target that fails is left alone, nobody notices, and it gets traffic again when it is well', async () => {
  bff = await served({
    endpoints: [read],
    upstreams: [bind(shop, { targets: urls(), breaker: neverOpens, outlier: { ejectMs: 2_000 } })],
  });
  const [sick] = services;
  if (sick === undefined) throw new Error('no service');
  sick.mode = faults.status(503);
  expect((await ask(200)).statuses).toEqual({ 200: 200 }); // the retry goes to another target
  const [status] = bff.bff.upstreams.status();
  expect(status?.targets.filter(({ ejectedForMs }) => ejectedForMs > 0).map(({ origin }) => origin)).toEqual([
    sick.url,
  ]);
  sick.mode = faults.ok({ id: 'a' });
  await vi.waitFor(async () => expect((await ask(40)).served.a).toBeGreaterThan(0), { timeout: 15_000 });
});

test('health checks take a sick target out before a request meets it, and bring it back', async () => {
  const [sick] = services;
  if (sick === undefined) throw new Error('no service');
  sick.mode = faults.status(500);
  bff = await served({
    endpoints: [read],
    upstreams: [
      bind(shop, {
        targets: urls(),
        health: { path: '/health', everyMs: 100, timeoutMs: 100, healthy: 1, unhealthy: 1 },
        outlier: false,
      }),
    ],
  });
  const healthOfSick = (): string | undefined => bff?.bff.upstreams.status()[0]?.targets[0]?.health;
  await vi.waitFor(() => expect(healthOfSick()).toBe('unhealthy'), { timeout: 5_000 });
  expect((await ask(60)).served.a).toBe(0);
  sick.mode = faults.ok({ id: 'a' });
  await vi.waitFor(() => expect(healthOfSick()).toBe('healthy'), { timeout: 5_000 });
  expect((await ask(100)).served.a).toBeGreaterThan(0);
});

test('a list in a file moves the traffic without losing a request', async () => {
  const file = await replace('targets.json', urls().slice(0, 1));
  bff = await served({
    endpoints: [read],
    upstreams: [bind(shop, { targets: fileTargets(file, { pollMs: 100 }) })],
  });
  expect((await ask(20)).served).toMatchObject({ a: 20 });
  const running = ask(2_000);
  await replace('targets.json', urls().slice(1, 2));
  expect((await running).statuses).toEqual({ 200: 2_000 });
  await vi.waitFor(async () => expect((await ask(20)).served).toMatchObject({ b: 20 }), { timeout: 5_000 });
});

test('a policy file splits traffic between versions and can change; a broken one keeps the last good one', async () => {
  const problems: ProblemFact[] = [];
  const file = await replace('traffic.json', { shop: { weights: { v1: 100 } } });
  bff = await served({
    endpoints: [read],
    trafficFile: file,
    upstreams: [
      bind(shop, {
        targets: [
          { url: services[0]?.url ?? '', version: 'v1' },
          { url: services[1]?.url ?? '', version: 'v2' },
        ],
      }),
    ],
  });
  bff.bff.events.on('problem', (fact) => problems.push(fact));
  await vi.waitFor(async () => expect((await ask(20)).served).toMatchObject({ a: 20, b: 0 }), {
    timeout: 5_000,
  });
  await replace('traffic.json', { shop: { weights: { v2: 100 } } });
  await vi.waitFor(async () => expect((await ask(20)).served).toMatchObject({ a: 0, b: 20 }), {
    timeout: 5_000,
  });
  await replace('traffic.json', '{ "shop": { "weights": { "v1": -1 } } }');
  await vi.waitFor(() => expect(problems.map(({ part }) => part)).toContain('traffic policy'), {
    timeout: 5_000,
  });
  expect((await ask(20)).served).toMatchObject({ a: 0, b: 20 });
});

test('shadow traffic to a service that hangs delays and fails nothing', async () => {
  const [main, , shadow] = services;
  if (main === undefined || shadow === undefined) throw new Error('no service');
  shadow.mode = faults.hang;
  bff = await served({
    endpoints: [read],
    upstreams: [bind(shop, { targets: main.url, shadow: { target: shadow.url, sample: 1 } })],
  });
  const before = shadow.requests.length;
  expect((await ask(200)).statuses).toEqual({ 200: 200 });
  const copies = shadow.requests.slice(before);
  expect(copies.length).toBeGreaterThan(0);
  expect(copies.length).toBeLessThanOrEqual(16);
  expect(copies.every(({ headers }) => headers['bff-shadow'] === '1')).toBe(true);
});
