import { readFileSync } from 'node:fs';
import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { productPage } from './product.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const down: FakeUpstream = () => ({ status: 503 });
const lamp = {
  id: 'prd_1',
  sku: 'SKU-1',
  title: 'Lamp <b>"bright"</b>',
  subtitle: 'For the desk',
  description: '</script><script>alert(1)</script>',
  brand: 'Acme',
  categoryPath: ['Home', 'Lamps'],
  attributes: [{ name: 'Colour', value: '<i>red</i>' }],
  rating: { average: 4.5, count: 12 },
  price: eur(400),
  seo: { title: 'Lamp | Acme', description: 'Buy "a lamp"', canonicalPath: '/p/prd_1' },
  supplierCode: 'SECRET',
};
const shop: Readonly<Record<string, FakeUpstream>> = {
  catalog: () => ({ body: lamp }),
  pricing: () => ({ body: { list: eur(400), now: eur(360), promotion: 'Autumn & Sale' } }),
  inventory: () => ({ body: { status: 'low' } }),
  reviews: () => ({
    body: {
      items: [
        {
          id: 'rev_1',
          author: '<script>',
          rating: 5,
          title: 'Bright',
          body: 'It lights.',
          verified: true,
          createdAt: '2026-09-01T08:00:00Z',
        },
      ],
    },
  }),
};

async function open(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  headers: Readonly<Record<string, string>> = {},
  path = '/products/prd_1',
) {
  const bff = testBff([productPage], { ...shop, ...changed }, { publicOrigin: 'http://bff.test' });
  const response = await bff.app.request(path, { headers });
  return { status: response.status, headers: response.headers, text: await response.text(), bff };
}

test('is a whole document that says what it is about, with the price everybody pays', async () => {
  const { status, headers, text } = await open();
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(text).toContain('<title>Lamp | Acme</title>');
  expect(text).toContain('<link rel="canonical" href="http://bff.test/products/prd_1">');
  expect(text).toContain('<meta property="og:url" content="http://bff.test/products/prd_1">');
  expect(text).toContain('"price":"3.60"');
  expect(text).toContain('<h1>Lamp &lt;b&gt;&quot;bright&quot;&lt;/b&gt;</h1>');
  expect(text).toContain('<b>€3.60</b> <em class="pill good">Autumn &amp; Sale</em>');
  expect(text).toContain('Only a few left');
  expect(text).not.toContain('SECRET');
});

test('makes no markup of what services say', async () => {
  const { text } = await open();
  expect(text).not.toMatch(/<script>|<i>red|alert\(1\)<\/script>/);
  expect(text.match(/<script/g)).toHaveLength(2); // the app, and the data of the page
  expect(text).not.toMatch(/\sstyle=|\son\w+=/);
});

test('has its own policy, and hints for all it loads', async () => {
  const { headers } = await open();
  expect(headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(headers.get('link')).toContain('</app.css>; rel=preload; as=style, </app.js>; rel=modulepreload');
});

test('is the same for everybody: a first visit after signing in comes without the cookie', async () => {
  const [stranger, customer] = [await open(), await open({}, asCaller('usr_1', 'profile:read'))];
  expect(customer.text).toBe(stranger.text);
  expect(stranger.text).not.toMatch(/sign in|signed/i);
  expect(customer.bff.requests.map(({ upstream }) => upstream).sort()).toEqual([
    'catalog',
    'inventory',
    'pricing',
    'reviews',
  ]);
});

test('survives without price, stock and reviews, and says so', async () => {
  const { status, headers, text } = await open({ pricing: down, inventory: down, reviews: down });
  expect(status).toBe(200);
  expect(text).toContain('<b>€4.00</b>');
  expect(text).toContain('Availability cannot be shown right now.');
  expect(headers.get('bff-degraded')).toBe('latest, price, stock');
  expect(headers.get('cache-control')).toBe('no-store');
});

test.each([
  [{ catalog: () => ({ status: 404 }) }, '/products/prd_1', 404, 'Not found'],
  [{}, `/products/${'x'.repeat(41)}`, 400, 'Not found'],
  [{ catalog: down }, '/products/prd_1', 502, 'This did not work'],
])('is a page, too, when it cannot be shown (%#)', async (changed, path, expected, title) => {
  const { status, headers, text } = await open(changed, {}, path);
  expect(status).toBe(expected);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).toContain(`<h1>${title}</h1>`);
  expect(text).toContain('<meta name="robots" content="noindex">');
});

test('is the document of the other screens around what it shows', async () => {
  const index = readFileSync(new URL('static/index.html', import.meta.url), 'utf8');
  const frame = (text: string) =>
    text
      .slice(text.indexOf('<body>'))
      .replace(/<main .*<\/main>/s, '')
      .trim();
  expect(frame((await open()).text)).toBe(frame(index));
});
