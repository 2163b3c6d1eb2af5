import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../openapi/index.ts';
import { exampleOf, exampleOfMedia } from './example.ts';
import { type Field, fieldOf, fieldsOf } from './fields.ts';

const schemas: Record<string, JsonSchema> = {
  Money: {
    type: 'object',
    description: 'An amount.',
    properties: { amount: { type: 'integer' }, currency: { type: 'string', pattern: '^[A-Z]{3}$' } },
    required: ['amount', 'currency'],
  },
  Tree: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
    },
  },
};
const money = { $ref: '#/components/schemas/Money' };
const field = (schema: unknown): Field => fieldOf({ name: 'x', schema, required: true }, schemas);

describe('a field', () => {
  test.each([
    [{ type: 'string' }, 'string'],
    [{ type: 'string', format: 'date-time' }, 'date and time'],
    [{ type: 'string', format: 'date' }, 'date'],
    [{ type: 'string', format: 'uri' }, 'string (uri)'],
    [{ type: ['string', 'null'] }, 'string or null'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'integer or null'],
    [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, 'integer or string'],
    [{ type: 'array', items: { type: 'string' } }, 'array of strings'],
    [{ type: 'array', items: money }, 'array of objects'],
    [money, 'object'],
    [{ anyOf: [money, { type: 'null' }] }, 'object or null'],
    [{ const: 'a' }, 'string'],
    [{}, 'any'],
  ])('%j is %s', (schema, type) => {
    expect(field(schema).type).toBe(type);
  });

  test.each([
    [{ type: 'integer', minimum: 1, maximum: 9 }, ['1 to 9']],
    [{ type: 'integer', minimum: 0 }, ['at least 0']],
    [{ type: 'string', minLength: 1, maxLength: 80 }, ['1 to 80 characters']],
    [{ type: 'string', pattern: '^a$' }, ['matches ^a$']],
    [{ type: 'string', pattern: '^a$', format: 'date' }, []],
    [
      { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 3 } },
      ['at most 5 items', 'each at most 3 characters'],
    ],
    [{ type: 'integer', default: 50 }, ['default 50']],
    [{ type: 'number', exclusiveMinimum: 0, multipleOf: 2 }, ['more than 0', 'a multiple of 2']],
  ])('%j says its bounds', (schema, notes) => {
    expect(field(schema).notes).toEqual(notes);
  });

  test('has the fields of what it refers to, with its own description before that', () => {
    const { fields, description } = field({ ...money, description: 'The total.' });
    expect(fields.map(({ name, required }) => [name, required])).toEqual([
      ['amount', true],
      ['currency', true],
    ]);
    expect(description).toBe('The total.');
    expect(field(money).description).toBe('An amount.');
    expect(field({ anyOf: [money, { type: 'null' }] }).fields).toHaveLength(2);
  });

  test('has the members of all its parts', () => {
    const all = { allOf: [money, { type: 'object', properties: { note: { type: 'string' } } }] };
    expect(fieldsOf(all, schemas).map(({ name }) => name)).toEqual(['amount', 'currency', 'note']);
    expect(schemas.Money?.required).toEqual(['amount', 'currency']);
  });

  test('lists its values, and says whether more may come', () => {
    expect(field({ type: 'string', enum: ['a', 'b'] })).toMatchObject({ values: ['a', 'b'], isOpen: false });
    expect(field({ type: 'string', 'x-extensible-enum': ['a'] })).toMatchObject({
      values: ['a'],
      isOpen: true,
    });
    expect(field({ anyOf: [{ enum: ['a'], type: 'string' }, { type: 'string' }] })).toMatchObject({
      values: ['a'],
      isOpen: true,
    });
    expect(field({ anyOf: [{ enum: ['a'], type: 'string' }, { type: 'null' }] })).toMatchObject({
      values: ['a'],
      isOpen: false,
    });
    expect(field({ type: 'array', items: { enum: ['a'] } }).values).toEqual(['a']);
  });

  test('that can be several objects has each of them', () => {
    const { variants, fields } = field({
      oneOf: [
        { title: 'Card', ...money },
        { type: 'object', properties: { iban: { type: 'string' } } },
      ],
    });
    expect([fields, variants.map(({ name }) => name)]).toEqual([[], ['Card', 'Variant 2']]);
  });

  test('that is within itself ends', () => {
    let depth = 0;
    for (
      let [each] = fieldsOf(schemas.Tree, schemas).slice(1);
      each !== undefined;
      [each] = each.fields.slice(1)
    )
      depth += 1;
    expect(depth).toBeGreaterThan(3);
    expect(depth).toBeLessThan(12);
    expect(JSON.stringify(exampleOf(schemas.Tree, schemas)).length).toBeLessThan(2_000);
  });

  test('with any name has what is under it', () => {
    expect(fieldsOf({ type: 'object', additionalProperties: { type: 'integer' } }, schemas)[0]).toMatchObject(
      { name: 'any name', type: 'integer' },
    );
  });
});

describe('an example', () => {
  test('is the one that is given, wherever it is given', () => {
    expect(exampleOfMedia({ examples: { good: { value: { id: 1 } } }, schema: money }, schemas)).toEqual({
      id: 1,
    });
    expect(exampleOfMedia({ example: 'x' }, schemas)).toBe('x');
    expect(exampleOf({ type: 'string', examples: ['y'] }, schemas)).toBe('y');
    expect(exampleOfMedia(undefined, schemas)).toBeUndefined();
  });

  test('is else made of the schema', () => {
    expect(
      exampleOf(
        {
          type: 'object',
          properties: {
            at: { type: 'string', format: 'date-time' },
            price: { anyOf: [{ type: 'null' }, money] },
            tags: { type: 'array', items: { type: 'string' } },
            ok: { type: 'boolean' },
            kind: { enum: ['a', 'b'] },
          },
        },
        schemas,
      ),
    ).toEqual({
      at: '2026-11-22T09:30:00Z',
      price: { amount: 1, currency: 'EUR' },
      tags: ['tag'],
      ok: true,
      kind: 'a',
    });
  });
});
