import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { asZod, byteMaskOf, type Mask, narrow, readPaths } from './mask.ts';

const Order = z.object({
  id: z.string(),
  note: z.string().nullable(),
  buyer: z.object({ name: z.string(), email: z.email() }).nullable(),
  lines: z.array(z.object({ sku: z.string(), count: z.number().int().min(1) })),
  tags: z.array(z.string()).optional(),
  shipping: z.object({ city: z.string(), street: z.string() }).optional(),
  labels: z.record(z.string(), z.string()),
});

const sent = {
  id: 'o1',
  note: null,
  buyer: { name: 'Ada', email: 'ada@example.com', secret: 'x' },
  lines: [{ sku: 'a', count: 1, price: 3 }],
  tags: ['new'],
  shipping: { city: 'Berlin', street: 'Allee 1', door: 7 },
  labels: { vip: 'yes' },
  internal: true,
};

const read = (mask: Mask, value: unknown = sent, schema: $ZodType = Order): unknown =>
  asZod(narrow(schema, mask)).parse(value);

describe('a mask reads', () => {
  test('the whole declared answer when it is true, and nothing that was not declared', () => {
    const { internal: _internal, ...declared } = sent;
    expect(read(true)).toEqual({
      ...declared,
      buyer: { name: 'Ada', email: 'ada@example.com' },
      lines: [{ sku: 'a', count: 1 }],
      shipping: { city: 'Berlin', street: 'Allee 1' },
    });
  });

  test('the named fields, through null, undefined and arrays', () => {
    const mask = { buyer: { name: true }, lines: { sku: true }, shipping: { city: true } } as const;
    expect(read(mask)).toEqual({
      buyer: { name: 'Ada' },
      lines: [{ sku: 'a' }],
      shipping: { city: 'Berlin' },
    });
    const { shipping: _shipping, ...rest } = sent;
    expect(read(mask, { ...rest, buyer: null, lines: [] })).toEqual({ buyer: null, lines: [] });
  });

  test('a default where the field is missing', () => {
    const schema = z.object({ page: z.object({ size: z.number() }).default({ size: 20 }), id: z.string() });
    expect(read({ page: { size: true } }, {}, schema)).toEqual({ page: { size: 20 } });
  });

  test('a part that is not an object as it is', () => {
    expect(read({ labels: true, tags: true })).toEqual({ labels: { vip: 'yes' }, tags: ['new'] });
  });

  test('through readonly and lazy parts', () => {
    const schema = z.object({ a: z.lazy(() => z.object({ b: z.string(), c: z.string() })).readonly() });
    expect(read({ a: { b: true } }, { a: { b: 'x', c: 1 } }, schema)).toEqual({ a: { b: 'x' } });
  });
});

describe('a picked field keeps its checks', () => {
  test.each<[Mask, object]>([
    [{ id: true }, { id: 1 }],
    [{ id: true }, { id: undefined }],
    [{ buyer: { email: true } }, { buyer: { email: 'nobody' } }],
    [{ lines: { count: true } }, { lines: [{ count: 0 }] }],
    [{ lines: { count: true } }, { lines: [{ count: 1 }, null] }],
    [{ lines: true }, { lines: {} }],
  ])('%j refuses %j', (mask, fields) => {
    expect(() => read(mask, { ...sent, ...fields })).toThrow(z.ZodError);
  });

  test('and the checks of the list that holds it', () => {
    const schema = z.array(z.object({ id: z.string(), name: z.string() })).max(1);
    expect(() => read({ id: true }, [{ id: 'a' }, { id: 'b' }], schema)).toThrow(z.ZodError);
  });

  test('while a check over the whole object is left out, because its fields may not be there', () => {
    const schema = z.object({ from: z.number(), to: z.number() }).refine(({ from, to }) => from < to);
    expect(read({ from: true }, { from: 5, to: 1 }, schema)).toEqual({ from: 5 });
  });

  test('and a strict or loose object is neither: what is unknown is dropped', () => {
    expect(read(true, { a: 1, b: 2 }, z.strictObject({ a: z.number() }))).toEqual({ a: 1 });
    expect(read(true, { a: 1, b: 2 }, z.looseObject({ a: z.number() }))).toEqual({ a: 1 });
  });
});

