/**
 * The console of the whole shop in Chromium, against the real shop: what a team shows when it demonstrates it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Services, startServices } from '@acme/services-mock';
import type { Bff, Logger } from 'bffkit';
import { type RunningBff, serve } from 'bffkit/node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
// @boundaries-ignore what `npm start` runs, started here on free ports
import { type ShopConsole, startConsole } from '../../../services-mock/src/shop/console.ts';
// @boundaries-ignore its visitors
import { createTraffic, type Traffic } from '../../../services-mock/src/shop/traffic.ts';
import { envOf, loadBffs } from '../../support/bff-package.ts';
import { launchChromium } from '../../support/chromium.ts';
import { partnerKey, partnerSeed } from '../../support/shop.ts';
import { type OpenPage, openConsole } from './open-console.ts';

const silent: Logger = { info() {}, warn() {}, error() {} };
const root = fileURLToPath(new URL('../../..', import.meta.url));

let services: Services;
let running: (RunningBff & { readonly name: string; readonly bff: Bff })[];
let traffic: Traffic;
let shop: ShopConsole;
let browser: Browser;
let folder: string;
let opened: OpenPage[];

beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  folder = await mkdtemp(join(tmpdir(), 'bffkit-console-'));
  const partner = join(folder, 'partner');
  await writeFile(partner, `authorization: Bearer ${partnerKey}\n`);
  const env = { ...envOf(services.urls), ...partnerSeed() };
  running = [];
  for (const bff of await loadBffs()) {
    const options = {
      port: 0,
      adminPort: 0,
      hostname: '127.0.0.1',
      graceMs: 0,
      signals: false,
      logger: silent,
    };
    const made = bff.create(env);
    running.push({ name: bff.name, bff: made, ...(await serve(made, options)) });
  }
  const credentials = { partner: relative(root, partner) };
  traffic = createTraffic({ gateways: () => running, issuer: services.issuer, credentials });
  shop = await startConsole({ port: 0, gateways: () => running, faults: services.faults, traffic });
  browser = await launchChromium();
});

afterAll(async () => {
  traffic?.stop();
  await browser?.close();
  await shop?.close();
  await Promise.all((running ?? []).map((bff) => bff.close()));
  await services?.close();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  opened = [];
  services.faults.clear();
  traffic.set('gentle');
});

afterEach(async () => {
  for (const { context } of opened) await context.close();
});

async function open(hash = '', looks: Parameters<typeof openConsole>[2] = {}): Promise<OpenPage> {
  const one = await openConsole(browser, `${shop.url}${hash}`, looks);
  opened.push(one);
  return one;
}

test.each([
  [1_440, ['Bytes in → out', 'SLO burn']],
  [390, ['p95']],
] as const)('%d wide, columns without room hide and come back on request', async (width, shown) => {
  const { page } = await open('#/all/overview', { width });
  const heads = page.getByRole('table', { name: 'Endpoints' }).getByRole('columnheader');
  await heads.first().waitFor();
  const names = await heads.allInnerTexts();
  expect(names.filter((name) => name !== '')).toEqual(expect.arrayContaining([...shown]));
  expect(await heads.filter({ hasText: 'Change', visible: true }).count()).toBe(0);
  await page.getByRole('button', { name: 'All columns' }).click();
  await expect.poll(() => heads.filter({ hasText: 'Change', visible: true }).count()).toBe(1);
});

const row = (page: Page, path: string) => page.getByRole('row', { name: path }).first();

test('the figures live: requests are counted while one looks', async () => {
  const { page, seen } = await open('#/web/overview');
  const tile = page.getByRole('region', { name: 'Requests' }).locator('.detail');
  const countOf = async (): Promise<number> =>
    Number(/[\d,]+/.exec((await tile.textContent()) ?? '')?.[0].replace(',', ''));
  await expect.poll(countOf).toBeGreaterThan(0);
  const before = await countOf();
  await expect.poll(countOf).toBeGreaterThan(before);
  expect(seen.complaints).toEqual([]);
});

/** When a call of the service failed first, from now on. */
function firstFailureOf(gateway: string, service: string): Promise<number> {
  const events = running.find(({ name }) => name === gateway)?.bff.events;
  return new Promise((resolve) => {
    const stop = events?.on('call', ({ upstream, outcome }) => {
      if (upstream !== service || outcome === 'ok') return;
      stop?.();
      resolve(performance.now());
    });
  });
}

