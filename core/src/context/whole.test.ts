import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWhole, stringifyWhole, wholeFrom, wholeText } from './whole.ts';

const part = wholeFrom('{"a": 1.0,\n"a":2}');

describe('an unread answer', () => {
  test('shows nothing of itself', () => {
    expect(Reflect.ownKeys(part)).toEqual([]);
    expect(Reflect.get(part, 'a')).toBeUndefined();
    expect({ ...part }).toEqual({});
    expect(`${part}`).toBe('[object Object]');
  });

  test('cannot be written by anybody else, and what it is for is said', () => {
    expect(() => JSON.stringify({ part })).toThrow(
      /^what \.whole\(\) gave .* where the response schema says whole/,
    );
  });

  test('is known by more than its form', () => {
    const forged = Object.create(Object.getPrototypeOf(part));
    expect([part, forged, {}, null, 'text'].map(isWhole)).toEqual([true, false, false, false, false]);
  });
});

describe('writing', () => {
  test('alone it is its text', () => {
    expect(stringifyWhole(part)).toBe(wholeText(part));
  });

  test('it stands as it is wherever it is placed, once or often', () => {
    const text = wholeText(part);
    expect(stringifyWhole({ x: part, list: [part, 1, part], y: 'é"' })).toBe(
      `{"x":${text},"list":[${text},1,${text}],"y":"é\\""}`,
    );
    expect(stringifyWhole([part])).toBe(`[${text}]`);
  });

  test('a value without any is what JSON.stringify writes', () => {
    expect(stringifyWhole({ a: [1, 'x', null] })).toBe('{"a":[1,"x",null]}');
    expect(stringifyWhole(null)).toBe('null');
  });

  test('what follows a value that cannot be written is written as ever', () => {
    expect(() => stringifyWhole({ part, big: 1n })).toThrow(TypeError);
    expect(() => JSON.stringify(part)).toThrow(TypeError);
    expect(stringifyWhole([part])).toBe(`[${wholeText(part)}]`);
  });

  test('of anything among anything gives what writing the read values gives', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.constantFrom(null, true, '$&', '$1', '"', '\\"', '""'),
        fc.jsonValue({ maxDepth: 2 }).map((inner) => wholeFrom(JSON.stringify(inner))),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    const read = (value: unknown): unknown => {
      if (isWhole(value)) return JSON.parse(wholeText(value));
      if (Array.isArray(value)) return value.map(read);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, read(member)]));
    };
    fc.assert(
      fc.property(value, (source) => {
        expect(stringifyWhole(source)).toBe(JSON.stringify(read(source)));
      }),
      { numRuns: 500 },
    );
  });
});
