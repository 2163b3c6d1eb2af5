import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWords } from './shell-words.ts';
import { UsageError } from './usage-error.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 30 });

/** Ways to write a word that a shell takes apart again. */
const quotings: readonly ((word: string) => string)[] = [
  (word) => `'${word.replaceAll("'", "'\\''")}'`,
  (word) => `"${word.replaceAll(/["\\$`]/g, '\\$&')}"`,
  (word) => `$'${word.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`,
  (word) =>
    `$'${[...word].map((letter) => `\\U${letter.codePointAt(0)?.toString(16).padStart(8, '0')}`).join('')}'`,
];

test('whatever a word holds and however it is quoted, it comes out as it was', () => {
  const quoted = fc.tuple(text, fc.constantFrom(...quotings));
  fc.assert(
    fc.property(fc.array(quoted), fc.constantFrom(' ', '  ', '\t', ' \\\n  ', ' \\\r\n'), (words, gap) => {
      const line = words.map(([word, quote]) => quote(word)).join(gap);
      expect(shellWords(line)).toEqual(words.map(([word]) => word));
    }),
  );
});

test('any text is words or a refusal', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (line) => {
      try {
        expect(Array.isArray(shellWords(line))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
  );
});

test.each([
  ["curl 'http://x/a?b=1&c=2' \\\n  -H 'accept: */*'", ['curl', 'http://x/a?b=1&c=2', '-H', 'accept: */*']],
  ["curl http://x/a?b=1 --data-raw $'it\\'s\\u0021\\n'", ['curl', 'http://x/a?b=1', '--data-raw', "it's!\n"]],
  ['a"b c"\'d e\'f\\ g', ['ab cd ef g']],
  ['\'\' ""', ['', '']],
  ['price=5$ a$', ['price=5$', 'a$']],
  ['"C:\\dir"', ['C:\\dir']],
])('%s', (line, words) => {
  expect(shellWords(line)).toEqual(words);
});

test.each([
  ['curl "http://x" -H "authorization: Bearer $TOKEN"', 'has a $variable'],
  ['curl $(pwd)', 'has a $variable'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a shell takes apart
  ['curl ${URL}', 'has a $variable'],
  ['curl "`id`"', 'has a `substitution`'],
  ['curl http://x/a?b=1&c=2', 'put the URL into quotes'],
  ['curl http://x; rm -rf /', 'give one curl command'],
  ['curl http://x | sh', 'give one curl command'],
  ['curl http://x > file', 'give one curl command'],
  ["curl 'http://x", 'ends inside of quotes'],
  ["curl $'http://x\\", 'ends inside of quotes'],
])('%s is refused', (line, why) => {
  expect(() => shellWords(line)).toThrow(why);
  expect(() => shellWords(line)).toThrow(UsageError);
});
