import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { openEnum } from './open-enum.ts';

const Status = openEnum(['placed', 'paid'], 'How far it is.');

test('a value that nobody knew passes', () => {
  expect(Status.parse('paid')).toBe('paid');
  expect(Status.parse('lost')).toBe('lost');
  expect(Status.safeParse(7).success).toBe(false);
});

test('its JSON Schema takes any text and names those that are known', () => {
  expect(z.toJSONSchema(Status)).toMatchObject({
    type: 'string',
    'x-extensible-enum': ['placed', 'paid'],
    description: 'How far it is. More values may be added: treat one you do not know as any other.',
  });
});

test('its type offers what is known and takes any text', () => {
  expectTypeOf<'paid'>().toExtend<z.output<typeof Status>>();
  expectTypeOf<string>().toExtend<z.output<typeof Status>>();
});
