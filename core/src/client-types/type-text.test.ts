import { expect, test } from 'vitest';
import { comment, type TypeWriter, typeText } from './type-text.ts';

const nameOf = (pointer: string): string => pointer.replace('#/components/schemas/', '');
const output: TypeWriter = { nameOf, isInput: false };
const input: TypeWriter = { nameOf, isInput: true };
const text = { type: 'string' } as const;

test.each([
  [{}, 'unknown', 'unknown'],
  [true, 'unknown', 'unknown'],
  [{ not: {} }, 'unknown', 'unknown'],
  [text, 'string', 'string'],
  [{ type: 'integer', minimum: 1 }, 'number', 'number'],
  [{ type: ['string', 'null'] }, 'string | null', 'string | null'],
  [{ $ref: '#/components/schemas/Money' }, 'Money', 'Money'],
  [{ const: "it's" }, "'it\\'s'", "'it\\'s'"],
  [{ enum: ['a', 'b'] }, "'a' | 'b' | (string & {})", "'a' | 'b'"],
  [{ enum: [1, null] }, '1 | null', '1 | null'],
  [{ type: 'array', items: text }, 'string[]', 'readonly string[]'],
  [{ type: 'array' }, 'unknown[]', 'readonly unknown[]'],
  [
    { type: 'array', items: { anyOf: [text, { type: 'null' }] } },
    'Array<string | null>',
    'ReadonlyArray<string | null>',
  ],
  [
    { type: 'array', prefixItems: [text, { type: 'number' }] },
    '[string, number]',
    'readonly [string, number]',
  ],
  [{ anyOf: [text, text] }, 'string', 'string'],
  [{ allOf: [{ $ref: 'A' }, { anyOf: [{ $ref: 'B' }, { $ref: 'C' }] }] }, 'A & (B | C)', 'A & (B | C)'],
  [{ type: 'object' }, 'Record<string, unknown>', 'Record<string, never>'],
  [
    { type: 'object', additionalProperties: text },
    '{ [name: string]: string }',
    '{ [name: string]: string }',
  ],
] as const)('%j', (schema, asOutput, asInput) => {
  expect([typeText(schema as never, output), typeText(schema as never, input)]).toEqual([asOutput, asInput]);
});

test('members have comments, quotes where they need them, and what may be missing may be undefined in input', () => {
  const schema = {
    type: 'object',
    properties: { id: { ...text, description: 'Who */ it is.' }, 'x-y': text },
    required: ['id'],
  } as const;
  expect(typeText(schema as never, input, '  ')).toBe(
    "{\n    /** Who *\\/ it is. */\n    id: string;\n    'x-y'?: string | undefined;\n  }",
  );
  expect(typeText(schema as never, output)).toContain("'x-y'?: string;");
});

test('members beside those that are named are told where they have a type', () => {
  const named = { type: 'object', properties: { id: text }, required: ['id'] } as const;
  const textOf = (additionalProperties: object): string =>
    typeText({ ...named, additionalProperties } as never, output);
  expect(textOf({ type: 'number' })).toBe('{\n  id: string;\n} & { [name: string]: number }');
  expect(textOf({})).toBe('{\n  id: string;\n}');
});

test('a comment of more lines is a block', () => {
  expect(comment('One.\nTwo.', '  ')).toBe('  /**\n   * One.\n   * Two.\n   */\n');
  expect(comment(undefined, '')).toBe('');
});
