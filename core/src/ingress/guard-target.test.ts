import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTarget, originFormOf, partsOf } from './guard-target.ts';

/** What is wrong with a target in origin form. */
const fault = (target: string): string | undefined => checkTarget(target, 0)?.options.detail;

const cannotBe = 'The path has a character that cannot be part of it.';
const mustBeEncoded = 'The path has a character that must be encoded.';
const dots = 'The path has a dot segment.';
const empty = 'The path has an empty segment.';

describe('a path is let through', () => {
  test.each([
    '/',
    '/api/home',
    '/api/home/',
    '/.well-known/openid-configuration',
    '/a.b/...',
    '/a..b',
    '/.a/..b/c..',
    "/a;v=1/b@c:d!$&'()*+,=~_-",
    '/a|b[c]',
    '/caf%C3%A9/%F0%9F%9B%92',
    '/a%20b',
    '/a%2Fb',
    '/a%3Fb%23c',
    '/100%25',
    '/100%25/b',
    '/100%25%20off',
    '/100%25az',
    '/a%3b..',
    '/%C2%BD', // ½ folds to 1⁄2, whose stroke is no slash
    '/a?q=%0a&r=//x/../y&s={"a":[1]}|\\`^',
    '/a?',
    '/a?b?c',
  ])('%s', (path) => {
    expect(fault(path)).toBeUndefined();
  });

  test('of unreserved characters, whatever they are', () => {
    const segment = fc
      .stringMatching(/^[A-Za-z0-9._~-]{1,20}$/)
      .filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(fc.array(segment), fc.boolean(), (segments, isFolder) => {
        const path = `/${segments.join('/')}${isFolder && segments.length > 0 ? '/' : ''}`;
        expect(fault(path)).toBeUndefined();
      }),
    );
  });

  test('with any text in one segment that does not climb, once it is encoded', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what the guard refuses on purpose
      (value) => !/[./\\%\u0000-\u001f\u007f-\u009f]/.test(value.normalize('NFKC')),
    );
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(value.isWellFormed());
        expect(fault(`/a/${encodeURIComponent(value)}/b`)).toBeUndefined();
      }),
    );
  });
});

describe('a path is refused', () => {
  test.each([
    ['//evil.example/x', empty],
    ['/a//b', empty],
    ['/a//', empty],
    ['//', empty],
    ['/%2fevil.example', empty],
    ['/a/%2F', empty],
    ['/a%2f%2fb', empty],
    ['/u/../admin', dots],
    ['/u/./admin', dots],
    ['/..', dots],
    ['/u/%2e%2e/admin', dots],
    ['/u/%2E./admin', dots],
    ['/u/.%2e', dots],
    ['/u/..%2fadmin', dots],
    ['/u/a%2f..', dots],
    ['/u/a%2F%2e%2E%2Fadmin', dots],
    ['/u/..;/admin', dots],
    ['/u/..;a=1/admin', dots],
    ['/u/.;/admin', dots],
    ['/u/..%3b/admin', dots],
    ['/u/..%20/admin', dots],
    ['/u/%2e%2e%20;x/admin', dots],
    ['/u/%252e%252e%252fadmin', 'The path is encoded twice.'],
    ['/u/%25252e', 'The path is encoded twice.'],
    ['/u/a%0d%0aX-Evil:1', cannotBe],
    ['/u/a%00', cannotBe],
    ['/u/a%09', cannotBe],
    ['/u/a%7f', cannotBe],
    ['/u/a%C2%85', cannotBe],
    ['/u/a%5cb', cannotBe],
    ['/u/%EF%BC%8E%EF%BC%8E/admin', cannotBe],
    ['/u/a%EF%BC%8Fb', cannotBe],
    ['/u/a%EF%BC%BCb', cannotBe],
    ['/u/a%EF%BC%85b', cannotBe],
    ['/u/%E2%80%A5/admin', cannotBe], // ‥
    ['/u/a%E2%84%80', cannotBe], // ℀ folds to a/c
    ['/u/%c0%ae%c0%ae/admin', 'The path is not UTF-8 in percent-encoding.'],
    ['/u/%ed%a0%80', 'The path is not UTF-8 in percent-encoding.'],
    ['/u/%ff', 'The path is not UTF-8 in percent-encoding.'],
    ['/u/%', 'The path is not UTF-8 in percent-encoding.'],
    ['/u/%2', 'The path is not UTF-8 in percent-encoding.'],
    ['/u/%zz', 'The path is not UTF-8 in percent-encoding.'],
    ['/u/%u002e', 'The path is not UTF-8 in percent-encoding.'],
    ['/u/1#/admin', mustBeEncoded],
    ['/u\\..\\admin', mustBeEncoded],
    ['/\\evil.example', mustBeEncoded],
    ['/a b', mustBeEncoded],
    ['/a\tb', mustBeEncoded],
    ['/caf\u00e9', mustBeEncoded],
    ['/\uff0e\uff0e', mustBeEncoded],
    ...[...'"<>^`{}'].map((character) => [`/a${character}b`, mustBeEncoded]),
  ])('%s', (path, detail) => {
    expect(checkTarget(path, 0)).toMatchObject({ code: 'bad-request-target', status: 400 });
    expect(fault(path)).toBe(detail);
  });

  const around = fc.tuple(fc.constantFrom('/', '/a/', '/a.b/c'), fc.constantFrom('', '/', '/b', 'x'));
  const refused = (middle: fc.Arbitrary<string>): void =>
    fc.assert(
      fc.property(around, middle, ([before, after], text) => {
        expect(checkTarget(before + text + after, 0)).toMatchObject({ code: 'bad-request-target' });
      }),
    );
  const escapeOf = (code: number): string => `%${code.toString(16).padStart(2, '0')}`;

  test('with any control character, raw or encoded', () => {
    const control = fc.oneof(fc.integer({ min: 0, max: 0x1f }), fc.constant(0x7f));
    refused(
      fc.oneof(
        control.map((code) => String.fromCharCode(code)),
        control.map(escapeOf),
      ),
    );
  });

  test('with any byte that is no text', () => {
    refused(fc.integer({ min: 0x80, max: 0xff }).map(escapeOf));
  });

  test('with two dots between slashes, however each of the four is written', () => {
    const slash = fc.constantFrom('/', '%2f', '%2F');
    const dot = fc.constantFrom('.', '%2e', '%2E');
    const tail = fc.constantFrom('', ';', ';a=b', '%3B', '%20', '%20;');
    fc.assert(
      fc.property(slash, dot, dot, tail, slash, (before, one, two, after, end) => {
        expect(fault(`/a${before}${one}${two}${after}${end}b`)).toBe(dots);
        expect(fault(`/a${before}${one}${after}${end}b`)).toBe(dots);
      }),
    );
  });

  test('with anything encoded twice or more', () => {
    const level = fc.integer({ min: 1, max: 4 });
    refused(
      fc.tuple(level, fc.integer({ min: 0, max: 255 })).map(([levels, code]) => {
        return `%${'25'.repeat(levels)}${code.toString(16).padStart(2, '0')}`;
      }),
    );
  });
});

