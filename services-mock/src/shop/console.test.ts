import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaultBoard, type FaultBoard } from '../fault-board.ts';
import { type ConsoleGateway, type ShopConsole, startConsole } from './console.ts';
import { frame, framesOf } from './sse.ts';
import type { Traffic, TrafficMode } from './traffic.ts';

const names = ['web', 'mobile', 'partner'];

interface Fake extends ConsoleGateway {
  readonly server: Server;
  readonly streams: Set<ServerResponse>;
  asked: number;
}

/** The admin port of a BFF, as far as the console asks. */
async function startFake(name: string): Promise<Fake> {
  const streams = new Set<ServerResponse>();
  const server = createServer(({ url = '', headers }, response) => {
    if (headers.authorization !== `Bearer ${name}-token`) return response.writeHead(401).end();
    if (url.startsWith('/console/events')) {
      fake.asked += 1;
      streams.add(response);
      response.once('close', () => streams.delete(response));
      return response.writeHead(200).write(frame('bff', { name }));
    }
    if (url.startsWith('/console/data')) return response.end(JSON.stringify({ bffs: [{ about: { name } }] }));
    return response
      .writeHead(200, { 'content-security-policy': 'strict', 'x-own': '1' })
      .end(`page of ${url}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const adminUrl = `http://127.0.0.1:${port}`;
  const fake: Fake = {
    name,
    url: adminUrl,
    adminUrl,
    adminToken: `${name}-token`,
    server,
    streams,
    asked: 0,
  };
  return fake;
}

let fakes: Fake[];
let faults: FaultBoard;
let mode: TrafficMode;
let nudges: number;
let shop: ShopConsole;
let left: AbortController;

beforeEach(async () => {
  fakes = await Promise.all(names.map(startFake));
  faults = createFaultBoard(1);
  mode = 'off';
  nudges = 0;
  left = new AbortController();
  const traffic: Traffic = {
    mode: () => mode,
    set: (next) => {
      mode = next;
    },
    nudge: () => {
      nudges += 1;
    },
    stop() {},
  };
  shop = await startConsole({ port: 0, gateways: () => fakes, faults, traffic });
});

afterEach(async () => {
  left.abort();
  await shop.close();
  for (const fake of fakes) stopFake(fake);
});

function stopFake({ server }: Fake): void {
  server.closeAllConnections();
  server.close();
}

const part = (index: number): Fake => fakes[index] as Fake;

interface Reading {
  /** Reads on until a frame is this one. */
  until(wanted: string): Promise<string[]>;
  /** Reads on until the end. */
  rest(): Promise<string[]>;
}

async function openEvents(): Promise<Reading> {
  const { body } = await fetch(`${shop.url}/events`, { signal: left.signal });
  const frames = framesOf(body as ReadableStream<Uint8Array>);
  async function read(wanted?: string): Promise<string[]> {
    const seen: string[] = [];
    for (;;) {
      const { value, done } = await frames.next();
      if (done === true) return seen;
      seen.push(value);
      if (value === wanted) return seen;
    }
  }
  return { until: read, rest: () => read() };
}

const put = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${shop.url}/dev/${path}`, { method: 'PUT', body: JSON.stringify(body), headers });

describe('one page of three gateways', () => {
  it('shows all of them, each asked with its own token', async () => {
    const { bffs, dev } = await (await fetch(`${shop.url}/data`)).json();
    expect(bffs.map(({ about }: { about: { name: string } }) => about.name)).toEqual(names);
    expect(dev).toMatchObject({ traffic: 'off', faults: { orders: [] } });
  });

  it('goes on with two when one is down', async () => {
    stopFake(part(0));
    const { bffs } = await (await fetch(`${shop.url}/data`)).json();
    expect(bffs.map(({ about }: { about: { name: string } }) => about.name)).toEqual(['mobile', 'partner']);
    expect(await (await fetch(`${shop.url}/page/app.js`)).text()).toBe('page of /console/page/app.js');
  });

  it('says so when none answers', async () => {
    for (const fake of fakes) stopFake(fake);
    expect((await fetch(shop.url)).status).toBe(503);
  });

  it('passes on the policy of the page and no other header of it', async () => {
    const { headers } = await fetch(shop.url);
    expect([headers.get('content-security-policy'), headers.get('x-own')]).toEqual(['strict', null]);
  });
});

describe('the feed', () => {
  it('brings what every gateway tells, and which one is gone', async () => {
    stopFake(part(1));
    const feed = await openEvents();
    const seen = new Set<string>();
    const wanted = [
      frame('bff', { name: 'web' }),
      frame('bff', { name: 'partner' }),
      frame('gone', { bff: 'mobile' }),
    ];
    while (!wanted.every((one) => seen.has(one)))
      for (const one of await feed.until(wanted.find((text) => !seen.has(text)) ?? '')) seen.add(one);
  });

  it('asks again after a gateway broke off', async () => {
    const feed = await openEvents();
    await feed.until(frame('bff', { name: 'web' }));
    for (const stream of part(0).streams) stream.destroy();
    await feed.until(frame('gone', { bff: 'web' }));
    await feed.until(frame('bff', { name: 'web' }));
    expect(part(0).asked).toBe(2);
  });

  it('ends with the console, and asks nobody any more', async () => {
    const feed = await openEvents();
    await feed.until(frame('bff', { name: 'partner' }));
    const streams = fakes.flatMap((fake) => [...fake.streams]);
    const ended = Promise.all(streams.map((stream) => once(stream, 'close')));
    const rest = feed.rest().catch(() => []);
    await shop.close();
    await rest;
    await ended;
    expect(fakes.map(({ streams: open }) => open.size)).toEqual([0, 0, 0]);
    shop = { url: '', close: async () => {} };
  });
});

describe('what only development has', () => {
  it('a fault is set, and visitors come at once to meet it', async () => {
    const answer = await put('faults/orders', ['hang']);
    expect(await answer.json()).toMatchObject({ faults: { orders: ['hang'] } });
    expect([faults.list().orders, nudges]).toEqual([['hang'], 1]);
    await fetch(`${shop.url}/dev/faults`, { method: 'DELETE' });
    expect([faults.list().orders, nudges]).toEqual([[], 1]);
  });

  it('a wrong word is refused and changes nothing', async () => {
    const statuses = [
      await put('faults/orders', ['no such fault']),
      await put('faults/nobody', ['hang']),
      await put('faults/orders', { hang: true }),
      await put('traffic', { mode: 'flood' }),
      await put('faults/orders', ['x'.repeat(5_000)]),
    ].map(({ status }) => status);
    expect(statuses).toEqual([400, 400, 400, 400, 413]);
    expect([faults.list().orders, mode]).toEqual([[], 'off']);
  });

  it.each([{ origin: 'http://evil.test' }, { 'sec-fetch-site': 'cross-site' }])(
    'a page from elsewhere sets nothing: %o',
    async (headers) => {
      expect((await put('traffic', { mode: 'busy' }, headers as Record<string, string>)).status).toBe(403);
      expect(mode).toBe('off');
    },
  );
});
