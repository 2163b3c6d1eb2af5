import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { isOwnPath, maxReturnToLength, requireReturnTo } from './return-to.ts';

const host = 'evil.example';

/** Ways to leave the site, by class: every prefix with every separator, as they are and encoded. */
const slashes = [
  '//',
  '///',
  '////',
  '/\\',
  '\\/',
  '\\\\',
  '\\',
  '/\t/',
  '/\n/',
  '/\r/',
  '/\r\n/',
  '/ /',
  '\t//',
  ' //',
  '//\t',
];
const schemes = [
  'http:',
  'https:',
  'HTTPS:',
  'javascript:',
  'data:text/html,',
  'ftp:',
  'file:',
  'blob:',
  'vbscript:',
  'mailto:',
];
const climbs = [
  '/./',
  '/../',
  '/.',
  '/..',
  '/a/../',
  '/a/./',
  '/;/',
  '/..;/',
  '/%2e%2e/',
  '/%2e/',
  '/.%2e/',
  '/%2E%2E/',
];
const hidden = [
  '%2f',
  '%2F',
  '%5c',
  '%5C',
  '%09',
  '%0a',
  '%0d',
  '%0d%0a',
  '%00',
  '%7f',
  '%252f',
  '%255c',
  '%2509',
  '%ef%bc%8f',
  '%ef%bc%8f%ef%bc%8f',
  '%e2%81%84%2f',
];
const users = ['@', 'a@', 'a:b@', '%40', 'localhost@', 'localhost:80@'];
const invisible = [
  '\u0000',
  '\u0009',
  '\u000a',
  '\u000b',
  '\u000c',
  '\u000d',
  '\u001f',
  ' ',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u200b',
  '\u2028',
  '\u2029',
  '\u3000',
  '\ufeff',
  '／',
  '＼',
  '⁄',
  '∕',
];

const variants = new Set([
  ...slashes.flatMap((slash) => [
    slash + host,
    `${slash}${host}/`,
    `${slash}${host}/%2e%2e`,
    `${slash}${host}?x`,
    `${slash}${host}#x`,
    `/a${slash}${host}`,
  ]),
  ...schemes.flatMap((scheme) =>
    [scheme, `//`, `/`, `\\`, `\\\\`, `///`, ''].map((join) => `${scheme}${join}${host}`),
  ),
  ...climbs.flatMap((climb) => [
    `${climb}/${host}`,
    `${climb}//${host}`,
    `${climb}\\${host}`,
    `/a${climb}/${host}`,
  ]),
  ...hidden.flatMap((code) => [
    `/${code}${host}`,
    `/${code}/${host}`,
    `/${code}${code}${host}`,
    `/a${code}${host}`,
    `${code}/${host}`,
  ]),
  ...users.flatMap((user) => [
    `${user}${host}`,
    `//${user}${host}`,
    `https://${user}${host}`,
    `\\${user}${host}`,
  ]),
  ...invisible.flatMap((code) => [
    `/${code}/${host}`,
    `${code}//${host}`,
    `/${code}${host}`,
    `${code}/${host}`,
    `/a?${code}`,
  ]),
  ...[
    '/bff',
    '/bff/',
    '/bff/login',
    '/bff/logout?sid=1',
    '/BFF/login',
    '/b%66f/login',
    '/bff;x/login',
    '/bff?x',
    '/bff#x',
    '/%62%66%66/user',
  ],
  ...[
    '',
    'a',
    'evil.example',
    '.',
    '..',
    '?x',
    '#x',
    '%2f',
    '/%',
    '/%zz',
    '/%c0%ae%c0%ae/',
    '/%ff',
    '/a%2',
    '/a?x y',
    '/a?\tb',
    '/a#\u0000b',
    '/a?"b',
    '/a?\u00e9b',
    '/..;/x',
    '/a/..;x',
    '/.;x',
    `/${'a'.repeat(3_000)}`,
    `/${'a'.repeat(maxReturnToLength)}`,
  ],
]);

const kept = [
  '/',
  '/home',
  '/o/42?next=%2Fhome#x',
  '/a/b/c.html',
  '/a%20b',
  '/%E2%82%AC',
  '/a?x=//evil.example',
  '/a#//evil.example',
  '/@ada',
  '/a:b',
  '/bffs',
  '/bff-help',
  '/100%25',
  '/100%25az',
  '/a/bff',
  '/a/bff/login',
  '/a;b=1',
  '/.well-known/x',
  '/a..b',
  '/...',
  "/it's",
  '/a?q=%2f%5c%0a',
  '/a(1)!*+,=$&~',
  '/?a=[1]',
  `/${'a'.repeat(maxReturnToLength - 1)}`,
];

test('the corpus covers at least 300 ways out', () => {
  expect(variants.size).toBeGreaterThanOrEqual(300);
});

const named = (values: Iterable<string>) =>
  [...values].map((value) => ({ shown: value.slice(0, 40), value }));

test.each(named(variants))('refuses $shown', ({ value }) => {
  expect(isOwnPath(value)).toBe(false);
});

test.each(named(kept))('keeps $shown', ({ value }) => {
  expect(requireReturnTo(value)).toBe(value);
});

test('the refusal has its own code and does not repeat the value', () => {
  const refuse = (): string => requireReturnTo(`//${host}`);
  const detail = 'returnTo must be a path of this site, such as /home, of at most 1024 characters.';
  expect(refuse).toThrowError(expect.objectContaining({ code: 'invalid-return-to', options: { detail } }));
  expect(refuse).toThrowError(GatewayError);
  expect(refuse).not.toThrowError(host);
});

describe('whatever is kept', () => {
  const pieces = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2f',
    '%5c',
    '%2e',
    '%09',
    '\t',
    '@',
    ':',
    '?',
    '#',
    'a',
    host,
    'bff',
    '%25',
    '%',
    ';',
    '／',
    ' ',
  );
  const values = fc.oneof(
    fc.array(pieces, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => `/${text}`),
    fc.webPath(),
  );
  const origin = 'https://shop.example';

  test('stays on the origin by every reading: resolved, appended, decoded once and twice', () => {
    fc.assert(
      fc.property(values, (value) => {
        if (!isOwnPath(value)) return;
        const [path = ''] = value.split(/[?#]/, 1);
        const readings = [
          value,
          decodeURIComponent(path),
          decodeURIComponent(decodeURIComponent(path).replaceAll('%', '%25')),
        ];
        for (const reading of readings) {
          expect(new URL(reading, origin).origin).toBe(origin);
          expect(new URL(origin + reading).origin).toBe(origin);
          expect(new URL(reading, origin).pathname).not.toMatch(/^\/bff(?:\/|$)/i);
        }
        expect(new URL(value, origin).pathname).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });
});
