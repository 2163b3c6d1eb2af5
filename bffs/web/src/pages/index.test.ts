import { readdirSync, readFileSync } from 'node:fs';
import { testBff } from 'bffkit/testing';
import { describe, expect, test } from 'vitest';
import { pages } from './index.ts';

const folder = new URL('static/', import.meta.url);
const files = readdirSync(folder);
const nothing = () => ({ status: 503 });
const services = { catalog: nothing, pricing: nothing, inventory: nothing, reviews: nothing };
const bff = testBff(pages, services);

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await bff.app.request(path, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test.each(['/', '/search?q=lamp'])('%s is the page, for anyone', async (path) => {
  const { status, headers, text } = await get(path);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(text).toBe(readFileSync(new URL('index.html', folder), 'utf8'));
});

test('a path that is no screen is no page', async () => {
  expect((await get('/products/..%2fadmin')).status).toBe(400);
  expect((await get('/nowhere')).status).toBe(404);
});

test.each([
  ['/app.css', 'text/css; charset=utf-8'],
  ['/app.js', 'text/javascript; charset=utf-8'],
  ['/icon.svg', 'image/svg+xml'],
])('%s goes out as %s', async (path, type) => {
  const { status, headers } = await get(path);
  expect([status, headers.get('content-type')]).toEqual([200, type]);
});

test('every file is served, and everything that a file asks for is there', async () => {
  for (const file of files.filter((name) => name !== 'index.html')) {
    expect((await get(`/${file}`)).status, file).toBe(200);
  }
  const sources = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const asked = [...sources.matchAll(/(?:from '\.|<(?:link|script)[^>]* (?:href|src)=")(\/[\w.-]+)/g)];
  expect(asked.length).toBeGreaterThan(8);
  for (const [, path = ''] of asked) expect((await get(path)).status, path).toBe(200);
});

test('is kept by browsers and asked about, not sent again', async () => {
  const { headers } = await get('/app.js');
  expect(headers.get('cache-control')).toBe('no-cache');
  const again = await get('/app.js', { 'if-none-match': headers.get('etag') ?? '' });
  expect([again.status, again.text]).toEqual([304, '']);
});

test('costs no one a token of their limit', async () => {
  const before = (await get('/')).headers.get('x-ratelimit-remaining');
  const after = (await get('/app.js')).headers.get('x-ratelimit-remaining');
  expect(after).toBe(before);
});

describe('the policy of the page', () => {
  test('lets it load from here, talk to here, and make no markup of text', async () => {
    const policy = (await get('/')).headers.get('content-security-policy');
    expect(policy?.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "require-trusted-types-for 'script'",
      "script-src 'self'",
      "style-src 'self'",
      "trusted-types 'none'",
    ]);
  });

  test('stops nothing that the page needs: no inline script or style, no address elsewhere', () => {
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), 'utf8').replaceAll('http://www.w3.org/2000/svg', '');
      expect(text, file).not.toMatch(/https?:\/\/|\sstyle=|\son\w+=|innerHTML|<style|url\(/);
      expect(text, file).not.toMatch(/<script(?![^>]* src=)/);
    }
  });
});

test('every call of the page has the header that other sites cannot send', () => {
  const calls = files.filter(
    (file) => file.endsWith('.js') && readFileSync(new URL(file, folder), 'utf8').includes('fetch('),
  );
  expect(calls).toEqual(['api.js']);
  expect(readFileSync(new URL('api.js', folder), 'utf8')).toContain("'x-csrf': '1'");
});
