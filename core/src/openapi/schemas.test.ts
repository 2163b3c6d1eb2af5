import { expect, test } from 'vitest';
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { describeSchemas, type Schemas } from './schemas.ts';
import type { Side } from './shared-schemas.ts';

function describeAnswers(...schemas: readonly $ZodType[]): Schemas {
  return describeSchemas(schemas.map((schema, index) => use(`Answer${index + 1}`, schema)));
}

const use = (name: string, schema: $ZodType, side: Side = 'output') => ({ name, schema, side });
const Money = z.object({ amount: z.int(), currency: z.string() });
const money = {
  type: 'object',
  properties: { amount: { type: 'integer' }, currency: { type: 'string' } },
  required: ['amount', 'currency'],
};

test('a schema that is used once is written where it is used', () => {
  const order = z.object({ total: Money });
  const { components, of } = describeAnswers(order);
  expect(components).toEqual({});
  expect(of(order, 'output')).toEqual({ type: 'object', properties: { total: money }, required: ['total'] });
});

test('a schema that two answers share stands once, under the first place by the alphabet', () => {
  const [one, other] = [z.object({ total: Money }), z.object({ lines: z.array(z.object({ price: Money })) })];
  const { components, of } = describeAnswers(one, other);
  expect(components).toEqual({ Answer1Total: money });
  expect(of(one, 'output')).toMatchObject({
    properties: { total: { $ref: '#/components/schemas/Answer1Total' } },
  });
  expect(describeSchemas([use('B', one), use('A', other)]).components).toEqual({ ALinesPrice: money });
});

test('an answer that two endpoints give is a reference in both', () => {
  const { components, of } = describeSchemas([use('GetOrder', Money), use('PostOrder', Money)]);
  expect(components).toEqual({ GetOrder: money });
  expect(of(Money, 'output')).toEqual({ $ref: '#/components/schemas/GetOrder' });
});

test('an answer that is also a part of another is a reference there', () => {
  const list = z.array(z.string());
  const { components, of } = describeAnswers(list, z.object({ names: list }));
  expect(components).toEqual({ Answer1: { type: 'array', items: { type: 'string' } } });
  expect(of(list, 'output')).toEqual({ $ref: '#/components/schemas/Answer1' });
});

test('a list that two endpoints give is written in both', () => {
  const list = z.array(z.string());
  expect(describeAnswers(list, list).components).toEqual({});
});

test('a schema shared through one and the same wrapper is shared as well', () => {
  const maybe = Money.nullable();
  const { components } = describeAnswers(z.object({ a: maybe }), z.object({ b: maybe }));
  expect(Object.keys(components)).toEqual(['Answer1A']);
});

test('an id of its own is the name, also when it is used once and whatever it is', () => {
  const Sku = z.string().max(40).meta({ id: 'Sku', description: 'An article.' });
  const { components, of } = describeAnswers(z.object({ sku: Sku }));
  expect(components).toEqual({ Sku: { type: 'string', maxLength: 40, description: 'An article.' } });
  expect(of(Sku, 'output')).toEqual({ $ref: '#/components/schemas/Sku' });
});

test('a shared schema with a description of its own is a reference with one', () => {
  const order = z.object({ total: Money.describe('With tax.'), refund: Money.describe('So far.') });
  const { components, of } = describeAnswers(order);
  expect(components).toEqual({ Answer1Total: money });
  expect(of(order, 'output')).toMatchObject({
    properties: {
      total: { $ref: '#/components/schemas/Answer1Total', description: 'With tax.' },
      refund: { $ref: '#/components/schemas/Answer1Total', description: 'So far.' },
    },
  });
});

test('a check does not make a schema of one place a shared one', () => {
  const range = z.object({ from: Money, to: z.object({ at: z.string() }) }).refine(() => true);
  const { components } = describeAnswers(range);
  expect(components).toEqual({});
});

test('what is taken and given has a name for each side', () => {
  const Both = z.object({ at: z.string().default('now') }).meta({ id: 'Both' });
  const { components } = describeSchemas([use('Answer', Both), use('Body', Both, 'input')]);
  expect(components).toMatchObject({ Both: { required: ['at'] }, BothInput: { type: 'object' } });
  expect(components.BothInput).not.toHaveProperty('required');
});

test('two schemas with one id, and an id that is no name, are refused', () => {
  const [one, other] = [z.string().meta({ id: 'Twice' }), z.number().meta({ id: 'Twice' })];
  expect(() => describeAnswers(one, other)).toThrow(
    new RangeError("openapi: the id 'Twice' is that of another schema"),
  );
  expect(() => describeAnswers(z.string().meta({ id: 'a b' }))).toThrow(
    new RangeError("openapi: the id of a schema must be letters, digits, '.', _ or -, got 'a b'"),
  );
});

test('the name of problems is taken', () => {
  const mine = z.object({ a: z.string() }).meta({ id: 'Problem' });
  expect(() => describeAnswers(mine)).toThrow(RangeError);
});

test('schemas with one place each never share a name', () => {
  const [A, B] = [z.object({ a: z.string() }), z.object({ b: z.string() })];
  const { components } = describeSchemas([
    use('X', z.object({ 'a-b': A, aB: B })),
    use('Y', z.object({ 'a-b': A, aB: B })),
  ]);
  expect(Object.keys(components)).toEqual(['XAB', 'XAB2']);
});

test('a schema inside itself is a reference to itself', () => {
  const Category = z.object({
    name: z.string(),
    get children() {
      return z.array(Category);
    },
  });
  const list: z.ZodType = z.array(z.lazy(() => list));
  const { components } = describeSchemas([use('Categories', Category), use('Deep', list)]);
  expect(components).toEqual({
    Categories: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/components/schemas/Categories' } },
      },
      required: ['name', 'children'],
    },
    Deep: { type: 'array', items: { $ref: '#/components/schemas/Deep' } },
  });
});

test('a list inside itself needs a name too, wherever it is', () => {
  const nested: z.ZodType = z.array(z.lazy(() => nested));
  expect(describeAnswers(z.object({ deep: nested })).components).toEqual({
    Answer1Deep: { type: 'array', items: { $ref: '#/components/schemas/Answer1Deep' } },
  });
});

test('of a conversion each side is described on its own', () => {
  const inner = z.object({ raw: z.string() });
  const outer = z.object({ done: z.boolean() });
  const pipe = z.pipe(
    inner.transform(() => ({ done: true })),
    outer,
  );
  const { of } = describeSchemas([use('Body', pipe, 'input'), use('Answer', pipe)]);
  expect(of(pipe, 'input')).toMatchObject({ properties: { raw: { type: 'string' } } });
  expect(of(pipe, 'output')).toMatchObject({ properties: { done: { type: 'boolean' } } });
});

test('what JSON Schema cannot say takes any value and says why; a date is a text', () => {
  const schema = z.object({ at: z.date(), n: z.string().transform(Number), on: z.iso.datetime() });
  expect(describeAnswers(schema).of(schema, 'output')).toMatchObject({
    properties: {
      at: { type: 'string', format: 'date-time' },
      n: { description: "Any value: JSON Schema cannot say what zod's 'transform' takes or gives." },
      on: { type: 'string', format: 'date-time' },
    },
  });
});

test('an answer stays closed where its schema says so', () => {
  const strict = z.strictObject({ a: z.string() });
  expect(describeAnswers(strict).of(strict, 'output')).toMatchObject({ additionalProperties: false });
});
