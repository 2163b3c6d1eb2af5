import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlight } from './highlight.ts';

const pieces = fc.constantFrom(
  '<',
  '&',
  '"',
  "'",
  '`',
  '\\',
  '#',
  '//',
  '/*',
  '*/',
  '\n',
  ' ',
  'const',
  'x(',
  '1_0',
  '$A',
  '-H',
  '{',
  '"a":',
  'é',
);
const code = fc.string({ unit: pieces, maxLength: 60 });

function read(html: string): string {
  return html
    .replaceAll(/<\/?span[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

test.each(['json', 'ts', 'typescript', 'py', 'sh', 'http', 'unknown'])(
  'code in %s is the same code when it is read again',
  (language) => {
    fc.assert(
      fc.property(code, (text) => {
        const html = String(highlight(text, language));
        expect(read(html)).toBe(text);
        expect(html.replaceAll(/<\/?span(?: class="c-[a-z]+")?>/g, '')).not.toMatch(/[<>]/);
      }),
    );
  },
);

test('texts, comments, names and words are told apart', () => {
  const kinds = (text: string, language: string): string[] =>
    [...String(highlight(text, language)).matchAll(/class="c-(\w+)">([^<]*)/g)].map(
      ([, kind, found]) => `${kind} ${found}`,
    );
  expect(kinds('{ "a": "b", "n": 1.5, "z": null }', 'json')).toEqual([
    'name &quot;a&quot;',
    'text &quot;b&quot;',
    'name &quot;n&quot;',
    'number 1.5',
    'name &quot;z&quot;',
    'word null',
  ]);
  expect(kinds('await read(1); // done', 'ts')).toEqual([
    'word await',
    'name read',
    'number 1',
    'comment // done',
  ]);
  expect(kinds('x = "#1"  # why', 'py')).toEqual(['text &quot;#1&quot;', 'comment # why']);
  expect(kinds('curl -H "$A"', 'sh')).toEqual(['word curl', 'name -H', 'text &quot;$A&quot;']);
});