// Counted from the first call that failed: how fast a busy machine clicks is not what is promised.
test('one click on a fault opens a breaker on screen and degrades a screen, within two seconds', async () => {
  const { page, seen } = await open('#/web/upstreams');
  await expect.poll(() => page.locator('article[data-breaker="closed"]').count()).toBeGreaterThan(5);
  const failed = firstFailureOf('web', 'reviews');
  await page.getByRole('button', { name: 'reviews 500s: Answers 500 to everything' }).click();
  const card = page.getByRole('article', { name: 'reviews' });
  await card.getByText('Breaker open').waitFor();
  const openMs = performance.now();
  expect(openMs - (await failed)).toBeLessThan(2_000);
  await expect
    .poll(() => page.getByRole('status').allTextContents())
    .toContainEqual(expect.stringMatching(/breaker of reviews closed → open/));
  await page.goto(`${shop.url}#/web/overview`);
  await expect
    .poll(async () => row(page, '/api/products/:id').getByRole('cell').nth(3).textContent())
    .toMatch(/[1-9]/);
  await page.getByRole('button', { name: 'All well again' }).click();
  await expect.poll(() => services.faults.list().reviews).toEqual([]);
  expect(seen.complaints).toEqual([]);
});

test('an endpoint shows its plan, what it waits for, and where the time of one request went', async () => {
  const { page, seen } = await open('#/web/overview');
  await row(page, '/api/home').getByRole('link').click();
  await page.getByRole('heading', { name: '/api/home' }).waitFor();
  const graph = page.getByRole('img', {
    name: /Call graph of GET \/api\/home: .*recent calls orders\.list after profile/,
  });
  await expect.poll(() => graph.locator('[data-critical]').count()).toBeGreaterThan(2);
  const requests = page.getByRole('list', { name: 'Requests' }).getByRole('button');
  await expect.poll(() => requests.count()).toBeGreaterThan(0);
  await requests.first().click();
  const bars = page.getByRole('table', { name: /^Calls of the request/ });
  await expect.poll(() => bars.getByRole('row').count()).toBeGreaterThan(2);
  expect(seen.complaints).toEqual([]);
});

test('nothing is asked of another origin, whatever is looked at', async () => {
  const { page, seen } = await open();
  for (const view of ['requests', 'upstreams', 'limits', 'cache', 'problems', 'overview']) {
    await page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('link', { name: new RegExp(view, 'i') })
      .click();
    await expect.poll(() => page.evaluate('location.hash')).toContain(view);
  }
  const origins = seen.urls.filter((url) => !url.startsWith('data:')).map((url) => new URL(url).origin);
  expect(new Set(origins)).toEqual(new Set([new URL(shop.url).origin]));
  expect(seen.complaints).toEqual([]);
});

test('a console that goes away is told, and comes back', async () => {
  const { page } = await open();
  const port = Number(new URL(shop.url).port);
  await shop.close();
  await page.getByRole('alert').getByText('Connection lost').waitFor();
  shop = await startConsole({ port, gateways: () => running, faults: services.faults, traffic });
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByRole('alert').waitFor({ state: 'hidden' });
});

describe('with the keyboard alone', () => {
  test('the filter, the table and an endpoint are a few keys away, and Escape leads back', async () => {
    const { page } = await open();
    await row(page, '/api/home').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('web api/o');
    await expect.poll(() => page.getByRole('table', { name: 'Endpoints' }).getByRole('row').count()).toBe(3);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('/api/orders/:id');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '/api/orders/:id' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('table', { name: 'Endpoints' }).waitFor();
  });
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

describe('axe-core finds nothing serious', () => {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  const views = [
    'all/overview',
    'all/requests',
    'all/upstreams',
    'all/limits',
    'all/cache',
    'all/problems',
    'web/endpoint/GET%20%2Fapi%2Fhome',
  ];

  test.each([
    ['light', 1_440],
    ['dark', 1_440],
    ['light', 390],
  ] as const)('in %s, %d wide', async (colorScheme, width) => {
    services.faults.set('reviews', 'status:500');
    traffic.nudge();
    const { page } = await open('', { colorScheme, width, bypassCSP: true });
    await page.addScriptTag({ path: axe });
    for (const view of views) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `#/${view}`);
      await page.locator('main h1').first().waitFor({ state: 'attached' });
      const { violations } = (await page.evaluate('axe.run(document)')) as {
        violations: readonly Violation[];
      };
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      const found = serious.map(({ id, nodes }) => [
        view,
        id,
        nodes.slice(0, 3).map(({ target, failureSummary }) => `${target}: ${failureSummary}`),
      ]);
      expect(found).toEqual([]);
    }
  });
});

test.each([1_440, 1_024, 390])('%d wide, the page itself never scrolls sideways', async (width) => {
  const { page } = await open('', { width, height: 844 });
  for (const view of ['all/overview', 'all/upstreams', 'web/endpoint/GET%20%2Fapi%2Fhome', 'all/problems']) {
    await page.goto(`${shop.url}#/${view}`);
    await page.locator('main h1').first().waitFor({ state: 'attached' });
    const spare = await page.evaluate(`(() => {
      const body = document.querySelector('.body');
      return [document.documentElement.scrollWidth - innerWidth, body.scrollWidth - body.clientWidth];
    })()`);
    expect([view, spare]).toEqual([view, [0, 0]]);
  }
});
