import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderHead } from './head.ts';
import { html } from './html.ts';
import { documentOf, pagePolicy } from './page.ts';
import { pageUrl } from './page-url.ts';
import { checkPreload, linkValues, usablePreloads } from './preload.ts';
import { PageHints, ssr } from './ssr.ts';

const images = 'https://images.example';

describe('an address', () => {
  test.each([
    ['/lamps?q=1', '/lamps?q=1'],
    ['/a b/ä"<>#part', '/a%20b/%C3%A4%22%3C%3E'],
    [`${images}/1.png`, `${images}/1.png`],
    ['/a/../b', '/b'],
  ])('%s may be named as %s', (address, written) => {
    expect(pageUrl(address, [images])).toBe(written);
  });

  test.each([
    '//evil.example/x',
    '/\\evil.example/x',
    '/\t/evil.example/x',
    '/.//evil.example/x',
    '/%2e//evil.example',
    'https://evil.example/x',
    'https://images.example.evil.example/x',
    'https://user@images.example/x',
    'http://images.example/x',
    'javascript:alert(1)',
    'data:text/html,x',
    'lamps',
    '',
    'https://own.invalid/x',
    `/${'x'.repeat(2_048)}`,
    `/${'ä'.repeat(1_000)}`,
  ])('%s may not', (address) => {
    expect(pageUrl(address, [images])).toBeUndefined();
  });

  test('that may be named is of the own origin or of a listed one, however it is read, and fits a header', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '//',
      '%2f',
      '@',
      ':',
      '?',
      '#',
      '\t',
      '\n',
      'evil.example',
      'a',
      'https:',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const written = pageUrl(pieces.join(''), [images]);
        if (written === undefined) return;
        expect(['https://me.example', images]).toContain(new URL(written, 'https://me.example').origin);
        expect(written).toMatch(/^[\x21-\x7e]+$/);
        expect(written).not.toMatch(/[<>"]/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a hint', () => {
  test('as a Link header says what RFC 8288 and HTML know of it', () => {
    const preloads = usablePreloads(
      [
        { href: '/app.css', as: 'style', fetchpriority: 'high' },
        { href: '/text.woff2', as: 'font', type: 'font/woff2' },
        { href: '/app.js', rel: 'modulepreload' },
        { href: images, rel: 'preconnect', as: 'image', crossorigin: 'use-credentials' },
      ],
      [images],
    );
    expect(linkValues(preloads)).toEqual([
      '</app.css>; rel=preload; as=style; fetchpriority=high',
      '</text.woff2>; rel=preload; as=font; type="font/woff2"; crossorigin=anonymous',
      '</app.js>; rel=modulepreload',
      '<https://images.example/>; rel=preconnect; crossorigin=use-credentials',
    ]);
  });

  test('that is wrong says why', () => {
    expect(checkPreload({ href: 'https://evil.example/x', as: 'script' }, [])).toMatch('neither a path');
    expect(checkPreload({ href: '/x' }, [])).toBe("'/x' needs 'as'");
    expect(checkPreload({ href: '/x', as: 'font', type: 'font/woff2"; rel=x' }, [])).toMatch(
      'not a media type',
    );
  });

  test('comes at most 20 times, and in at most 4 KiB', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      href: `/${index}${'x'.repeat(1_000)}`,
      as: 'image' as const,
    }));
    const usable = usablePreloads(many, []);
    expect(usable).toHaveLength(20);
    expect(linkValues(usable)).toHaveLength(3);
  });
});

