/** Every sample that the docs show is run as it stands, against the partner BFF with the mock shop behind. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { tokenBucket } from 'bffkit';
import { type RunningBff, serve } from 'bffkit/node';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { envOf, loadBffs } from '../support/bff-package.ts';
import { type Ran, type RunSample, samplePrograms } from '../support/sample-programs.ts';
import { readFacts, type ShopFacts } from '../support/sample-values.ts';
import { partnerCustomer, partnerKey, partnerSeed } from '../support/shop.ts';
import { crawl, type OpenDocs, openDocs } from './open-docs.ts';

const folder = fileURLToPath(new URL('../../bffs/partner/src/docs/samples/', import.meta.url));
const languages = { 'curl.sh': 'bash', 'client.ts': 'node', 'client.py': 'python3' } as const;
const files = Object.keys(languages) as (keyof typeof languages)[];

let docs: OpenDocs;
let facts: ShopFacts;
/** The partner BFF with a limit that is met at once. */
let slow: RunningBff;
let run: RunSample;

beforeAll(async () => {
  run = samplePrograms();
  docs = await openDocs();
  const { urls } = docs.shop.services;
  facts = await readFacts(urls, partnerCustomer);
  const partner = (await loadBffs()).find(({ name }) => name === 'partner');
  if (partner === undefined) throw new Error('there is no BFF partner');
  const tight = tokenBucket({ name: 'burst', capacity: 1, refillPerSecond: 1, by: 'partner' });
  slow = await serve(
    partner.create(
      { ...envOf(urls), ...partnerSeed() },
      { limits: tight, plans: { free: tight, pro: tight } },
    ),
    {
      port: 0,
      adminPort: 0,
      hostname: '127.0.0.1',
      graceMs: 0,
      signals: false,
      logger: { info() {}, warn() {}, error() {} },
    },
  );
}, 120_000); // programs may have to be fetched first

afterAll(async () => {
  await slow?.close();
  await docs?.close();
});

/** Runs a sample; fails with what it wrote when it does not end well. */
async function sample(
  name: string,
  file: keyof typeof languages,
  env: Record<string, string> = {},
  input = '',
): Promise<string> {
  const ran = await run(
    [languages[file], `${folder}${name}/${file}`],
    { API_URL: docs.url, API_KEY: docs.key, ...env },
    input,
  );
  expect([name, file, ran.code, ran.code === 0 ? '' : ran.stderr]).toEqual([name, file, 0, '']);
  return ran.stdout;
}

