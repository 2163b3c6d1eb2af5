import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyBytes, byteLengthOf } from './body-bytes.ts';

test('a body is the UTF-8 of its text, whatever form it has', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const body = bodyBytes(text);
      expect(Buffer.from(body as string)).toEqual(Buffer.from(text));
      expect(byteLengthOf(body)).toBe(Buffer.byteLength(text));
    }),
  );
});

test.each([
  ['', 'text'],
  ['plain', 'text'],
  ['café', 'text'],
  ['5 €', 'bytes'],
  ['\u{1f600}', 'bytes'],
])('%j is sent as %s', (text, form) => {
  expect(typeof bodyBytes(text) === 'string' ? 'text' : 'bytes').toBe(form);
});
