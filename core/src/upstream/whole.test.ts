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

  test('needs a response, and comes last', () => {
    expect(() => get('/x').whole()).toThrow('.GET /x: whole() needs an operation with a response');
    expect(() => product.whole().whole()).toThrow('.GET /products/:id: whole() is called twice');
    expect(() => (product.whole() as unknown as typeof product).pick({ id: true })).toThrow(
      '.GET /products/:id: pick() comes before whole()',
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

  describe('after a pick', () => {
    const Line = z.object({ sku: z.string(), cost: z.number() });
    const order = get('/orders/:id', {
      response: z.object({ id: z.string(), lines: z.array(Line).nullable(), note: z.string().optional() }),
    });
    const Category = z.object({
      get children() {
        return z.array(Category);
      },
    });
    const decode = compileDecode(order.pick({ id: true, lines: { sku: true } }).whole().contract);
    const textOf = (text: string): string | false => {
      const value = decode(Buffer.from(text));
      return isWhole(value) && wholeText(value);
    };

    test('gives what was picked as the service wrote it, and nothing else', () => {
      const text =
        '{"id":"\\u0061" , "cost":1, "lines":[{"sku":"x","cost":1.50,"more":[]}, {"cost":2} ],"note":"n"}';
      expect(textOf(text)).toBe('{"id":"\\u0061","lines":[{"sku":"x"},{}]}');
    });

    test('takes every declared field of a part that was picked with true, and no other', () => {
      const all = compileDecode(order.pick({ lines: true }).whole().contract);
      const value = all(Buffer.from('{"lines":[{"secret":1,"cost":2,"sku":"x"}],"id":"a"}'));
      expect(isWhole(value) && wholeText(value)).toBe('{"lines":[{"cost":2,"sku":"x"}]}');
    });

    test('passes values of whatever type', () => {
      expect(textOf('{"id":7,"lines":null}')).toBe('{"id":7,"lines":null}');
      expect(textOf('{}')).toBe('{}');
    });

    test.each(['{"id":"a"', '{"id":}', 'null x', '', '{"id":"\xff"}'])(
      'refuses %j, which is no JSON',
      (text) => {
        expect(() => decode(Buffer.from(text, 'latin1'))).toThrow(
          expect.objectContaining({ code: 'upstream-bad-answer' }) as Error,
        );
      },
    );

    test('reads and checks what is too unusual to be walked over', () => {
      expect(textOf('{"\\u0069d":"a","lines":null,"secret":1}')).toBe('{"id":"a","lines":null}');
      expect(() => decode(Buffer.from('{"\\u0069d":7}'))).toThrow(
        expect.objectContaining({ code: 'upstream-bad-answer' }) as Error,
      );
    });

    test.each<[string, z.ZodType]>([
      ['union', z.union([z.object({ a: z.string() }), z.string()])],
      ['record', z.record(z.string(), z.object({ a: z.string() }))],
      ['lazy', Category],
      ['tuple', z.tuple([z.object({ a: z.string() })])],
    ])('refuses a %s with objects in it, whose fields nobody picked', (what, part) => {
      const { contract } = get('/x', { response: z.object({ parts: z.array(part) }) })
        .pick({ parts: true } as never)
        .whole();
      expect(() => compileDecode(contract)).toThrow(
        `.GET /x: whole() after pick() cannot look into a ${what} with objects in it; read it without whole()`,
      );
    });
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
