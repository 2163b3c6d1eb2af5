/**
 * Chromium’s own cache before the gateway: it reads every coding, and what a 304 says is good is a 200 for the page.
 */
import { anyone, endpoint, tokenBucket } from 'bffkit';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { launchChromium } from '../support/chromium.ts';
import { type ServedBff, served } from '../support/served.ts';

const List = z.object({ items: z.array(z.string()) });
const list = { items: Array.from({ length: 100 }, (_, index) => `Zoë’s thing ${index}`) };
const options = { summary: 'List.', access: anyone(), deadlineMs: 2_000 } as const;
const made = endpoint('GET', '/made', options).handle(List, async () => list);
const kept = endpoint('GET', '/kept', { ...options, cache: { scope: 'public', ttlMs: 600_000 } }).handle(
  List,
  async () => list,
);
const start = endpoint('GET', '/', options).answer(() => ({
  status: 200,
  headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'; img-src data:" },
  body: '<!doctype html><title>Shop</title><link rel="icon" href="data:,">',
}));

/** What came to the gateway, in order. */
const arrived: (readonly [method: string, status: number])[] = [];
let gateway: ServedBff;
let browser: Browser;
let page: Page;
let network: CDPSession;
beforeAll(async () => {
  gateway = await served({
    upstreams: [],
    endpoints: [made, kept, start],
    allowedHosts: ['127.0.0.1'],
    limits: tokenBucket({ capacity: 100_000 }),
  });
  gateway.bff.events.on('request', ({ method, status }) => arrived.push([method, status]));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.close();
});
beforeEach(async () => {
  const context = await browser.newContext();
  page = await context.newPage();
  network = await context.newCDPSession(page);
  await network.send('Network.enable');
  await page.goto(gateway.url);
  arrived.length = 0;
});
afterEach(() => page.context().close());

/** What the page is given. */
interface Seen {
  readonly status: number;
  readonly etag: string | null;
  readonly coding: string | null;
  readonly vary: string | null;
  readonly text: string;
}

function ask(path: string, init: RequestInit = {}): Promise<Seen> {
  return page.evaluate(`(async () => {
    const answer = await fetch(${JSON.stringify(path)}, ${JSON.stringify(init)});
    const header = (name) => answer.headers.get(name);
    return { status: answer.status, etag: header('etag'), coding: header('content-encoding'),
      vary: header('vary'), text: await answer.text() };
  })()`);
}

describe.each([
  ['identity', [], null],
  ['gzip', ['gzip'], 'gzip'],
  ['br', ['br'], 'br'],
  ['zstd', ['zstd'], 'zstd'],
  ['all it knows', undefined, 'br'],
] as const)('in %s', (_name, encodings, coding) => {
  beforeEach(async () => {
    if (encodings === undefined) return;
    const send: (method: string, parameters: object) => Promise<unknown> = network.send.bind(
      network,
    ) as never;
    await send('Network.setAcceptedEncodings', { encodings }); // no type has it yet
  });

  test('a kept answer is asked for once; asked whether it is good, a 304 is a 200 for the page', async () => {
    const first = await ask('/kept');
    expect([first.status, JSON.parse(first.text), first.vary]).toEqual([200, list, 'Accept-Encoding']);
    expect(first.coding).toBe(coding);
    expect(first.etag).toMatch(coding === null ? /^"/ : /^W\/"/);
    expect(await ask('/kept')).toEqual(first);
    expect(arrived).toEqual([['GET', 200]]);
    expect(await ask('/kept', { cache: 'no-cache' })).toEqual(first);
    expect(arrived).toEqual([
      ['GET', 200],
      ['GET', 304],
    ]);
    expect(await ask('/kept', { cache: 'reload' })).toEqual(first); // encoded for good by now
    expect(await ask('/kept', { method: 'HEAD', cache: 'reload' })).toEqual({ ...first, text: '' });
    expect(arrived.slice(2)).toEqual([
      ['GET', 200],
      ['HEAD', 200],
    ]);
  });

  test('an answer that nobody may keep is asked for each time', async () => {
    const first = await ask('/made');
    expect([first.status, JSON.parse(first.text), first.coding]).toEqual([200, list, coding]);
    expect(await ask('/made')).toEqual(first);
    expect(await ask('/made', { cache: 'no-cache' })).toEqual(first);
    expect(arrived).toEqual([
      ['GET', 200],
      ['GET', 200],
      ['GET', 200],
    ]);
  });
});
