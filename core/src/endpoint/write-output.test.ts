import { expect, test } from 'vitest';
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { endpoint } from './endpoint.ts';

/** The answer of an endpoint with this schema whose function returned `value`. */
async function answerOf(schema: $ZodType, value: unknown): Promise<Response> {
  const declared = endpoint('GET', '/x', { summary: 'X.', access: anyone(), deadlineMs: 1_000 }).handle(
    schema,
    async () => value as never,
  );
  return testBff([declared], {}).app.request('/x');
}

const secret = { passwordHash: 'p4ss' };

test.each<[string, $ZodType, unknown, unknown]>([
  ['an object', z.object({ id: z.string() }), { id: '1', ...secret }, { id: '1' }],
  [
    'the items of an array',
    z.object({ items: z.array(z.object({ id: z.string() })) }),
    {
      items: [
        { id: '1', ...secret },
        { ...secret, id: '2' },
      ],
      ...secret,
    },
    { items: [{ id: '1' }, { id: '2' }] },
  ],
  [
    'arrays in arrays',
    z.object({ rows: z.array(z.array(z.object({ id: z.string() }))) }),
    { rows: [[{ id: '1', ...secret }], []] },
    { rows: [[{ id: '1' }], []] },
  ],
  [
    'nullable, optional and defaulted parts',
    z.object({
      a: z.object({ id: z.string() }).nullable(),
      b: z.object({ id: z.string() }).optional(),
      c: z.array(z.object({ id: z.string() })).default([]),
    }),
    { a: { id: '1', ...secret }, b: { id: '2', ...secret } },
    { a: { id: '1' }, b: { id: '2' }, c: [] },
  ],
  [
    'the alternatives of a union',
    z.object({
      part: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('text'), text: z.string() }),
        z.object({ kind: z.literal('image'), url: z.string() }),
      ]),
    }),
    { part: { kind: 'image', url: '/1', text: 'no', ...secret } },
    { part: { kind: 'image', url: '/1' } },
  ],
  ['an object declared loose', z.looseObject({ id: z.string() }), { id: '1', ...secret }, { id: '1' }],
  [
    'the values of a record',
    z.record(z.string(), z.object({ id: z.string() })),
    { a: { id: '1', ...secret } },
    { a: { id: '1' } },
  ],
])('what the schema does not name never leaves: %s', async (_what, schema, value, expected) => {
  const answer = await answerOf(schema, value);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(expected);
});

test.each<[string, $ZodType, unknown]>([
  ['misses a field', z.object({ id: z.string() }), {}],
  ['has a field of another type', z.object({ id: z.string() }), { id: 4711 }],
  ['is nothing at all', z.object({ id: z.string() }), undefined],
  ['breaks a check', z.object({ items: z.array(z.string()).max(1) }), { items: ['a', 'b'] }],
  ['cannot be written as JSON', z.object({ id: z.any() }), { id: 1n }],
])('an answer that %s is our own fault: 500, and nothing of it leaves', async (_what, schema, value) => {
  const answer = await answerOf(schema, value);
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ code: 'internal', status: 500 });
  expect(text).not.toMatch(/4711|items|expected|BigInt/i);
});

test('the schema may transform on the way out', async () => {
  const schema = z.object({ at: z.date().transform((date) => date.toISOString()) });
  expect(await (await answerOf(schema, { at: new Date(0) })).json()).toEqual({
    at: '1970-01-01T00:00:00.000Z',
  });
});
