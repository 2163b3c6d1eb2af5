/**
 * The demo frontend as it goes out: plain files, read once at boot, under a policy that lets the page load
 * from here and talk to here and nothing else.
 *
 * @see {@link https://www.w3.org/TR/CSP3/ Content Security Policy} and Trusted Types: no text becomes markup
 * @module
 */
import { readFileSync } from 'node:fs';
import { anyone, type Endpoint, endpoint } from 'bffkit';
import { productPage } from './product.ts';

const folder = new URL('.', import.meta.resolve('./static/app.js'));

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

type FileName = `${string}.${keyof typeof types}`;

/** These give the same document; its script shows the screen. */
const screens = ['/', '/search'];
const assets: readonly FileName[] = [
  'app.css',
  'app.js',
  'api.js',
  'progressive.js',
  'dom.js',
  'parts.js',
  'views.js',
  'icon.svg',
];

/** The pages, and the files they load. They cost no one a token of their limit. */
export const pages: readonly Endpoint[] = [
  ...screens.map((path) => file(path, 'index.html', 'A screen of the demo frontend.')),
  productPage,
  ...assets.map((name) => file(`/${name}`, name, 'A file of the demo frontend.')),
];

function file(path: string, name: FileName, summary: string): Endpoint {
  const body = readFileSync(new URL(name, folder), 'utf8');
  const headers = {
    'content-type': types[name.slice(name.lastIndexOf('.') + 1) as keyof typeof types],
    'content-security-policy': policy,
    'cache-control': 'no-cache', // kept by the browser, used after a 304
  };
  // Nobody is told apart here, and a browser that navigates sends no header of its own.
  return endpoint('GET', path, {
    summary,
    access: anyone(),
    antiForgery: false,
    deadlineMs: 1_000,
    cost: 0,
  }).answer(() => ({ status: 200, headers, body }));
}