/** How many requests the slow BFF has refused. */
async function refusals(): Promise<number> {
  const metrics = await (await fetch(`${slow.adminUrl}/metrics`)).text();
  return [...metrics.matchAll(/^\S*\{[^}]*status="429"[^}]*\} (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** How many orders of the partner the service has. */
async function countOrders(): Promise<number> {
  const ids = new Set<string>();
  const url = new URL(`${docs.shop.services.urls.orders}/orders?customer=${partnerCustomer}&limit=100`);
  for (;;) {
    const page = (await (await fetch(url)).json()) as {
      readonly items: readonly { readonly id: string }[];
      readonly next: string | null;
    };
    for (const { id } of page.items) ids.add(id);
    if (page.next === null) return ids.size;
    url.searchParams.set('cursor', page.next);
  }
}

test('each sample is there in every language', () => {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(names.length).toBeGreaterThan(5);
  for (const { name } of names)
    expect([name, readdirSync(folder + name).toSorted()]).toEqual([name, files.toSorted()]);
});

test('the catalog is read to its end, and every language counts the same', async () => {
  const counted = await Promise.all(files.map((file) => sample('list-products', file)));
  const numbers = counted.map((text) => /(\d+) products/.exec(text)?.[1]);
  expect(new Set(numbers).size).toBe(1);
  expect(Number(numbers[0])).toBeGreaterThan(100);
});

test.each(files)('an order is placed once and read again: %s', async (file) => {
  const before = await countOrders();
  const placed = await sample('create-order', file, { SKU: facts.sku });
  expect(await countOrders()).toBe(before + 1);
  const [id = ''] = /ord_\w+/.exec(placed) ?? [];
  const read = await sample('get-order', file, { ORDER_ID: id });
  expect(read).toContain(id);
  expect(read).toContain('EUR');
});

test.each(['client.ts', 'client.py'] as const)('an order that is not there is told: %s', async (file) => {
  expect(await sample('get-order', file, { ORDER_ID: 'ord_missing' })).toContain('there is no such order');
});

test.each(files)('usage is read: %s', async (file) => {
  expect(await sample('read-usage', file)).toMatch(/requests/);
});

test.each(files)('whoever is too fast waits and gets all: %s', async (file) => {
  const refusedBefore = await refusals();
  const told = await sample('slow-down', file, { API_URL: slow.url });
  for (const sku of ['SKU-00001', 'SKU-00002', 'SKU-00003']) expect(told).toContain(sku);
  expect(await refusals()).toBeGreaterThan(refusedBefore);
});

test.each(files)('an order is placed once although the first tries are refused: %s', async (file) => {
  await fetch(`${slow.url}/v1/inventory/${facts.sku}`, {
    headers: { authorization: `Bearer ${partnerKey}` },
  }); // uses up the limit
  const before = await countOrders();
  expect(await sample('create-order', file, { API_URL: slow.url, SKU: facts.sku })).toMatch(/ord_\w+/);
  expect(await countOrders()).toBe(before + 1);
});

/** Passes requests on to the BFF, and loses the first answer: as a gateway between would, or with the connection. */
async function losing(
  how: 'bad gateway' | 'connection',
): Promise<{ readonly url: string; readonly lost: () => number; close(): Promise<void> }> {
  let lost = 0;
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await fetch(docs.url + request.url, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).flatMap(([name, value]) =>
        /^(?:host|connection|content-length|expect)$/.test(name) || typeof value !== 'string'
          ? []
          : [[name, value] as [string, string]],
      ),
      body: await text(request),
    });
    const body = await answer.text();
    if (lost > 0) return void response.writeHead(answer.status).end(body);
    lost += 1;
    if (how === 'connection') request.socket.destroy();
    else response.writeHead(502, { 'retry-after': '1' }).end();
  };
  const server = createServer((request, response) => void pass(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lost: () => lost,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each([
  ['curl.sh', 'bad gateway'],
  ['client.ts', 'connection'],
  ['client.py', 'connection'],
] as const)('an order whose answer is lost is placed once: %s, %s', async (file, how) => {
  const between = await losing(how);
  try {
    const before = await countOrders();
    expect(await sample('create-order', file, { API_URL: between.url, SKU: facts.sku })).toMatch(/ord_\w+/);
    expect([between.lost(), await countOrders()]).toEqual([1, before + 1]);
  } finally {
    await between.close();
  }
});

const secret = `whsec_${Buffer.from('a secret of 32 bytes for tests!!').toString('base64')}`;
const body = '{"type":"order.updated","data":{"note":"Grüße\\n"}}\n';

/** A webhook as the library of Standard Webhooks signs it. */
function signed(at: Date, signedBody: string): Record<string, string> {
  return {
    WEBHOOK_SECRET: secret,
    WEBHOOK_ID: 'evt_1',
    WEBHOOK_TIMESTAMP: String(Math.floor(at.getTime() / 1_000)),
    WEBHOOK_SIGNATURE: `v1,bm90IHRoaXMgb25l ${new Webhook(secret).sign('evt_1', at, signedBody)}`,
  };
}

const verify = (file: keyof typeof languages, env: Record<string, string>, given: string): Promise<Ran> =>
  run([languages[file], `${folder}verify-webhook/${file}`], env, given);

test.each(files)(
  'a webhook is verified; a changed one, an old one and one of another secret are not: %s',
  async (file) => {
    const now = new Date();
    const old = new Date(now.getTime() - 301_000);
    const other = `whsec_${Buffer.from('another secret of 32 bytes, too!').toString('base64')}`;
    const good = await verify(file, signed(now, body), body);
    const bad = await Promise.all([
      verify(file, signed(now, body), body.replace('note', 'Note')),
      verify(file, signed(old, body), body),
      verify(file, { ...signed(now, body), WEBHOOK_SECRET: other }, body),
      verify(file, { ...signed(now, body), WEBHOOK_SIGNATURE: 'v1,' }, body),
    ]);
    expect([good.code, good.stdout.trim(), good.stderr]).toEqual([0, 'valid', '']);
    expect(bad.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  },
);

interface Shown {
  readonly page: string;
  readonly label: string;
  readonly code: string;
}

/** The requests that pages of operations show, as a reader copies them. */
async function shownRequests(): Promise<Shown[]> {
  const pages = await crawl(docs.url, '/docs/reference');
  return [...pages].flatMap(([page, { text }]) => {
    if (!/\/reference\/[^/]+\/[^/]+$/.test(page)) return [];
    const [, tabs = ''] = /<section class="tabs"[^>]*>(.*?)<\/section>/s.exec(text) ?? [];
    return [...tabs.matchAll(/data-label="([^"]+)">.*?<code>(.*?)<\/code>/gs)].map(
      ([, label = '', code = '']) => ({
        page,
        label,
        code: plain(code).replaceAll('http://localhost:4003', docs.url),
      }),
    );
  });
}

function plain(html: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&amp;': '&',
  };
  return html
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/&(?:lt|gt|quot|amp|#39);/g, (entity) => entities[entity] ?? '');
}

function commandOf({ label, code }: Shown): [string, ...string[]] {
  if (label === 'curl') return ['bash', '-c', code.replace('curl ', 'curl --silent --show-error ')];
  return label === 'TypeScript'
    ? ['node', '--input-type=module-typescript', '-e', code]
    : ['python3', '-c', code];
}

test('every request that the reference shows is one that the API takes: each language, and each version with curl', async () => {
  const shown = (await shownRequests()).filter(
    ({ page, label }) => label === 'curl' || page.includes('/2026-11-01/'),
  );
  expect(shown.length).toBeGreaterThan(60);
  const waiting = shown.values();
  const refused: string[] = [];
  let good = 0;
  const work = async (): Promise<void> => {
    for (const each of waiting) {
      const { code, stdout, stderr } = await run(commandOf(each), { API_KEY: docs.key });
      const isMissing = /"not-found"|HTTP Error 404/.test(stdout + stderr); // an id of an example that nobody made
      const isDone = code === 0 && !stdout.includes('"urn:bffkit:problem:');
      if (isDone) good += 1;
      else if (!isMissing) refused.push(`${each.page} ${each.label}: ${stdout}${stderr}`);
    }
  };
  await Promise.all([work(), work(), work()]);
  expect(refused).toEqual([]);
  expect(good).toBeGreaterThan(25);
}, 90_000);
