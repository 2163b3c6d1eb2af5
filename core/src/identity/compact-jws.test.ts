import fc from 'fast-check';
import { errors } from 'jose';
import { describe, expect, test } from 'vitest';
import { isCompactJws, readCompactJws } from './compact-jws.ts';

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const tokenOf = (header: unknown, payload: unknown = {}): string => `${part(header)}.${part(payload)}.AAAA`;

describe('a token has one spelling', () => {
  test('which every encoder writes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 3, maxLength: 3 }),
        (parts) => isCompactJws(parts.map((bytes) => Buffer.from(bytes).toString('base64url')).join('.')),
      ),
    );
  });

  test('no two texts are the same bytes', () => {
    const character = fc.constantFrom(...'ABCQgwEIMxyz059-_=+/. ~');
    fc.assert(
      fc.property(fc.string({ unit: character, minLength: 1, maxLength: 9 }), (text) => {
        if (!isCompactJws(`${text}.AAAA.AAAA`)) return;
        expect(Buffer.from(text, 'base64url').toString('base64url')).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    '',
    '.',
    '..',
    'AAAA',
    'AAAA.AAAA',
    '.AAAA.AAAA',
    'AAAA..AAAA',
    'AAAA.AAAA.',
    'AAAA.AAAA.AAAA.AAAA',
    'A.AAAA.AAAA',
    'AAAA.AAAA.AAAAA',
    'AAAA.AAAA.AB',
    'AAAA.AAAA.AAB',
    'AAAA.AAAA.AA==',
    'AAAA.AAAA.AAA=',
    'AA+A.AAAA.AAAA',
    'AAAA.AA/A.AAAA',
    ' AAAA.AAAA.AAAA',
    'AAAA.AAAA.AAAA\n',
  ])('%j is none', (token) => {
    expect(isCompactJws(token)).toBe(false);
    expect(() => readCompactJws(token)).toThrow(new errors.JWSInvalid('not a signed token in compact form'));
  });

  test('and is judged in a time that grows with its length only', () => {
    const startedMs = performance.now();
    for (const unit of ['A', '-', 'AA', 'A.', '.']) isCompactJws(`${unit.repeat(100_000)}!`);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});

test('what it says is read, before anybody has verified it', () => {
  expect(readCompactJws(tokenOf({ alg: 'ES256', x: [1] }, { sub: 'Ada ñ' }))).toEqual({
    header: { alg: 'ES256', x: [1] },
    payload: { sub: 'Ada ñ' },
  });
});

test('the same name in two objects is not twice, and neither is one that stands in a text', () => {
  const payload = {
    a: { a: { a: 1 } },
    b: [{ a: 1 }, { a: 2 }],
    c: '{"a":1,"a":2}',
    'a"': 1,
    'a\\': 2,
    d: ['a', ':', 'a'],
  };
  expect(readCompactJws(tokenOf({}, payload)).payload).toEqual(payload);
});

test.each<[string, string, string]>([
  ['{"a":1,"a":1}', '{}', 'the header has a member twice'],
  ['{}', '{"a":1,"b":{},"a":1}', 'the payload has a member twice'],
  ['{}', '{"b":[[{"a":1,"\\u0061" \n: 2}]]}', 'the payload has a member twice'],
  ['{}', '{"a":{"x":1},"c":{"x":1,"x":2}}', 'the payload has a member twice'],
  ['{}', '{"":1,"":1}', 'the payload has a member twice'],
  ['[]', '{}', 'the header is not an object'],
  ['{}', 'null', 'the payload is not an object'],
  ['{}', '"text"', 'the payload is not an object'],
  ['{', '{}', 'the header is not JSON in UTF-8'],
  ['{}', '\ufeff{}', 'the payload is not JSON in UTF-8'],
  ['{"crit":["b64"]}', '{}', 'a critical extension is not known'],
  ['{"crit":null}', '{}', 'a critical extension is not known'],
])('%s and %s: %s', (header, payload, message) => {
  expect(() => readCompactJws(tokenOf(header, payload))).toThrow(new errors.JWSInvalid(message));
});

test('what the token says is in no error: errors go into the log', () => {
  const secret = `${part('{"canary": 1')}.${part('{}')}.AAAA`;
  try {
    readCompactJws(secret);
    expect.unreachable();
  } catch (error) {
    expect(String(error)).not.toContain('canary');
    expect((error as Error).cause).toBeUndefined();
  }
});
