/**
 * A service changes what it answers: whatever a BFF would stumble over is reported with both types, and
 * nothing else.
 */
import { get, upstream } from 'bffkit';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { contractDifferences } from '../support/contract-diff.ts';
import {
  all,
  type Change,
  drop,
  type OperationName,
  openDrift,
  operations,
  rename,
  set,
} from '../support/drift.ts';
import type { OpenApiDocument } from '../support/open-api.ts';

const reported = await openDrift();
const order = 'components schemas Order properties';
const orderRequired = 'components schemas Order required';
const money = 'components schemas Money properties';
const answers = 'paths /orders/{id} get responses';
const known = '"placed" | "paid" | "shipped" | "delivered" | "cancelled"';

test.each(Object.keys(operations) as OperationName[])('%s agrees with the document as it is', (name) => {
  expect(reported(name, () => {})).toEqual([]);
});

test.each<[string, OperationName, Change, string]>([
  [
    'a field was removed',
    'list',
    drop(`${order} total`),
    'orders.list: answer items[].total: ours is object, the document says not documented',
  ],
  [
    'a field inside a field was renamed',
    'find',
    rename(`${money} amount`, 'cents'),
    'orders.find: answer total.amount: ours is integer, the document says not documented',
  ],
  [
    'a field that is read if it is there was removed',
    'find',
    drop(`${order} updatedAt`),
    'orders.find: answer updatedAt: ours is string, the document says not documented',
  ],
  [
    'a field has another type',
    'list',
    set(`${order} id type`, 'integer'),
    'orders.list: answer items[].id: ours is string, the document says integer',
  ],
  [
    'an integer became any number',
    'find',
    set('components schemas OrderLine properties quantity type', 'number'),
    'orders.find: answer lines[].quantity: ours is integer, the document says number',
  ],
  [
    'a field may be null',
    'find',
    set(`${order} id type`, ['string', 'null']),
    'orders.find: answer id: ours is string, the document says string or null',
  ],
  [
    'an object may be null',
    'find',
    set(`${order} total`, { anyOf: [{ $ref: '#/components/schemas/Money' }, { type: 'null' }] }),
    'orders.find: answer total: ours is object, the document says object or null',
  ],
  [
    'a field may be null, in the words of OpenAPI 3.0',
    'find',
    set(`${order} id nullable`, true),
    'orders.find: answer id: ours is string, the document says string or null',
  ],
  [
    'a field may be missing',
    'list',
    set(orderRequired, ['id', 'status', 'reference', 'lines', 'updatedAt']),
    'orders.list: answer items[].total: ours is object, always, the document says object, not always',
  ],
  [
    'a list of values grew',
    'find',
    set(`${order} status enum`, ['placed', 'returned']),
    `orders.find: answer status: ours is string ${known}, the document says string "placed" | "returned"`,
  ],
  [
    'a list of values became any text',
    'find',
    drop(`${order} status enum`),
    `orders.find: answer status: ours is string ${known}, the document says string`,
  ],
  [
    'a field may be anything',
    'find',
    set(`${order} id`, {}),
    'orders.find: answer id: ours is string, the document says anything',
  ],
  [
    'one thing became many',
    'find',
    set(`${order} total`, { type: 'array', items: { $ref: '#/components/schemas/Money' } }),
    'orders.find: answer total: ours is object, the document says array of object',
  ],
  [
    'a list holds something else',
    'prices',
    set('components schemas Price properties productId type', 'integer'),
    'pricing.prices: answer[].productId: ours is string, the document says integer',
  ],
  [
    'the answer has no body',
    'find',
    drop(`${answers} 200 content`),
    'orders.find: answer: ours is object, the document says 200 without JSON',
  ],
  [
    'the answer is not JSON',
    'find',
    rename(`${answers} 200 content application/json`, 'text/csv'),
    'orders.find: answer: ours is object, the document says 200 without JSON',
  ],
  [
    'another good answer looks different',
    'find',
    set(`${answers} 203`, { content: { 'application/json': { schema: { type: 'string' } } } }),
    'orders.find: answer: ours is object, the document says string',
  ],
  [
    'no good answer is documented',
    'find',
    drop(`${answers} 200`),
    'orders.find: answer: ours is object, the document says not documented',
  ],
  [
    'a status that is passed on is never answered',
    'find',
    rename(`${answers} 404`, '410'),
    'orders.find: status 404: ours is passed on, the document says not documented',
  ],
])('reported: %s', (_what, name, change, line) => {
  expect(reported(name, change)).toEqual([`web ${line}`]);
});

test.each<[string, OperationName, Change]>([
  ['a field that nobody reads was removed', 'list', drop(`${order} fraudScore`)],
  ['a field that nobody reads has another type', 'list', set(`${order} fraudScore type`, 'string')],
  ['a field that nobody reads may be null', 'list', set(`${order} fraudScore type`, ['number', 'null'])],
  ['a field was added', 'find', set(`${order} gift`, { type: 'boolean' })],
  [
    'a field that is read if it is there is not always there',
    'find',
    set(orderRequired, ['id', 'status', 'reference', 'lines', 'total']),
  ],
  ['a field that may be null never is', 'find', set(`${order} reference type`, 'string')],
  ['a list of values shrank', 'find', set(`${order} status enum`, ['paid'])],
  ['any text became one', 'find', set(`${money} currency`, { const: 'EUR' })],
  [
    'any number became an integer',
    'prices',
    set('components schemas Price properties discountPercent type', 'integer'),
  ],
  [
    'an object is written as part of another',
    'find',
    set(`${order} total`, { allOf: [{ $ref: '#/components/schemas/Money' }, { properties: { net: {} } }] }),
  ],
  ['another failure is documented', 'find', set(`${answers} 410`, { description: 'Gone' })],
  ['all failures are documented at once', 'find', rename(`${answers} 404`, 'default')],
  [
    'the answer is a kind of JSON',
    'find',
    rename(`${answers} 200 content application/json`, 'application/hal+json'),
  ],
])('no matter: %s', (_what, name, change) => {
  expect(reported(name, change)).toEqual([]);
});

test('everything that is wrong is reported at once', () => {
  const change = all(drop(`${order} total`), set(`${order} id type`, 'integer'), drop(`${answers} 404`));
  expect(reported('find', change)).toHaveLength(3);
});

/** A document of one answer. */
function tree(name: string): OpenApiDocument {
  const reference = { $ref: '#/components/schemas/Category' };
  const Category = {
    type: 'object',
    required: [name, 'children'],
    properties: { [name]: { type: 'string' }, children: { type: 'array', items: reference } },
  };
  const answer = { content: { 'application/json': { schema: reference } } };
  const document = {
    paths: { '/tree': { get: { responses: { 200: answer } } } },
    components: { schemas: { Category } },
  };
  return document;
}

test('schemas that contain themselves are compared once', () => {
  interface Category {
    readonly name: string;
    readonly children: readonly Category[];
  }
  const Category: z.ZodType<Category> = z.lazy(() =>
    z.object({ name: z.string(), children: z.array(Category) }),
  );
  const { read } = upstream('catalog', { operations: { read: get('/tree', { response: Category }) } });
  expect(contractDifferences(read.contract, tree('name'))).toEqual([]);
  expect(contractDifferences(read.contract, tree('label')).map(({ field }) => field)).toEqual([
    'answer name',
  ]);
});

test('a reference that leads nowhere is an error, not an agreement', () => {
  expect(() => reported('find', drop('components schemas Money'))).toThrow(
    'the reference #/components/schemas/Money leads nowhere',
  );
});
