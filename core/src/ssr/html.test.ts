import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, inlineJson } from './escape.ts';
import { html } from './html.ts';

const pieces = fc.constantFrom(
  '<',
  '>',
  '&',
  '"',
  "'",
  '/',
  '!--',
  'script',
  '\u2028',
  '\u2029',
  '\0',
  'amp;',
  'é',
  '\ud800',
);
const texts = fc.string({ unit: pieces });

describe('text', () => {
  test('becomes no markup, between tags or in quotes', () => {
    expect(escapeHtml(`<a href="x" title='&'>`)).toBe('&lt;a href=&quot;x&quot; title=&#39;&amp;&#39;&gt;');
  });

  test('comes back the same when the entities are read again', () => {
    const read = (text: string): string =>
      text
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
    fc.assert(
      fc.property(texts, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(read(escaped)).toBe(text);
      }),
    );
  });
});

describe('JSON in a script', () => {
  test('cannot end its element or its line', () => {
    const json = inlineJson({ a: '</script><!--\u2028\u2029&', '<k>': 1 });
    expect(json).toBe('{"a":"\\u003c/script\\u003e\\u003c!--\\u2028\\u2029\\u0026","\\u003ck\\u003e":1}');
  });

  test('is the same JSON, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: pieces }), (value) => {
        const json = inlineJson(value);
        expect(json).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is null for what JSON does not have', () => {
    expect(inlineJson(undefined)).toBe('null');
  });
});

describe('a template', () => {
  test('escapes values and keeps finished HTML', () => {
    const name = '<Ada> & "co"';
    const inner = html`<b title="${name}">${name}</b>`;
    expect(String(html`<p>${inner}</p>`)).toBe(
      '<p><b title="&lt;Ada&gt; &amp; &quot;co&quot;">&lt;Ada&gt; &amp; &quot;co&quot;</b></p>',
    );
  });

  test('joins lists and leaves out what is not there', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(String(html`${items}${undefined}${null}${false}${0}${''}${[['x'], 1]}`)).toBe(
      '<li>a</li><li>&lt;</li>0x1',
    );
  });

  test('takes nothing for finished HTML that only looks like it', () => {
    const forged = { toString: () => '<script>', '#text': '<script>' };
    expect(() => String(html`${forged as never}`)).toThrow();
    expect(String(html`${JSON.stringify({ html: '<b>' })}`)).toBe('{&quot;html&quot;:&quot;&lt;b&gt;&quot;}');
  });

  test('refuses values in places where escaping does not help', () => {
    const value = 'x onload=alert(1)';
    expect(() => html`<a href=${value}>`).toThrow('put quotes around');
    expect(() => html`<a href = ${value}>`).toThrow(TypeError);
    expect(() => html`<script>const a = "${value}"</script>`).toThrow('inside of <script>');
    expect(() => html`<style>b { color: ${value} }</style>`).toThrow('inside of <script> or <style>');
    expect(() => html`<script src="/a.js"></script><p>${value}</p>`).not.toThrow();
    expect(() => html`<p>a = ${value}</p>`).not.toThrow();
  });
});
