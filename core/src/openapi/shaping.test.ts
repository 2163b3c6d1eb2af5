import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { pageOf, pageQuery } from '../endpoint/page.ts';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { openApiOf } from './index.ts';

const base = { summary: 'X.', access: anyone(), deadlineMs: 1_000 };
const list = endpoint('GET', '/list', {
  ...base,
  query: z.object(pageQuery()),
  budget: { bytes: 4_096 },
  fields: true,
}).handle(pageOf(z.string()), async () => ({ items: [], next: null }));
const plain = endpoint('GET', '/plain', base).handle(z.object({ a: z.string() }), async () => ({ a: '' }));

test('the document shows cursors as text, the fields that can be selected, and the budget', () => {
  const { paths } = openApiOf(testBff([list, plain], {}, { publicOrigin: 'http://bff.test' }));
  const get = paths['/list']?.get;
  expect(get?.parameters).toMatchObject([
    { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 50, default: 20 } },
    { name: 'cursor', in: 'query', required: false, schema: { type: 'string' } },
    { name: 'fields', in: 'query', required: false, schema: { type: 'string', maxLength: 1_024 } },
  ]);
  expect(get?.['x-budget-bytes']).toBe(4_096);
  expect(get?.responses[400]).toMatchObject({ 'x-codes': expect.arrayContaining(['invalid-cursor']) });
  expect(JSON.stringify(get?.responses[200])).toContain(
    '"next":{"description":"The `cursor` of the next page, `null` after the last.","type":["string","null"]}',
  );
});

test('of an endpoint that has none of it the document says nothing', () => {
  const { paths } = openApiOf(testBff([list, plain], {}, { publicOrigin: 'http://bff.test' }));
  const get = paths['/plain']?.get;
  expect(get).not.toHaveProperty('parameters');
  expect(get).not.toHaveProperty('x-budget-bytes');
  expect(JSON.stringify(get?.responses)).not.toContain('invalid-cursor');
});
