import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GatewayError } from '../problem/gateway-error.ts';
import { compileDecode, type Decode } from './decode.ts';
import type { Mask } from './mask.ts';
import { get } from './operation.ts';

function decoder(schema: z.ZodType | undefined, mask: Mask = true): Decode {
  const { contract } = get('/things', schema === undefined ? {} : { response: schema });
  return compileDecode({ ...contract, mask });
}

function failureOf(decode: Decode, text: string | Buffer): GatewayError {
  try {
    decode(Buffer.from(text));
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('the answer was accepted');
}

describe('an answer that cannot be used', () => {
  const decode = decoder(z.object({ id: z.string(), size: z.number() }), { id: true });

  test.each([
    '',
    'nothing',
    '{',
    '[]',
    'null',
    '7',
    '{"size":1}',
    '{"id":1}',
    '{"id":null}',
    '\ufeff{"id":"a"}',
  ])('%j is upstream-bad-answer', (text) => {
    expect(failureOf(decode, text).code).toBe('upstream-bad-answer');
  });

  test('is not quoted in the reason, which goes into the log', () => {
    const { cause } = failureOf(decode, 'canary').options;
    expect(String(cause)).not.toContain('canary');
  });

  test('may be as deep as it likes', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(failureOf(decode, deep).code).toBe('upstream-bad-answer');
    expect(decode(Buffer.from(`{"id":"a","size":${deep}}`))).toEqual({ id: 'a' });
  });
});

test('without a declared response the body is dropped unread', () => {
  expect(decoder(undefined)(Buffer.from('<html>'))).toBeUndefined();
});

test('a mask that does not fit the schema is refused at boot', () => {
  expect(() => decoder(z.object({ id: z.string() }), { ids: true })).toThrow(RangeError);
});

test('a schema that contains itself is read to the end', () => {
  const Category = z.object({
    name: z.string(),
    get children() {
      return z.array(Category);
    },
  });
  const tree = { name: 'a', x: 1, children: [{ name: 'b', x: 2, children: [] }] };
  const text = Buffer.from(JSON.stringify(tree));
  expect(decoder(Category)(text)).toEqual({ name: 'a', children: [{ name: 'b', children: [] }] });
  expect(decoder(Category, { children: { children: true } })(text)).toEqual({ children: [{ children: [] }] });
});

test('no key of an answer reaches a prototype', () => {
  const decode = decoder(z.object({ a: z.number(), b: z.array(z.object({ c: z.number() })) }));
  const value = decode(
    Buffer.from(
      '{"__proto__":{"admin":true},"a":1,"constructor":{"prototype":{"x":1}},"b":[{"c":2,"__proto__":{"d":3}}]}',
    ),
  );
  expect(value).toEqual({ a: 1, b: [{ c: 2 }] });
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect('admin' in {}).toBe(false);
});

/** A schema as plain data, so that a reference can walk it. */
type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' }
  | { readonly kind: 'nullable' | 'array'; readonly of: Shape }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Field>> };

interface Field {
  readonly shape: Shape;
  readonly isOptional: boolean;
}

const fieldName = fc.constantFrom('id', 'name', 'lines', 'total', 'a.b');

const { object: objectShapes } = fc.letrec<{ shape: Shape; object: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ kind: fc.constantFrom('string', 'number', 'boolean') }),
    tie('object'),
    fc.record({ kind: fc.constantFrom('nullable', 'array'), of: tie('shape') }),
  ) as fc.Arbitrary<Shape>,
  object: fc.record({
    kind: fc.constant('object' as const),
    fields: fc.dictionary(fieldName, fc.record({ shape: tie('shape'), isOptional: fc.boolean() }), {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    }),
  }) as fc.Arbitrary<Shape>,
}));

function schemaOf(shape: Shape): z.ZodType {
  if (shape.kind === 'nullable') return schemaOf(shape.of).nullable();
  if (shape.kind === 'array') return z.array(schemaOf(shape.of));
  if (shape.kind !== 'object') return z[shape.kind]();
  const members = Object.entries(shape.fields).map(([name, field]) => [
    name,
    field.isOptional ? schemaOf(field.shape).optional() : schemaOf(field.shape),
  ]);
  return z.object(Object.fromEntries(members));
}

/** Any mask that fits. */
function masksOf(shape: Shape): fc.Arbitrary<Mask> {
  if (shape.kind === 'nullable' || shape.kind === 'array') return masksOf(shape.of);
  if (shape.kind !== 'object') return fc.constant(true);
  const members = Object.entries(shape.fields).map(([name, field]) => [name, masksOf(field.shape)]);
  return fc.oneof(
    fc.constant(true as const),
    fc.record(Object.fromEntries(members), { requiredKeys: [], noNullPrototype: true }),
  ) as fc.Arbitrary<Mask>;
}

