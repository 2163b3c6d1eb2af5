import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BodyRules, compileBody } from './body.ts';
import { compileHeaders, type HeaderRules } from './headers.ts';
import { compileQueryRules } from './query.ts';
import { compileTransforms } from './transforms.ts';

function headers(rules: HeaderRules, before: Record<string, string>): Record<string, string> {
  const after = { ...before };
  compileHeaders(rules, {
    where: 'h',
    direction: 'request',
    passed: ['x-a', 'x-b', 'accept'],
    fixed: ['range'],
  })(after);
  return after;
}

describe('headers', () => {
  test.each<[HeaderRules, Record<string, string>, Record<string, string>]>([
    [{ remove: ['x-a'] }, { 'x-a': '1', 'x-b': '2' }, { 'x-b': '2' }],
    [{ rename: { 'x-a': 'x-c' } }, { 'x-a': '1' }, { 'x-c': '1' }],
    [{ rename: { 'x-a': 'x-c' } }, {}, {}],
    [{ replace: { 'x-a': '2' } }, { 'x-a': '1' }, { 'x-a': '2' }],
    [{ replace: { 'x-a': '2' } }, {}, {}],
    [{ add: { 'x-a': '2' } }, { 'x-a': '1' }, { 'x-a': '1' }],
    [{ add: { 'x-a': '2' } }, {}, { 'x-a': '2' }],
    [{ replace: { 'x-a': '2' }, add: { 'x-a': '2' } }, {}, { 'x-a': '2' }],
  ])('%j', (rules, before, after) => {
    expect(headers(rules, before)).toEqual(after);
  });

  test.each<[string, HeaderRules, string]>([
    ['an unknown word', { delete: ['x-a'] } as HeaderRules, "unknown option 'delete'"],
    ['what is not forwarded', { remove: ['x-z'] }, 'not forwarded'],
    [
      'a name that two rules speak of',
      { remove: ['x-a'], rename: { 'x-a': 'x-c' } },
      'both remove and rename',
    ],
    ['one name for two', { rename: { 'x-a': 'x-c', 'x-b': 'x-c' } }, 'twice'],
    ['a name that is taken', { rename: { 'x-a': 'x-b' } }, 'forwarded itself'],
    ['what says how the body is read', { add: { range: 'bytes=0-' } }, 'how the body is read'],
    ['a value of two lines', { add: { 'x-c': 'a\r\nx-user-id: 1' } }, 'printable ASCII'],
    ['an empty value', { add: { 'x-c': '' } }, 'printable ASCII'],
    ['identity', { rename: { 'x-a': 'x-user-id' } }, 'never forwarded'],
    ['identity in disguise', { rename: { 'x-a': 'x.user.id' } }, 'never forwarded'],
    ['a credential', { add: { 'x-api-key': '1' } }, 'never forwarded'],
    ['framing', { add: { 'transfer-encoding': 'chunked' } }, 'never forwarded'],
    ['what the gateway says', { add: { 'x-request-id': '1' } }, 'never forwarded'],
    ['uppercase', { add: { 'X-C': '1' } }, 'lowercase'],
  ])('%s does not boot', (_what, rules, message) => {
    expect(() => headers(rules, {})).toThrow(RangeError);
    expect(() => headers(rules, {})).toThrow(message);
  });
});

describe('queries', () => {
  const change = (rules: Parameters<typeof compileQueryRules>[1], query: string): string =>
    compileQueryRules('q', rules)(query);
  test('are changed, and keep the rest in its order', () => {
    expect(
      change(
        { remove: ['debug'], rename: { p: 'page' }, replace: { sort: 'new' }, add: { limit: '10' } },
        'a=1&debug=1&p=2&a=3&sort=x&sort=y',
      ),
    ).toBe('a=1&page=2&a=3&sort=new&limit=10');
  });
  test('nothing that a client calls so stands beside what is renamed', () => {
    expect(change({ rename: { p: 'page' } }, 'page=evil&p=2')).toBe('page=2');
    expect(change({ rename: { p: 'page' } }, 'page=evil')).toBe('');
  });
  test('values are written so that they stay one value', () => {
    expect(change({ add: { a: 'x&b=1#' } }, '')).toBe('a=x%26b%3D1%23');
  });
  test.each([
    [{ add: { access_token: '1' } }, 'credentials belong'],
    [{ rename: { p: 'api_key' } }, 'credentials belong'],
    [{ add: { '': '1' } }, 'must have a name'],
    [{ add: { a: 1 as unknown as string } }, 'must be a text'],
  ])('%j does not boot', (rules, message) => {
    expect(() => change(rules, '')).toThrow(message);
  });
});