describe('at boot', () => {
  test('an unknown field is refused with those there are', () => {
    expect(() => narrow(Order, { ids: true })).toThrow(
      new RangeError(
        "pick: the answer has no field 'ids'; it has id, note, buyer, lines, tags, shipping, labels",
      ),
    );
    expect(() => narrow(Order, { lines: { price: true } })).toThrow(
      new RangeError("pick: the answer.lines has no field 'price'; it has sku, count"),
    );
    expect(() => narrow(Order, { toString: true } as object as Mask)).toThrow(/has no field 'toString'/);
  });

  test('looking into something that is not an object is refused', () => {
    expect(() => narrow(Order, { labels: { vip: true } })).toThrow(
      new RangeError('pick: the answer.labels is a record, not an object; take it whole with true'),
    );
    expect(() => narrow(Order, { id: { length: true } })).toThrow(/the answer\.id is a string/);
  });

  test('a schema that contains itself is read whole, or as deep as the mask says', () => {
    const Category = z.object({
      name: z.string(),
      get children() {
        return z.array(Category);
      },
    });
    const lazy: z.ZodType = z.lazy(() => z.object({ name: z.string(), children: z.array(lazy) }));
    const tree = {
      name: 'a',
      x: 1,
      children: [{ name: 'b', x: 2, children: [{ name: 'c', x: 3, children: [] }] }],
    };
    for (const schema of [Category, lazy]) {
      expect(read(true, tree, schema)).toEqual({
        name: 'a',
        children: [{ name: 'b', children: [{ name: 'c', children: [] }] }],
      });
      expect(read({ children: { name: true } }, tree, schema)).toEqual({ children: [{ name: 'b' }] });
    }
  });
});

test('what is read is listed by path, through arrays, with whole parts spelt out', () => {
  const Order = z.object({
    id: z.string(),
    lines: z.array(z.object({ sku: z.string(), price: z.object({ amount: z.number() }).nullable() })),
    note: z.string().optional(),
  });
  expect(readPaths(Order, { id: true, lines: { sku: true } })).toEqual(['id', 'lines.sku']);
  expect(readPaths(Order, { lines: true })).toEqual(['lines.sku', 'lines.price.amount']);
  expect(readPaths(z.array(Order), true)).toEqual(['id', 'lines.sku', 'lines.price.amount', 'note']);
  expect(readPaths(z.string(), true)).toEqual(['*']);
});

test('an object inside itself is listed once', () => {
  const Category = z.object({
    name: z.string(),
    get children() {
      return z.array(Category);
    },
  });
  expect(readPaths(Category, true)).toEqual(['name', 'children']);
});

describe('the members that a projector keeps', () => {
  const masked = (schema: $ZodType, mask: Mask = true): unknown => byteMaskOf(narrow(schema, mask));

  test('are those of the mask, through lists, null, defaults and readonly', () => {
    expect(masked(Order, { id: true, buyer: { name: true }, lines: { sku: true } })).toEqual({
      id: true,
      buyer: { name: true },
      lines: { sku: true },
    });
    const schema = z.array(
      z.object({ page: z.object({ size: z.number() }).readonly().default({ size: 1 }) }),
    );
    expect(masked(schema)).toEqual({ page: { size: true } });
  });

  test('are all that is declared when the whole is read', () => {
    expect(masked(Order)).toEqual({
      id: true,
      note: true,
      buyer: { name: true, email: true },
      lines: { sku: true, count: true },
      tags: true,
      shipping: { city: true, street: true },
      labels: true,
    });
  });

  test('are all of a part whose form only its values tell', () => {
    const schema = z.object({
      either: z.union([z.object({ a: z.string() }), z.string()]),
      any: z.unknown(),
      text: z.string().transform((value) => value.length),
      pair: z.tuple([z.object({ a: z.string() })]),
    });
    expect(masked(schema)).toEqual({ either: true, any: true, text: true, pair: true });
    expect(masked(z.string())).toBe(true);
  });

  test('end where an object is inside itself', () => {
    const Category = z.object({
      name: z.string(),
      get children() {
        return z.array(Category);
      },
    });
    expect(masked(Category)).toEqual({ name: true, children: true });
    expect(masked(Category, { children: { name: true } })).toEqual({ children: { name: true } });
  });
});
