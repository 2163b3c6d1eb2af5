/** The docs of the partner BFF as they go out: every link leads somewhere, and nothing of the API is missing. */
import { brotliCompressSync } from 'node:zlib';
import type { Bff } from 'bffkit';
import { documentOf, versionsOf } from 'bffkit/openapi';
import { fakeUpstreams } from 'bffkit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadBffs } from '../support/bff-package.ts';
import { crawl, type OpenDocs, openDocs, type ReadPage, readPage } from './open-docs.ts';

let docs: OpenDocs;
let bff: Bff;
let pages: Map<string, ReadPage>;

beforeAll(async () => {
  docs = await openDocs();
  const partner = (await loadBffs()).find(({ name }) => name === 'partner');
  if (partner === undefined) throw new Error('there is no BFF partner');
  bff = partner.create({}, { transport: fakeUpstreams({}).transport });
  pages = await crawl(docs.url, '/docs');
});

afterAll(async () => {
  await bff?.close();
  await docs?.close();
});

test('every link leads to a page, and every fragment to a place in it', () => {
  const broken = [...pages].flatMap(([path, { status, links }]) => {
    if (status !== 200) return [`${path} is ${status}`];
    return links
      .filter((link) => link.startsWith('#') || link.startsWith('/'))
      .filter((link) => {
        const [target = '', fragment] = link.split('#');
        const page = pages.get(target === '' ? path : target);
        return page?.status !== 200 || (fragment !== undefined && fragment !== '' && !page.ids.has(fragment));
      })
      .map((link) => `${path} → ${link}`);
  });
  expect(broken).toEqual([]);
  expect(pages.size).toBeGreaterThan(40);
});

