import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { etagOf, matches, weaken } from './etag.ts';

test('a tag is a quoted text of characters a tag may have', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (body) => {
      expect(etagOf(body)).toMatch(/^"[\w-]+"$/);
    }),
  );
});

test('equal bodies have equal tags, different bodies different ones', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(etagOf(one) === etagOf(other)).toBe(one === other);
    }),
  );
});

test('weakening says W/ once', () => {
  expect(weaken('"a"')).toBe('W/"a"');
  expect(weaken(weaken('"a"'))).toBe('W/"a"');
});

describe('If-None-Match', () => {
  test.each<[string | undefined, boolean]>([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['W/"b",W/"a"', true],
    [' "a" ', true],
    ['*', true],
    [' * ', true],
    ['"b"', false],
    ['a', false],
    ['"a', false],
    ['"A"', false],
    ['w/"a"', false],
    ['"a" "b"', false],
    ['', false],
    [undefined, false],
    ['"*"', false],
  ])('%j names "a": %s', (ifNoneMatch, named) => {
    expect(matches(ifNoneMatch, '"a"')).toBe(named);
    expect(matches(ifNoneMatch, 'W/"a"')).toBe(named);
  });
});
