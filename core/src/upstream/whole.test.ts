import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isWhole, wholeText } from '../context/whole.ts';
import { compileDecode } from './decode.ts';
import { get } from './operation.ts';
import { holdsWhole, whole, wholeOf } from './whole.ts';

const Product = z.object({ id: z.string(), size: z.number() });
const product = get('/products/:id', { response: Product });

describe('the schema whole(Product)', () => {
  const unread = wholeOf(Product, { id: 'a', size: 1 });

  test('takes what nobody has read, and nothing else', () => {
    const schema = whole(Product);
    expect(schema.parse(unread)).toBe(unread);
    expect(z.compile(schema).safeParse(unread).data).toBe(unread);
    for (const other of [{ id: 'a', size: 1 }, '{"id":"a","size":1}', null, undefined]) {
      expect(schema.safeParse(other).success).toBe(false);
    }
  });

  test.each(['input', 'output'] as const)('is Product to who describes the %s', (io) => {
    const around = (schema: z.ZodType): z.ZodType =>
      z.object({
        item: schema.describe('One.'),
        others: z.array(schema),
        maybe: schema.nullable().optional(),
      });
    expect(z.toJSONSchema(around(whole(Product)), { io })).toEqual(z.toJSONSchema(around(Product), { io }));
    expect(z.toJSONSchema(whole(Product), { io })).toEqual(z.toJSONSchema(Product, { io }));
  });

  test('of a product that contains itself is described, too', () => {
    const Category = z.object({
      name: z.string(),
      get children() {
        return z.array(Category);
      },
    });
    expect(z.toJSONSchema(z.object({ root: whole(Category) }))).toEqual(
      z.toJSONSchema(z.object({ root: Category })),
    );
  });

  test('is found wherever it is in a schema', () => {
    const part = whole(Product);
    const schemas: z.ZodType[] = [
      part,
      part.nullable(),
      part.describe('A product.'),
      z.object({ a: z.object({ b: part.optional() }) }),
      z.array(part),
      z.record(z.string(), part),
      z.tuple([z.string(), part]),
      z.union([z.string(), part]),
      z.lazy(() => part),
      z.object({ a: part }).refine(() => true),
      z.object({}).catchall(part),
    ];
    for (const schema of schemas) expect(holdsWhole(schema)).toBe(true);
    expect(holdsWhole(z.object({ a: Product, b: z.array(z.unknown()), c: z.lazy(() => Product) }))).toBe(
      false,
    );
  });
});

describe('an operation that passes its answer whole', () => {
  test('gives the text as the service wrote it', () => {
    const text = ' {"size" : 1.50e0, "id":"\\u0061", "id":"b", "more":[1 ,2]}\n';
    const value = compileDecode(product.whole().contract)(Buffer.from(text));
    expect(isWhole(value) && wholeText(value)).toBe(text);
  });

  test('needs a response, and all of it', () => {
    expect(() => get('/x').whole()).toThrow('.GET /x: whole() needs an operation with a response');
    expect(() => product.pick({ id: true }).whole()).toThrow(/passes all fields; pick\(\) comes without it/);
    expect(() => product.whole().whole()).toThrow(RangeError);
    expect(() => (product.whole() as unknown as typeof product).pick({ id: true })).toThrow(
      /what is passed whole is not picked from/,
    );
  });

  test.each<[string, z.ZodType]>([
    ['a default', z.object({ items: z.array(z.string()).default([]) })],
    ['a pipe', z.string().transform((text) => text.length)],
    ['a number that is changed', z.object({ n: z.coerce.number() })],
    ['a string that is changed', z.array(z.string().trim())],
    ['a catch', z.object({ n: z.number().catch(0) })],
    ['a date', z.object({ at: z.date() })],
    ['a prefault', z.string().prefault('')],
    ['a pipe', z.object({ n: z.preprocess(Number, z.number()) })],
  ])('refuses a response with %s, which only a reader could apply', (what, response) => {
    expect(() => compileDecode(get('/x', { response }).whole().contract)).toThrow(
      `passes an answer whole, which nobody reads, and its schema has ${what}; read it without whole()`,
    );
  });

  test('takes every schema that gives what it takes', () => {
    const response = z.strictObject({
      id: z.uuid().readonly(),
      kind: z.enum(['a', 'b']).or(z.literal(7)).nullish(),
      tags: z.record(z.string(), z.json()),
      pair: z.tuple([z.int(), z.templateLiteral(['x', z.number()])]),
      rest: z.intersection(z.object({ a: z.any() }), z.looseObject({ b: z.unknown() })),
    });
    expect(() => compileDecode(get('/x', { response }).whole().contract)).not.toThrow();
  });

  test('has no whole(…) in its own response', () => {
    expect(() => compileDecode(get('/x', { response: z.object({ a: whole(Product) }) }).contract)).toThrow(
      'whole(…) is for the answers of endpoints; for an operation call .whole()',
    );
  });
});

test('wholeOf checks what it is given', () => {
  expect(wholeText(wholeOf(Product, { id: 'a', size: 1 }))).toBe('{"id":"a","size":1}');
  expect(() => wholeOf(Product, { id: 'a' } as never)).toThrow(z.core.$ZodError);
});