test('nothing is loaded from elsewhere, and nothing runs that is not a file', () => {
  for (const [path, { text }] of pages) {
    if (!text.startsWith('<!doctype html>')) continue;
    expect([path, text.match(/<script(?![^>]* src="\/docs\/assets\/)[^>]*>/)]).toEqual([path, null]);
    expect([path, text.match(/<style|\sstyle=|\son[a-z]+="|\s(?:src|action)="(?!\/)/)]).toEqual([path, null]);
  }
});

test('no place of a page has the name of another', () => {
  const twice = [...pages].flatMap(([path, { text }]) => {
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    return ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `${path}#${id}`);
  });
  expect(twice).toEqual([]);
});

test('every operation of every version has a page that says its path, its scopes and its problems', () => {
  const versions = versionsOf(bff);
  expect(versions.length).toBeGreaterThan(2);
  for (const { version } of versions) {
    for (const [path, item] of Object.entries(documentOf(bff, version).paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const page = pages.get(`/docs/reference/${version}/${operation.operationId}`);
        const plain = page?.text.replaceAll('<wbr>', '') ?? '';
        const scopes = operation.security.flatMap((way) => Object.values(way).flat());
        const codes = Object.values(operation.responses).flatMap((response) => response['x-codes'] ?? []);
        const expected = [`>${path}<`, `>${method.toUpperCase()}<`, ...scopes, ...codes];
        expect([version, method, path, expected.filter((text) => !plain.includes(text))]).toEqual([
          version,
          method,
          path,
          [],
        ]);
      }
    }
  }
});

test('every event of every version is in its reference, with its fields', () => {
  for (const { version } of versionsOf(bff)) {
    const { webhooks = {} } = documentOf(bff, version);
    const page = pages.get(`/docs/reference/${version}`);
    expect(Object.keys(webhooks)).toContain('order.updated');
    for (const type of Object.keys(webhooks)) {
      const places = [`event-${type}`, `event-${type}-data-status`];
      expect([version, places.filter((id) => page?.ids.has(id) !== true)]).toEqual([version, []]);
    }
  }
});

test('every problem code of every document is explained, and a problem links to its explanation', async () => {
  const errors = pages.get('/docs/errors');
  const codes = versionsOf(bff).flatMap(({ version }) =>
    Object.values(documentOf(bff, version).paths).flatMap((item) =>
      Object.values(item).flatMap(({ responses }) =>
        Object.values(responses).flatMap((response) => response['x-codes'] ?? []),
      ),
    ),
  );
  expect([...new Set(codes)].filter((code) => !errors?.ids.has(code))).toEqual([]);
  const { body } = await docs.shop.ask('partner', '/v1/products');
  const { code, docs: link } = body as { readonly code: string; readonly docs: string };
  const { pathname, hash } = new URL(link);
  expect([pathname, hash]).toEqual(['/docs/errors', `#${code}`]);
  expect(errors?.ids.has(code)).toBe(true);
});

test('what answers of a deprecated version link to is in the changelog, with its dates', async () => {
  const answer = await docs.shop.ask('partner', '/v1/products?limit=1', {
    credential: docs.key,
    headers: { 'api-version': '2026-01-15' },
  });
  const [, path = '', fragment = ''] =
    /<([^#>]+)#([^>]+)>; rel="sunset"/.exec(answer.headers.get('link') ?? '') ?? [];
  const page = pages.get(path);
  expect(page?.ids.has(fragment)).toBe(true);
  expect(page?.text).toContain('Deprecated on 1 November 2026');
  for (const { version, changes } of versionsOf(bff)) {
    expect(page?.ids.has(version)).toBe(true);
    for (const { name } of changes) expect(page?.ids.has(`change-${name}`)).toBe(true);
  }
  expect(pages.get('/docs/reference/2026-01-15/postV1Orders')?.text).toContain('ends on 1 June 2027');
});

test('a version keeps its own names: its body, its answer, its code', () => {
  const old = pages.get('/docs/reference/2026-01-15/postV1Orders')?.text ?? '';
  const newest = pages.get('/docs/reference/2026-11-01/postV1Orders')?.text ?? '';
  expect(old).toContain('purchaseOrder');
  expect(old).toContain('API-Version: 2026-01-15');
  expect(newest).not.toContain('purchaseOrder');
});

test('what is not there is a page that leads back', async () => {
  for (const path of [
    '/docs/nothing',
    '/docs/reference/2020-01-01',
    '/docs/reference/2026-11-01/nothing',
    '/docs/assets/x/portal.js',
  ]) {
    const { status, text } = await readPage(docs.url + path);
    expect([path, status]).toEqual([path, 404]);
    expect(text).toContain('There is no such page');
  }
});

test('a page is asked for again with its tag, costs no limit and needs no key; files stay for ever', async () => {
  const first = await fetch(`${docs.url}/docs/errors`, { headers: { 'accept-encoding': 'identity' } });
  await first.text();
  const tag = first.headers.get('etag') ?? '';
  expect(tag).toMatch(/^"/);
  expect(first.headers.get('cache-control')).toBe('public, no-cache');
  expect(first.headers.get('content-security-policy')).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'",
  );
  const again = await fetch(`${docs.url}/docs/errors`, { headers: { 'if-none-match': tag } });
  expect(again.status).toBe(304);
  expect(again.headers.get('x-ratelimit-remaining')).toBe(again.headers.get('x-ratelimit-limit'));
  const style = [...pages.keys()].find((path) => path.endsWith('/portal.css'));
  const file = await fetch(docs.url + style);
  await file.text();
  expect(file.headers.get('cache-control')).toContain('immutable');
  expect(file.headers.get('content-encoding')).not.toBeNull();
});

test('the pages are no part of the document', () => {
  expect(Object.keys(documentOf(bff).paths).filter((path) => path.startsWith('/docs'))).toEqual([]);
});

test('a page with all it loads stays small', () => {
  const weight = (text: string): number => brotliCompressSync(text).byteLength;
  const files = [...pages].filter(([path]) => path.includes('/assets/') && !path.endsWith('.json'));
  const ofFiles = files.reduce((sum, [, { text }]) => sum + weight(text), 0);
  const html = [...pages]
    .filter(([, { text }]) => text.startsWith('<!doctype html>'))
    .map(([path, { text }]) => [path, weight(text)] as const);
  const [heaviest, most] = html.toSorted(([, one], [, other]) => other - one)[0] ?? ['', 0];
  expect(heaviest).not.toBe('');
  expect(ofFiles).toBeLessThan(20_000);
  expect(most).toBeLessThan(16_000);
});
