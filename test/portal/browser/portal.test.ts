/**
 * The docs of the partner BFF in Chromium: every link of the navigation, every version, the search, the languages, and
 * an order that is really placed.
 */
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { storageOf, type Watch, watch } from '../../e2e/watch.ts';
import { launchChromium } from '../../support/chromium.ts';
import { type OpenDocs, openDocs } from '../open-docs.ts';

let browser: Browser;
let docs: OpenDocs;

beforeAll(async () => {
  browser = await launchChromium();
  docs = await openDocs();
});

afterAll(async () => {
  await browser?.close();
  await docs?.close();
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

interface Looks {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** For tools that put scripts of their own into the page. */
  readonly bypassCSP?: boolean;
  readonly javaScriptEnabled?: boolean;
}

async function open(path: string, looks: Looks = {}): Promise<{ readonly page: Page; readonly seen: Watch }> {
  const { width = 1_440, ...others } = looks;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
    ...others,
  });
  context.setDefaultTimeout(10_000);
  const seen = watch(context);
  const page = await context.newPage();
  await page.goto(docs.url + path);
  return { page, seen };
}

const newest = '/docs/reference/2026-11-01';
const order = `${newest}/postV1Orders`;

function nothingElse(seen: Watch): void {
  expect(seen.complaints).toEqual([]);
  const origins = seen.urls.filter((url) => !url.startsWith('data:')).map((url) => new URL(url).origin);
  expect([...new Set(origins)]).toEqual([docs.url]);
}

const minute = 60_000;

test.each(['2026-01-15', '2026-06-01', '2026-11-01'])(
  'every link of the navigation opens its page, without a complaint and without another origin: %s',
  async (version) => {
    const overview = `/docs/reference/${version}`;
    const { page, seen } = await open(overview);
    const all = await page
      .locator('#nav a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(all.length).toBeGreaterThan(20);
    // Beside a guide stands the newest reference, so those of this version come first.
    const links = all.toSorted(
      (one, other) => Number(other.startsWith(overview)) - Number(one.startsWith(overview)),
    );
    for (const link of links) {
      await page.locator(`#nav a[href="${link}"]`).click();
      await page.waitForURL(docs.url + link, { waitUntil: 'domcontentloaded' });
      expect([link, await page.locator('h1').count()]).toEqual([link, 1]);
      expect(await page.locator('#nav [aria-current=page]').getAttribute('href')).toBe(link);
    }
    nothingElse(seen);
  },
  2 * minute,
);

test('another version of the same operation is one choice away, and the old one says when it ends', async () => {
  const { page, seen } = await open(order);
  for (const version of ['2026-06-01', '2026-01-15']) {
    await page.locator('.versions-open').click();
    await page.locator('#versions').getByRole('link', { name: version }).click();
    await page.waitForURL(`${docs.url}/docs/reference/${version}/postV1Orders`);
  }
  await page.getByText('Deprecated on 1 November 2026, ends on 1 June 2027').waitFor();
  await page.getByRole('link', { name: 'What changed since' }).click();
  await page.waitForURL(`${docs.url}/docs/changelog#2026-11-01`);
  nothingElse(seen);
});

test('the changelog leads to the operations that a change touches', async () => {
  const { page, seen } = await open('/docs/changelog');
  await page.locator('.changes').getByRole('link', { name: 'POST /v1/orders' }).first().click();
  await page.waitForURL(docs.url + order);
  nothingElse(seen);
});

test('the search finds guides, operations, fields and codes with the keyboard alone', async () => {
  const { page, seen } = await open('/docs');
  const find = async (text: string, there: string): Promise<void> => {
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill(text);
    await page.locator('#found li').first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(docs.url + there);
  };
  await find('rate-limited', '/docs/errors#rate-limited');
  await find('verify signature', '/docs/webhooks#verify-the-signature');
  await find('post orders', order);
  await find('lines.quantity', `${order}#body-lines-quantity`);
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('idempotency');
  await expect.poll(() => page.locator('#found li').count()).toBeGreaterThan(3);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  expect(await page.locator('#found [aria-selected=true]').getAttribute('id')).toBe('found-1');
  await page.getByRole('combobox').fill('nothing of that kind');
  await page.getByText('Nothing is called').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('#search').isVisible()).toBe(false);
  nothingElse(seen);
});

test('a language that was chosen is chosen everywhere, also on the next page', async () => {
  const { page, seen } = await open('/docs/limits');
  await page.getByRole('tab', { name: 'Python' }).first().click();
  expect(await page.getByRole('tab', { name: 'Python', selected: true }).count()).toBe(2);
  expect(await page.getByText('import urllib.request').first().isVisible()).toBe(true);
  expect(await page.getByText('set -euo pipefail').first().isVisible()).toBe(false);
  await page.goto(docs.url + order);
  expect(await page.getByRole('tab', { name: 'Python', selected: true }).count()).toBe(1);
  await page.getByRole('tab', { name: 'Python' }).press('ArrowRight');
  expect(await page.getByRole('tab', { name: 'curl', selected: true }).count()).toBe(1);
  nothingElse(seen);
});