describe('what a page says of itself', () => {
  test('is cut to size, on one line, with nothing that cannot be used', () => {
    const { meta, preload } = ssr({
      meta: {
        title: `  Lamp\r\n${'x'.repeat(400)}`,
        description: '\uD800 broken',
        canonical: 'https://evil.example/',
        robots: 'noindex">',
        openGraph: { type: 'product', url: '//evil.example', image: `${images}/1.png`, locale: 'en_GB' },
        jsonLd: [{ '@type': 'Product' }, { text: 'x'.repeat(40_000) }],
      },
      preload: [{ href: 'javascript:alert(1)', as: 'script' }],
      origins: [images],
    });
    expect(meta.title).toMatch(/^Lamp x+…$/);
    expect(meta.title).toHaveLength(300);
    expect(meta.description).toBe('\uFFFD broken');
    expect(meta).not.toHaveProperty('canonical');
    expect(meta).not.toHaveProperty('robots');
    expect(meta.openGraph).toEqual({ type: 'product', image: `${images}/1.png`, locale: 'en_GB' });
    expect(meta.jsonLd).toEqual([{ '@type': 'Product' }]);
    expect(preload).toEqual([]);
  });

  test('is never cut through a character', () => {
    const { meta } = ssr({ meta: { title: `${'x'.repeat(298)}😀😀` } });
    expect(meta.title).toBe(`${'x'.repeat(298)}…`);
  });

  test('fits the schema it is declared with, and checking it twice changes nothing', () => {
    const once = ssr({
      meta: { title: 'Lamp', robots: 'noindex', canonical: '/p/1', jsonLd: [{ a: null }] },
      preload: [{ href: '/app.css', as: 'style' }],
    });
    expect(PageHints.parse(once)).toEqual(once);
    expect(ssr(once)).toEqual(once);
  });
});

describe('the head', () => {
  test('has an element for each thing, addresses whole, everything escaped', () => {
    const evil = `"><script>alert('1')</script>`;
    const head = renderHead(
      {
        title: evil,
        description: evil,
        canonical: '/p/1',
        robots: 'noindex',
        openGraph: { type: 'product', image: '/1.png', imageAlt: evil, siteName: 'Acme', locale: 'en_GB' },
        jsonLd: [{ '@type': 'Product', name: '</script><script>alert(1)</script>' }],
      },
      [{ href: '/a.woff2', as: 'font', type: 'font/woff2', fetchpriority: 'low' }],
      { origin: 'https://shop.example' },
    ).toString();
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;';
    expect(head).toBe(
      [
        `<title>${escaped}</title>`,
        `<meta name="description" content="${escaped}">`,
        '<meta name="robots" content="noindex">',
        '<link rel="canonical" href="https://shop.example/p/1">',
        '<meta property="og:type" content="product">',
        `<meta property="og:title" content="${escaped}">`,
        `<meta property="og:description" content="${escaped}">`,
        '<meta property="og:url" content="https://shop.example/p/1">',
        '<meta property="og:image" content="https://shop.example/1.png">',
        `<meta property="og:image:alt" content="${escaped}">`,
        '<meta property="og:site_name" content="Acme">',
        '<meta property="og:locale" content="en_GB">',
        '<script type="application/ld+json">{"@type":"Product","name":"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)\\u003c/script\\u003e"}</script>',
        '<link rel="preload" href="/a.woff2" as="font" type="font/woff2" crossorigin="anonymous" fetchpriority="low">',
      ].join(''),
    );
  });

  test('is a title where nothing else is known', () => {
    expect(renderHead({ title: 'Acme' }).toString()).toBe('<title>Acme</title>');
  });

  const texts = fc.string({
    unit: fc.constantFrom('<', '>', '&', '"', "'", '/', '!--', 'script', '\u2028', '\0', 'x', '\ud800'),
  });

  test('opens no element that it did not mean to, whatever the texts are', () => {
    fc.assert(
      fc.property(texts, texts, (title, name) => {
        const text = renderHead({ title, description: name, jsonLd: [{ name }] }).toString();
        expect(text.match(/<[a-z/!]+/g)?.filter((tag) => !/^<\/?(?:title|meta|script)$/.test(tag))).toEqual(
          [],
        );
        expect(text.match(/<script/g)).toHaveLength(1);
      }),
    );
  });
});

test('a document is whole: its language, what it says of itself, its own head, its body', () => {
  const text = documentOf(
    {
      lang: 'de',
      meta: { title: 'Lampe' },
      head: html`<link rel="icon" href="/i.svg">`,
      body: html`<p>x</p>`,
    },
    {},
  );
  expect(text).toMatch(/^<!doctype html>\n<html lang="de">\n<head>\n<meta charset="utf-8">/);
  expect(text).toContain(
    '<title>Lampe</title>\n<link rel="icon" href="/i.svg">\n</head>\n<body>\n<p>x</p>\n</body>',
  );
});

test('the policy of a page lets it load from here and pictures from where was said', () => {
  expect(pagePolicy([images])).toContain(`img-src 'self' ${images};`);
  expect(pagePolicy([])).not.toContain('http');
  expect(pagePolicy([])).not.toContain('unsafe');
});
