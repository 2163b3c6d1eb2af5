/**
 * Restarts under load, with real processes and real signals: a client that listens to readiness and to
 * `Connection: close` loses nothing.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { anyone, bind, defineBff, endpoint, functionTargets, get, upstream } from 'bffkit';
import { serve } from 'bffkit/node';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type Balancer, balancer } from '../support/balancer.ts';
import { type ChildBff, childBff } from '../support/child-bff.ts';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { getRequest, type RawClient, rawClient } from '../support/raw-client.ts';

const good = { id: '1' };
/** Long enough for a balancer on a busy machine to notice, and for every thinking client to ask once. */
const graceMs = 1_000;
const pollMs = 25;

let service: FaultyUpstream;
const children: ChildBff[] = [];

beforeEach(async () => {
  service = await faultyUpstream(faults.ok(good));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal('SIGKILL');
    await child.exit;
  }
  await service.close();
});

async function start(options: Parameters<typeof childBff>[1] = {}): Promise<ChildBff> {
  const child = await childBff(service.url, options);
  children.push(child);
  return child;
}

interface Tally {
  answered: number;
  readonly failures: unknown[];
}

/** Asks over one kept-alive connection for as long as the server lets it, thinking in between. */
async function client(through: Balancer, tally: Tally, thinkMs: () => number, isOver: () => boolean) {
  let connection: RawClient | undefined;
  while (!isOver()) {
    try {
      connection ??= await rawClient(through.pick().url);
      connection.write(getRequest('/part'));
      const answer = await connection.answer();
      if (answer.status === 200 && answer.body.toString() === '{"id":"1"}') tally.answered += 1;
      else tally.failures.push(answer.status);
      if (answer.headers.connection === 'close') {
        connection.socket.destroy();
        connection = undefined;
      }
    } catch (error) {
      tally.failures.push(error);
      connection = undefined;
    }
    await sleep(thinkMs());
  }
  connection?.socket.destroy();
}

test('a rolling restart of two instances, twice each, fails no request', async () => {
  service.mode = faults.slow(3, good);
  const through = balancer(pollMs);
  const running = await Promise.all([start({ graceMs }), start({ graceMs })]);
  for (const instance of running) {
    through.add(instance);
    await through.until(instance, true);
  }
  const tally: Tally = { answered: 0, failures: [] };
  let isOver = false;
  const clients = Array.from({ length: 24 }, (_, index) => {
    const isBusy = index % 2 === 0;
    return client(
      through,
      tally,
      () => (isBusy ? 1 : (index * 37) % 300),
      () => isOver,
    );
  });
  for (let restart = 0; restart < 4; restart += 1) {
    const [old, other] = running as [ChildBff, ChildBff];
    old.signal('SIGTERM');
    const starting = start({ graceMs });
    await through.until(old, false);
    expect(await old.exit).toBe(0);
    through.remove(old);
    const fresh = await starting;
    through.add(fresh);
    await through.until(fresh, true);
    running.splice(0, 2, other, fresh);
  }
  isOver = true;
  await Promise.all(clients);
  await through.stop();
  expect(tally.failures).toEqual([]);
  expect(tally.answered).toBeGreaterThan(1_000);
});

test('a signal to leave under load, then a second one: the process ends at once, long before its limit', async () => {
  const child = await start({ drainMs: 60_000 });
  service.mode = faults.hang;
  const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(child.url)));
  for (const { write } of clients) write(getRequest('/part'));
  await vi.waitFor(() => expect(service.requests).toHaveLength(20), { interval: 5, timeout: 5_000 });
  child.signal('SIGTERM');
  await vi.waitFor(() => expect(rawClient(child.url)).rejects.toThrow('ECONNREFUSED'), { timeout: 5_000 });
  const signalledMs = performance.now();
  child.signal('SIGTERM');
  expect(await child.exit).toBe(1);
  expect(performance.now() - signalledMs).toBeLessThan(4_000); // its requests have 5 s, its drain 60 s
  await Promise.all(clients.map(({ closed }) => closed));
  await service.quiet();
});

test('requests that outlast the limit are answered 503, and the exit code says that some were lost', async () => {
  const child = await start({ drainMs: 100 });
  service.mode = faults.hang;
  const clients = await Promise.all([rawClient(child.url), rawClient(child.url)]);
  for (const { write } of clients) write(getRequest('/part'));
  await vi.waitFor(() => expect(service.requests).toHaveLength(2), { interval: 5, timeout: 5_000 });
  child.signal('SIGTERM');
  for (const { answer } of clients) expect((await answer()).status).toBe(503);
  expect(await child.exit).toBe(1);
});

test('until every upstream has an address the public port is shut and readiness says why', async () => {
  const list = Promise.withResolvers<string[]>();
  const Part = z.object({ id: z.string() });
  const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
  const bff = defineBff({
    name: 'test',
    owner: '@acme/test',
    endpoints: [
      endpoint('GET', '/part', { summary: 'A part.', access: anyone(), deadlineMs: 2_000, cost: 0 })
        .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
        .respond(Part, ({ part }) => part),
    ],
    upstreams: [bind(shop, { targets: functionTargets(() => list.promise) })],
  });
  const [port, adminPort] = [await freePort(), await freePort()];
  const silent = { info() {}, warn() {}, error() {} };
  const starting = serve(bff, {
    port,
    adminPort,
    hostname: '127.0.0.1',
    graceMs: 0,
    signals: false,
    logger: silent,
  });
  const ready = async () => {
    const { statusCode, body } = await request(`http://127.0.0.1:${adminPort}/readyz`);
    return { statusCode, body: await body.json() };
  };
  await vi.waitFor(async () =>
    expect(await ready()).toEqual({ statusCode: 503, body: { status: 'starting' } }),
  );
  expect((await request(`http://127.0.0.1:${adminPort}/livez`)).statusCode).toBe(200);
  await expect(rawClient(`http://127.0.0.1:${port}`)).rejects.toThrow('ECONNREFUSED');
  list.resolve([service.url]);
  const running = await starting;
  expect(await ready()).toEqual({ statusCode: 200, body: { status: 'ready' } });
  expect((await request(`${running.url}/part`)).statusCode).toBe(200);
  expect(await running.close()).toBe(0);
});

/** A port that was free a moment ago: what is asked before `serve` resolves needs a known one. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