describe('the console', () => {
  const answer = '.try-answer';

  test('places a real order with a test key, and shows the replay', async () => {
    const { page, seen } = await open(order);
    await page.getByLabel('Test key').fill(docs.key);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator(`${answer} .status`, { hasText: '201' }).waitFor();
    const id = /ord_\w+/.exec((await page.locator(answer).textContent()) ?? '')?.[0];
    const kept = await (await fetch(`${docs.shop.services.urls.orders}/orders/${id}`)).json();
    expect(kept).toMatchObject({ id, customerId: 'usr_0001' });
    await page.getByRole('button', { name: 'Send again with the same key' }).click();
    await page.getByText('Replayed: the answer to the first').waitFor();
    expect(await page.locator(answer).textContent()).toContain(id);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Replayed: the answer to the first').waitFor({ state: 'detached' });
    await expect.poll(async () => (await page.locator(answer).textContent())?.includes(id ?? '')).toBe(false);
    nothingElse(seen);
  });

  test('keeps the key out of addresses, out of the line for curl, and out of storage unless it is wanted', async () => {
    const { page, seen } = await open(`${newest}/getV1Products`);
    await page.getByLabel('Test key').fill(docs.key);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator(`${answer} .status`, { hasText: '200' }).waitFor();
    expect(seen.urls.filter((url) => url.includes(docs.key))).toEqual([]);
    expect(await page.locator('[data-curl]').textContent()).toContain('bffk_test_••••');
    expect(await page.content()).not.toContain(docs.key);
    expect(await storageOf(page)).not.toContain(docs.key);
    await page.getByLabel('Remember it').check();
    await page.reload();
    expect(await page.getByLabel('Test key').inputValue()).toBe(docs.key);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(docs.key);
    await page.getByLabel('Remember it').uncheck();
    expect(await storageOf(page)).not.toContain(docs.key);
    nothingElse(seen);
  });

  test('sends no key of another environment', async () => {
    const { page, seen } = await open(`${newest}/getV1Products`);
    await page.getByLabel('Test key').fill(docs.key.replace('_test_', '_live_'));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('That is no test key').waitFor();
    await page.getByLabel('Test key').fill('');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Enter a test key first').waitFor();
    expect(seen.urls.filter((url) => url.includes('/v1/'))).toEqual([]);
  });

  test('shows a problem with its pointers, and leads to its explanation', async () => {
    const { page } = await open(order);
    await page.getByLabel('Test key').fill(docs.key);
    await page.getByRole('textbox', { name: 'Body' }).fill('{"lines":[{"sku":"SKU-00001","quantity":0}]}');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.try-problem').getByText('/body/lines/0/quantity').waitFor();
    await page.locator('.try-problem').getByRole('link', { name: 'validation-failed' }).click();
    await page.waitForURL(`${docs.url}/docs/errors#validation-failed`);
  });

  test('says what is wrong with a body before it is sent, and can be cancelled', async () => {
    const { page } = await open(order);
    await page.getByLabel('Test key').fill(docs.key);
    await page.getByRole('textbox', { name: 'Body' }).fill('{');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('The body is not JSON').waitFor();
    await page.goto(`${docs.url}${newest}/getV1Products`);
    await page.getByLabel('Test key').fill(docs.key);
    await page.route('**/v1/products*', () => {}); // never answered
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
  });
});

test('without a script everything can be read: all languages, the whole navigation, every field', async () => {
  const { page } = await open(order, { javaScriptEnabled: false, width: 390 });
  for (const label of ['curl', 'TypeScript', 'Python'])
    expect([label, await page.locator('.panel-title', { hasText: label }).isVisible()]).toEqual([
      label,
      true,
    ]);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.locator('#nav').getByRole('link', { name: 'Errors' }).click();
  await page.getByRole('heading', { name: 'Errors' }).waitFor();
});

const looked = [
  '/docs',
  '/docs/webhooks',
  '/docs/errors',
  '/docs/changelog',
  '/docs/reference/2026-01-15',
  order,
  `${newest}/getV1ProductsById`,
  '/docs/nothing',
];

test.each([1_440, 1_000, 390])('%d wide, no page scrolls sideways', async (width) => {
  const { page } = await open('/docs', { width });
  for (const path of looked) {
    await page.goto(docs.url + path);
    expect([path, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([
      path,
      0,
    ]);
  }
});

test('on a phone the menu is a drawer that closes with Escape', async () => {
  const { page, seen } = await open(order, { width: 390 });
  const menu = page.locator('#nav');
  expect(await menu.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  expect(await menu.isVisible()).toBe(true);
  await page.keyboard.press('Escape');
  await expect.poll(() => menu.isVisible()).toBe(false);
  nothingElse(seen);
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

describe('axe-core finds nothing serious', () => {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

  test.each([
    ['light', 1_440],
    ['dark', 1_440],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'in %s, %d wide',
    async (colorScheme, width) => {
      const { page } = await open('/docs', { colorScheme, width, bypassCSP: true });
      const check = async (where: string): Promise<void> => {
        await page.addScriptTag({ path: axe });
        const { violations } = (await page.evaluate('axe.run(document)')) as {
          violations: readonly Violation[];
        };
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(
          serious.map(({ id, nodes }) => [
            where,
            id,
            nodes.slice(0, 3).map(({ target, failureSummary }) => `${target}: ${failureSummary}`),
          ]),
        ).toEqual([]);
      };
      for (const path of looked) {
        await page.goto(docs.url + path);
        await check(path);
      }
      await page.goto(`${docs.url}/docs/errors#rate-limited`);
      await page.locator('[data-search]').click();
      await page.getByRole('combobox').fill('orders');
      await page.locator('#found li').first().waitFor();
      await check('the search');
      await page.goto(docs.url + order);
      await page.getByLabel('Test key').fill(docs.key);
      await page.getByRole('textbox', { name: 'Body' }).fill('{"lines":[]}');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.locator('.try-problem').waitFor();
      for (const folded of await page.locator('details:not([open]) > summary').all())
        if (await folded.isVisible()) await folded.click();
      await check('the console');
    },
    2 * minute,
  );
});
