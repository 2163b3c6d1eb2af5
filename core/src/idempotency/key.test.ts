import { expect, test } from 'vitest';
import { keyIn } from './key.ts';

const uuid = '8e03978e-40d5-43e8-bc93-6894a57f9324';

test.each([
  ['a token', uuid, uuid],
  ['a String', `"${uuid}"`, uuid],
  ['spaces around it', ` "${uuid}" `, uuid],
  ['escaped characters', '"a \\"b\\\\c\\" 0123456789"'.replaceAll(' ', '-'), 'a-"b\\c"-0123456789'],
  ['16 characters', 'x'.repeat(16), 'x'.repeat(16)],
  ['255 characters', `"${'~'.repeat(255)}"`, '~'.repeat(255)],
  ['the characters of base64', 'ab+/=_-.:0123456789', 'ab+/=_-.:0123456789'],
])('reads %s', (_what, value, key) => {
  expect(keyIn(value)).toBe(key);
});

test.each([
  ['nothing', ''],
  ['an empty String', '""'],
  ['15 characters', 'x'.repeat(15)],
  ['15 characters in quotes', `"${'x'.repeat(15)}"`],
  ['256 characters', 'x'.repeat(256)],
  ['a space', `"${'a b '.repeat(8)}"`],
  ['a space in a token', 'aaaaaaaa bbbbbbbb'],
  ['a quote that does not end', `"${uuid}`],
  ['a quote inside', `aaaaaaaa"bbbbbbbb`],
  ['an escape that is none', `"aaaaaaaaaaaaaaaa\\n"`],
  ['parameters', `"${uuid}";a=1`],
  ['a parameter of a token', `${uuid};a=1`],
  ['two keys', `${uuid},${uuid}`],
  ['two Strings', `"${uuid}", "${uuid}"`],
  ['a tab', `"aaaaaaaaaaaaaaaa\t"`],
  ['letters beyond ASCII', 'ä'.repeat(16)],
  ['bytes', ':aGVsbG8gd29ybGQgaGVsbG8=:"'],
])('refuses %s', (_what, value) => {
  expect(() => keyIn(value)).toThrow(expect.objectContaining({ code: 'idempotency-key-malformed' }));
});
