/**
 * The console of one BFF on its admin port: signing in, hostile names, five hundred endpoints.
 */
import { anyone, bind, type Endpoint, endpoint, get, upstream } from 'bffkit';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { launchChromium } from '../../support/chromium.ts';
import { type ServedBff, served } from '../../support/served.ts';
import { openConsole } from './open-console.ts';

let browser: Browser;
let bff: ServedBff | undefined;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await bff?.close();
  bff = undefined;
});

const things = upstream('things', {
  operations: { get: get('/things', { response: z.object({ id: z.string() }) }) },
});

function plain(path: string, summary = 'A test.'): Endpoint {
  return endpoint('GET', path as '/x', { summary, access: anyone(), deadlineMs: 1_000 })
    .plan(({ optional }) => ({ thing: optional(things.get, () => ({}), { fallback: () => ({ id: '' }) }) }))
    .respond(z.object({ id: z.string() }), ({ thing }) => thing);
}

/** Nobody listens there. */
const upstreams = [bind(things, { targets: 'http://127.0.0.1:9', retry: { attempts: 0 } })];

test('where the admin port asks for a token, it is typed once, and a cookie reads the console and no more', async () => {
  const adminToken = 'an admin token for this test, long enough';
  bff = await served({ upstreams, endpoints: [plain('/api/a')] }, { adminToken });
  const context = await browser.newContext();
  const page = await context.newPage();
  const urls: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  await page.goto(`${bff.adminUrl}/console`);
  await page.getByLabel('Admin token').fill('not the token, but long enough for it');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That is not the token.').waitFor();
  await page.getByLabel('Admin token').fill(adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('live', { exact: true }).waitFor();
  const [cookie] = await context.cookies(`${bff.adminUrl}/console`);
  expect(cookie).toMatchObject({
    name: 'bff-console-test',
    path: '/console',
    httpOnly: true,
    sameSite: 'Strict',
  });
  expect(cookie?.value).not.toContain(adminToken);
  expect(urls.filter((url) => url.includes(encodeURIComponent(adminToken)))).toEqual([]);
  const line = `bff-console-test=${cookie?.value}`;
  const statusOf = async (path: string, method = 'GET'): Promise<number> =>
    (await fetch(`${bff?.adminUrl}${path}`, { method, headers: { cookie: line } })).status;
  expect(await statusOf('/console/data')).toBe(200);
  expect(await statusOf('/metrics')).toBe(401);
  expect(await statusOf('/off/things.get', 'PUT')).toBe(401);
  expect(await statusOf('/console/data', 'POST')).toBe(401);
});

test('names and texts of others never become markup', async () => {
  const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  bff = await served({
    owner: hostile,
    upstreams,
    endpoints: [plain('/api/a', hostile)],
  });
  const { page, seen } = await openConsole(browser, `${bff.adminUrl}/console`);
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const caller = `<svg onload=alert(3)>`;
  await fetch(`${bff.url}/api/a`, {
    headers: { 'x-test-caller': encodeURIComponent(JSON.stringify({ subject: caller, kind: 'partner' })) },
  });
  const { events } = bff.bff;
  const stop = events.on('request', (fact) => {
    stop(); // the same once more, from a route of that name
    events.emit('request', { ...fact, route: `/${hostile}`, status: 500, code: 'internal', cause: hostile });
  });
  await fetch(`${bff.url}/api/a`);
  events.emit('cache', { part: '<b>bold</b>', outcome: 'hit' });
  events.emit('problem', { part: hostile, error: new Error(hostile) });
  await page.goto(`${bff.adminUrl}/console#/all/problems`);
  await page.locator('.problems').getByText('<script>alert(2)</script>').first().waitFor();
  await page.locator('.problems').getByText(`/${hostile}`).first().waitFor();
  await page.goto(`${bff.adminUrl}/console#/test/cache`);
  await page.locator('main').getByText('<b>bold</b>').waitFor();
  await page.goto(`${bff.adminUrl}/console#/test/endpoint/GET%20%2Fapi%2Fa`);
  await page.locator('.title').getByText(hostile).waitFor();
  await page.goto(`${bff.adminUrl}/console#/test/limits`);
  await page.getByText(caller).waitFor();
  await page.goto(
    `${bff.adminUrl}/console#/${encodeURIComponent(hostile)}/endpoint/${encodeURIComponent(hostile)}`,
  );
  await page.getByText('There is no endpoint').waitFor();
  expect(await page.locator('main img, main script, main svg[onload], main b').count()).toBe(0);
  expect([dialogs, seen.complaints]).toEqual([[], []]);
});

test('five hundred endpoints are there at once', async () => {
  const endpoints = Array.from({ length: 500 }, (_, index) =>
    plain(`/api/area-${index % 20}/thing-${index}`),
  );
  bff = await served({ upstreams, endpoints });
  const { page, seen } = await openConsole(browser, `${bff.adminUrl}/console`);
  await expect.poll(() => page.locator('table.live tbody tr').count()).toBe(500);
  const drawnMs = await page.evaluate(`performance.getEntriesByName('first-view').at(0)?.duration`);
  expect(Number(drawnMs)).toBeGreaterThan(0);
  await page.keyboard.press('/');
  await page.keyboard.type('thing-499');
  await expect.poll(() => page.locator('table.live tbody tr:not([hidden])').count()).toBe(1);
  expect(seen.complaints).toEqual([]);
});

test('before the first request the page says how to send one', async () => {
  bff = await served({ upstreams, endpoints: [plain('/api/a')] });
  const { page } = await openConsole(browser, `${bff.adminUrl}/console`);
  await page.getByText('No requests yet.').waitFor();
  expect(await page.locator('.hint code').textContent()).toContain('/api/a');
  await fetch(`${bff.url}/api/a`);
  await page.getByText('No requests yet.').waitFor({ state: 'hidden' });
});
