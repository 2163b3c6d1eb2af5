/** A portal on any BFF: without versions, without limits of its own, with nothing but a folder of Markdown. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { BffOptions } from '../bff-options.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { openApiOf } from '../openapi/index.ts';
import { testBff } from '../testing/test-bff.ts';
import { docsPortal } from './docs-portal.ts';
import type { DocsPortalOptions } from './portal-options.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bffkit-guides-'));
  write('errors.md', '# Errors\n\nWhat goes wrong.\n\n{{ errors }}');
  write('index.md', '# Things\n\nAll about things.\n\n{{ guides }}');
  write(
    '10-first-steps.md',
    '# First steps\n\nHow to begin with `things`.\n\n## Ask\n\n[All](<op:GET /things/:id>), [errors](errors.md), [home](index.md)\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const thing = endpoint('GET', '/things/:id', {
  summary: 'One thing.',
  access: anyone(),
  deadlineMs: 1_000,
}).handle(z.object({ id: z.string().describe('Its id.') }), async () => ({ id: '1' }));

function open(options: Partial<DocsPortalOptions> = {}, parts: Partial<BffOptions> = {}) {
  const portal = docsPortal({ guides: pathToFileURL(folder), ...options });
  return testBff([thing], {}, { portal, publicOrigin: 'https://api.example', ...parts });
}

const get = async (path: string, options: Partial<DocsPortalOptions> = {}): Promise<string> =>
  (await open(options).app.request(path)).text();

test('a guide is a file; its number is its place, its name its address', async () => {
  write('20-later.md', '# Later\n\nWhat comes then.');
  const page = await get('/docs/first-steps');
  expect(page).toContain('<h1>First steps</h1>');
  expect(page).toContain('<p class="lead">How to begin with <code>things</code>.</p>');
  expect(page).toContain('href="/docs/errors"');
  const order = [...page.matchAll(/<li><a href="(\/docs[^"#]*)"/g)].map(([, href]) => href);
  expect(order.slice(0, 4)).toEqual(['/docs', '/docs/first-steps', '/docs/later', '/docs/errors']);
  expect(await get('/docs/errors')).toContain('id="validation-failed"');
});

test('a BFF without versions has one reference, without a version in its code', async () => {
  expect(await get('/docs/first-steps')).toContain('href="/docs/reference/latest/getThingsById"');
  const page = await get('/docs/reference/latest/getThingsById');
  expect(page).toContain('Its id.');
  expect(page).toContain('&#39;https://api.example/things/abc_123&#39;');
  expect(page).not.toMatch(/API-Version|class="versions|Changelog|Try it|Authorization/);
  expect((await open().app.request('/docs/changelog')).status).toBe(404);
});

test('where no guide says so, errors have a page of their own', async () => {
  write('10-first-steps.md', '# First steps\n\nHow to begin.');
  rmSync(join(folder, 'errors.md'));
  const answer = await open().app.request('/docs/errors');
  expect([answer.status, (await answer.text()).includes('id="not-found"')]).toEqual([200, true]);
});

test('the pages stand where they are wanted, and are no part of the document', async () => {
  write('10-first-steps.md', '# First steps\n\nHow to begin.');
  const bff = open({ path: '/help/api' });
  expect((await bff.app.request('/help/api')).status).toBe(200);
  expect((await bff.app.request('/help/api/first-steps')).status).toBe(200);
  expect(await (await bff.app.request('/help/api/nothing')).text()).toContain('There is no such page');
  expect(Object.keys(openApiOf(bff).paths)).toEqual(['/things/{id}']);
});

test('a live environment says where to try instead of asking for a key', async () => {
  const page = await get('/docs/reference/latest/getThingsById', {
    tryIt: { notice: 'Try it in the test environment.' },
  });
  expect(page).toContain('Try it in the test environment.');
  expect(page).not.toContain('type="password"');
});

test.each([
  [
    'a link that leads nowhere',
    '# A\n\nB.\n\n[x](nowhere.md)',
    /10-first-steps\.md: the link 'nowhere\.md' leads nowhere/,
  ],
  [
    'a link to an operation there is not',
    '# A\n\nB.\n\n[x](<op:GET /nothing>)',
    /no operation 'GET \/nothing'/,
  ],
  ['a script in an address', '# A\n\nB.\n\n[x](javascript:alert)', /leads nowhere/],
  ['a sample there is not', '# A\n\nB.\n\n{{ sample none }}', /no sample 'none'/],
  [
    'a word that generates nothing',
    '# A\n\nB.\n\n{{ magic }}',
    /\{\{ magic \}\} must be one of errors, operations, guides, sample/,
  ],
])('%s in a guide refuses to be shown, and says why', (_what, text, message) => {
  write('10-first-steps.md', text);
  expect(() => open()).toThrow(message);
});

test.each([
  [
    'no guides',
    () => readdirSync(folder).map((file) => rmSync(join(folder, file))),
    /guides must have 1 to 200 Markdown files, got 0/,
  ],
  ['a name that is none', () => write('My Guide.md', '# A\n\nB.'), /called like 20-errors\.md/],
  [
    'a name that is taken',
    () => write('changelog.md', '# A\n\nB.'),
    /not reference or changelog; got changelog\.md/,
  ],
  ['no heading', () => write('a.md', 'Text.'), /begins with '# Title'.*a\.md/],
  [
    'the same name twice',
    () => write('30-first-steps.md', '# A\n\nB.'),
    /two guides are called 'first-steps'/,
  ],
])('%s refuses to boot', (_what, spoil, message) => {
  spoil();
  expect(() => open()).toThrow(message);
});

test('options that are wrong are named', () => {
  const guides = pathToFileURL(folder);
  expect(() => docsPortal({ guides, path: 'docs/' })).toThrow(
    "docsPortal: path must look like /docs, got 'docs/'",
  );
  expect(() => docsPortal({ guides, titel: 'x' } as never)).toThrow(/titel/);
});

test('what stands in declarations never becomes markup', async () => {
  const hostile = '<img src=x onerror=alert(1)>';
  const evil = endpoint('GET', '/evil', {
    summary: hostile,
    access: anyone(),
    deadlineMs: 1_000,
    query: z.object({ q: z.string().describe(hostile).default(hostile) }),
  }).handle(z.object({ a: z.string().describe(hostile) }), async () => ({ a: '' }));
  write('10-first-steps.md', '# First steps\n\nHow to begin.');
  const bff = testBff(
    [evil],
    {},
    { portal: docsPortal({ guides: pathToFileURL(folder), tryIt: { keyPrefix: hostile } }), owner: hostile },
  );
  for (const path of ['/docs', '/docs/reference', '/docs/reference/latest/getEvil']) {
    const page = await (await bff.app.request(path)).text();
    expect([path, page.includes('<img')]).toEqual([path, false]);
  }
});