describe('a query is refused', () => {
  test.each(['/a?b#c', '/a?b c', '/a?\u00e9', '/a?\u007f', '/a?b\u0000'])('%j', (target) => {
    expect(fault(target)).toBe('The query has a character that must be encoded.');
  });
});

describe('a URL as target', () => {
  test.each([
    ['http://a.test/x?y', 'a.test', '/x?y'],
    ['https://a.test:8443/', 'a.test:8443', '/'],
    ['http://a.test', 'a.test', '/'],
    ['http://a.test?y=/z', 'a.test', '/?y=/z'],
    ['http://u:p@a.test/x', 'u:p@a.test', '/x'],
    ['http://a.test#/x', 'a.test', '/#/x'],
    ['http:///x', '', '/x'],
  ])('%s has the authority %s and means %s', (target, authority, path) => {
    expect(partsOf(target)?.authority).toBe(authority);
    expect(originFormOf(target)).toBe(path);
  });

  test('has its path where its authority ends', () => {
    expect(partsOf('http://a.test')).toEqual({ authority: 'a.test', start: 13 });
    expect(partsOf('https://a.test/x')).toEqual({ authority: 'a.test', start: 14 });
  });

  test('is checked behind its authority', () => {
    const target = 'http://a.test/u/%2e%2e/x';
    expect(checkTarget(target, partsOf(target)?.start ?? 0)?.options.detail).toBe(dots);
    expect(checkTarget('http://a.test', 13)).toBeUndefined();
    expect(checkTarget('http://a.test#x', 13)?.options.detail).toBe(mustBeEncoded);
  });

  test.each(['', '*', 'a.test:443', 'x/y', 'ftp://a.test/', 'http:/a.test', 'HTTP://a.test/', 'httpx://a'])(
    '%j is none, and no path',
    (target) => {
      expect(partsOf(target)).toBeUndefined();
      expect(originFormOf(target)).toBe(target);
    },
  );

  test('a path has none', () => {
    expect(partsOf('/http://a.test/')).toEqual({ authority: undefined, start: 0 });
    expect(originFormOf('/x?http://a.test/')).toBe('/x?http://a.test/');
  });
});