describe('bodies', () => {
  const change = (rules: BodyRules, value: unknown): unknown => compileBody('b', rules)(value);
  test.each<[BodyRules, unknown, unknown]>([
    [{ remove: ['a', 'b.c'] }, { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3 } }],
    [
      { remove: ['items[].secret'] },
      { items: [{ id: 1, secret: 2 }, 3, null] },
      { items: [{ id: 1 }, 3, null] },
    ],
    [{ remove: ['[].a'] }, [{ a: 1, b: 2 }], [{ b: 2 }]],
    [{ remove: ['m[][].a'] }, { m: [[{ a: 1 }]] }, { m: [[{}]] }],
    [{ rename: { 'a.b': 'c' } }, { a: { b: 1 } }, { a: { c: 1 } }],
    [{ rename: { b: 'c' } }, { b: 1, c: 2 }, { c: 1 }],
    [{ rename: { b: 'c' } }, { c: 2 }, { c: 2 }],
    [{ rename: { a: 'b' }, remove: ['a.x'] }, { a: { x: 1, y: 2 } }, { b: { y: 2 } }],
    [{ replace: { a: null } }, { a: 1 }, { a: null }],
    [{ replace: { a: 1 } }, {}, {}],
    [{ add: { a: [1], 'b.c': 2, 'd.e': 3 } }, { b: {} }, { a: [1], b: { c: 2 } }],
    [{ add: { a: 1 } }, { a: undefined }, { a: undefined }],
    [{ add: { a: 1 } }, 'text', 'text'],
    [{ remove: ['a.b'] }, { a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
  ])('%j', (rules, before, after) => {
    const copy = structuredClone(before);
    expect(change(rules, before)).toEqual(after);
    expect(before).toEqual(copy);
  });

  test('members that reach a prototype in other programs stay members', () => {
    const changed = change({ remove: ['x'] }, JSON.parse('{"__proto__":{"admin":true},"x":1}'));
    expect(JSON.stringify(changed)).toBe('{"__proto__":{"admin":true}}');
    expect((changed as { admin?: boolean }).admin).toBeUndefined();
  });

  test('what no rule speaks of is never changed', () => {
    const rules: BodyRules = { remove: ['!r'], rename: { '!n': '!m' }, replace: { '!p': 1 } };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(change(rules, value))).toBe(JSON.stringify(value));
      }),
    );
  });

  test.each<[BodyRules, string]>([
    [{ remove: ['a..b'] }, 'not a path'],
    [{ remove: ['a.b[]'] }, 'not a path'],
    [{ remove: ['a[0].b'] }, 'not a path'],
    [{ remove: ['a.[].b'] }, 'not a path'],
    [{ remove: [''] }, 'not a path'],
    [{ remove: ['a.__proto__.b'] }, "names '__proto__'"],
    [{ rename: { a: 'constructor' } }, 'which is none'],
    [{ rename: { a: 'b.c' } }, 'which is none'],
    [{ rename: { 'x.a': 'b' }, remove: ['x.b'] }, 'both remove and rename'],
    [{ remove: [Array(18).fill('a').join('.')] }, 'deeper than 16'],
  ])('%j does not boot', (rules, message) => {
    expect(() => change(rules, {})).toThrow(message);
  });
});

test('what is not declared is not there', () => {
  const compiled = compileTransforms({}, { request: [], answer: [], fixed: [] });
  expect(Object.values(compiled)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(() => compileTransforms({ response: {} } as object, { request: [], answer: [], fixed: [] })).toThrow(
    "unknown option 'response'",
  );
});
