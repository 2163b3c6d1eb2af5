import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testContext } from '../testing/test-context.ts';
import { cacheKey, ownerOf, variantOf } from './cache-key.ts';

/** What requests and inputs are made of, close together so that texts have a chance to run into each other. */
const text = fc.oneof(
  fc.constantFrom('', 'a', 'a:b', 'b', ',', '"', '\\', '["a"]', 'null', '1', '\ud800', '\udc00', '__proto__'),
  fc.string(),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer({ min: -2, max: 2 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(text, tie('any'), { maxKeys: 3 }),
  ),
})).any;

/** The same value, whatever the order of members; `-0` is 0. */
function sameAs(one: unknown, other: unknown): boolean {
  const plain = (part: unknown): string => {
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    if (Array.isArray(part)) return `[${part.map(plain)}]`;
    const keys = Object.keys(part).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${plain((part as Record<string, unknown>)[key])}`)}}`;
  };
  return plain(one) === plain(other);
}

test('two tuples have one key exactly when they are equal', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), fc.array(value, { maxLength: 4 }), (one, other) => {
      expect(cacheKey(one) === cacheKey(other)).toBe(sameAs(one, other));
    }),
    { numRuns: 5_000 },
  );
});

test('what is moved from one part of a tuple to the next gives another key', () => {
  fc.assert(
    fc.property(text, text, text, (one, two, three) => {
      const keys = new Set([
        cacheKey([one, two + three]),
        cacheKey([one + two, three]),
        cacheKey([one, two, three]),
        cacheKey([[one, two], three]),
        cacheKey([{ [one]: two }, three]),
      ]);
      expect(keys.size).toBe(one === '' || two === '' || three === '' ? keys.size : 5);
      if (two !== '') expect(cacheKey([one, two + three])).not.toBe(cacheKey([one + two, three]));
    }),
  );
});

test('the order of members does not count, nor do members that are not there', () => {
  expect(cacheKey([{ a: 1, b: undefined, c: [2] }])).toBe(cacheKey([{ c: [2], a: 1 }]));
  expect(cacheKey([{ a: [1, undefined] }])).not.toBe(cacheKey([{ a: [1] }]));
});

test.each([
  [new Map()],
  [new Set()],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [1n],
  [Symbol('a')],
  [() => 1],
  [new Date(Number.NaN)],
])('what cannot be told from others is refused: %s', (odd) => {
  expect(() => cacheKey([{ odd }])).toThrow(TypeError);
});

test('a moment is no text of a moment', () => {
  const at = new Date('2026-11-01T00:00:00Z');
  expect(cacheKey([at])).not.toBe(cacheKey([at.toISOString()]));
  expect(cacheKey([at])).toBe(cacheKey([new Date(at)]));
});

const ada = {
  kind: 'user' as const,
  tenant: 'one',
  subject: 'ada',
  clientId: 'app',
  scopes: new Set(['a', 'b']),
  roles: new Set(['x']),
  plan: 'free',
};

test.each([
  { ...ada, kind: 'partner' as const },
  { ...ada, tenant: undefined },
  { ...ada, tenant: 'two' },
  { ...ada, subject: 'grace' },
  { ...ada, clientId: 'other' },
  { ...ada, scopes: new Set(['a']) },
  { ...ada, roles: new Set<string>() },
  { ...ada, plan: 'pro' },
])('a caller who differs in anything is another owner: %j', (other) => {
  const owner = (principal: typeof ada | typeof other | undefined): string => {
    const context = testContext();
    context.subject = 'ip:192.0.2.1';
    context.principal = principal;
    return cacheKey([ownerOf(context, 'principal')]);
  };
  expect(owner(other)).not.toBe(owner(ada));
  expect(owner(undefined)).not.toBe(owner(ada));
  expect(owner({ ...ada, scopes: new Set(['b', 'a']) })).toBe(owner(ada));
});

test('a public answer has no owner, and a variant knows the header that is missing', () => {
  const context = testContext({ headers: { 'accept-language': '' } });
  context.principal = ada;
  expect(ownerOf(context, 'public')).toBeNull();
  expect(variantOf(context, ['accept-language', 'x-none'])).toEqual(['', null]);
});