const isPicked = (mask: Mask, name: string): boolean => mask === true || Object.hasOwn(mask, name);
const maskOf = (mask: Mask, name: string): Mask => (mask === true ? true : (mask[name] ?? true));

/** An answer in which what is picked is right; beside it anything: wrong types, and fields nobody declared. */
function answersOf(shape: Shape, mask: Mask): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'string':
      return fc.string();
    case 'number':
      return fc.integer();
    case 'boolean':
      return fc.boolean();
    case 'nullable':
      return fc.option(answersOf(shape.of, mask), { nil: null });
    case 'array':
      return fc.array(answersOf(shape.of, mask), { maxLength: 3 });
    case 'object': {
      const names = Object.keys(shape.fields);
      const members = Object.entries(shape.fields).map(([name, field]): [string, fc.Arbitrary<unknown>] => [
        name,
        isPicked(mask, name) ? answersOf(field.shape, maskOf(mask, name)) : fc.jsonValue(),
      ]);
      const needed = names.filter((name) => isPicked(mask, name) && shape.fields[name]?.isOptional === false);
      const declared = fc.record<Record<string, unknown>>(Object.fromEntries(members), {
        requiredKeys: needed,
      });
      const extra = fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', 'x')),
        fc.jsonValue(),
      );
      return fc
        .tuple(extra, declared)
        .map(([more, known]) =>
          Object.fromEntries([
            ...Object.entries(more).filter(([name]) => !names.includes(name)),
            ...Object.entries(known),
          ]),
        );
    }
  }
}

/** The reference: what a reader with patience would pick by hand. */
function pickByHand(shape: Shape, mask: Mask, value: unknown): unknown {
  if (value === null) return null;
  if (shape.kind === 'nullable') return pickByHand(shape.of, mask, value);
  if (shape.kind === 'array') return (value as unknown[]).map((item) => pickByHand(shape.of, mask, item));
  if (shape.kind !== 'object') return value;
  const sent = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(shape.fields).flatMap(([name, field]) =>
      isPicked(mask, name) && Object.hasOwn(sent, name)
        ? [[name, pickByHand(field.shape, maskOf(mask, name), sent[name])]]
        : [],
    ),
  );
}

/** Every way to make one picked part wrong: its value replaced by another type, or the field left out. */
function spoiled(shape: Shape, mask: Mask, value: unknown): unknown[] {
  if (shape.kind === 'nullable')
    return value === null ? [] : spoiled(shape.of, mask, value).filter((wrong) => wrong !== null);
  if (shape.kind === 'array') {
    const items = value as unknown[];
    const inside = items.flatMap((item, index) =>
      spoiled(shape.of, mask, item).map((wrong) => items.with(index, wrong)),
    );
    return ['not a list', null, ...inside];
  }
  if (shape.kind !== 'object') return [shape.kind === 'string' ? 7 : 'text', null, {}];
  const sent = value as Readonly<Record<string, unknown>>;
  const inside = Object.entries(shape.fields).flatMap(([name, field]) => {
    if (!isPicked(mask, name) || !Object.hasOwn(sent, name)) return [];
    const others = Object.entries(sent).filter(([other]) => other !== name);
    const replaced = spoiled(field.shape, maskOf(mask, name), sent[name]).map((wrong) =>
      Object.fromEntries([...others, [name, wrong]]),
    );
    return field.isOptional ? replaced : [...replaced, Object.fromEntries(others)];
  });
  return ['not an object', null, ...inside];
}

const cases = objectShapes.chain((shape) =>
  masksOf(shape).chain((mask) => answersOf(shape, mask).map((answer) => ({ shape, mask, answer }))),
);

describe('for every schema, mask and answer', () => {
  test('decoding is picking by hand from the checked answer', () => {
    fc.assert(
      fc.property(cases, ({ shape, mask, answer }) => {
        const value = decoder(schemaOf(shape), mask)(Buffer.from(JSON.stringify(answer)));
        expect(value).toEqual(pickByHand(shape, mask, JSON.parse(JSON.stringify(answer))));
      }),
      { numRuns: 300 },
    );
  });

  test('one picked part that is wrong or missing spoils the whole answer', () => {
    fc.assert(
      fc.property(cases, ({ shape, mask, answer }) => {
        const decode = decoder(schemaOf(shape), mask);
        for (const wrong of spoiled(shape, mask, answer)) {
          expect(failureOf(decode, JSON.stringify(wrong)).code).toBe('upstream-bad-answer');
        }
      }),
      { numRuns: 100 },
    );
  });
});
