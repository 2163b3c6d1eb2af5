/**
 * A service changes what it can be asked: whatever would be refused or not be heard is reported with both
 * types, and nothing else.
 */
import { expect, test } from 'vitest';
import { all, type Change, drop, type OperationName, openDrift, rename, set } from '../support/drift.ts';

const reported = await openDrift();
const limit = 'paths /orders get parameters 0';
const cursor = 'paths /orders get parameters 1';
const customer = 'paths /orders get parameters 2';
const ids = 'paths /prices/batch get parameters 0';
const tier = 'paths /prices/batch get parameters 1';
const key = 'paths /orders post parameters 0';
const newOrder = 'paths /orders post requestBody content application/json schema';
const anyObject = { content: { 'application/json': { schema: { type: 'object' } } } };

test.each<[string, OperationName, Change, string[]]>([
  [
    'a path moved',
    'find',
    rename('paths /orders/{id}', '/purchases/{id}'),
    ['orders.find: GET /orders/:order: ours is called, the document says not documented'],
  ],
  [
    'a parameter of a path is a word now',
    'find',
    rename('paths /orders/{id}', '/orders/latest'),
    ['orders.find: GET /orders/:order: ours is called, the document says not documented'],
  ],
  [
    'a method is gone',
    'place',
    rename('paths /orders post', 'put'),
    ['orders.place: POST /orders: ours is called, the document says not documented'],
  ],
  [
    'a parameter was renamed',
    'list',
    set(`${limit} name`, 'pageSize'),
    ['orders.list: query limit: ours is number, the document says not documented'],
  ],
  [
    'a required parameter was renamed',
    'list',
    set(`${customer} name`, 'buyer'),
    [
      'orders.list: query customer: ours is string, the document says not documented',
      'orders.list: query buyer: ours is never sent, the document says required',
    ],
  ],
  [
    'a parameter moved into a header',
    'list',
    set(`${limit} in`, 'header'),
    ['orders.list: query limit: ours is number, the document says not documented'],
  ],
  [
    'a parameter has another type',
    'list',
    set(`${customer} schema type`, 'integer'),
    ['orders.list: query customer: ours is string, the document says integer'],
  ],
  [
    'a parameter that is sent sometimes became required',
    'list',
    set(`${limit} required`, true),
    ['orders.list: query limit: ours is number, not always, the document says integer, always'],
  ],
  [
    'a parameter accepts fewer values',
    'prices',
    set(`${tier} schema enum`, ['basic']),
    ['pricing.prices: query tier: ours is string "basic" | "pro", the document says string "basic"'],
  ],
  [
    'a list is wanted as repeated parameters',
    'prices',
    drop(`${ids} explode`),
    [
      'pricing.prices: query ids: ours is style form, explode false, the document says style form, explode true',
    ],
  ],
  [
    'a list is wanted with other separators',
    'prices',
    set(`${ids} style`, 'pipeDelimited'),
    [
      'pricing.prices: query ids: ours is style form, explode false, the document says style pipeDelimited, explode false',
    ],
  ],
  [
    'a list holds something else',
    'prices',
    set(`${ids} schema items type`, 'integer'),
    ['pricing.prices: query ids[]: ours is string, the document says integer'],
  ],
  [
    'a header that is forwarded has another name',
    'place',
    set(`${key} name`, 'Request-Key'),
    ['orders.place: header idempotency-key: ours is forwarded, the document says not documented'],
  ],
  [
    'a header became required that nobody sends',
    'list',
    all(set(`${cursor} in`, 'header'), set(`${cursor} name`, 'X-Tenant'), set(`${cursor} required`, true)),
    ['orders.list: header x-tenant: ours is never sent, the document says required'],
  ],
  [
    'a field of the body was renamed',
    'place',
    all(
      rename(`${newOrder} properties customerId`, 'customer'),
      set(`${newOrder} required`, ['customer', 'lines']),
    ),
    [
      'orders.place: body customer: ours is never sent, the document says string',
      'orders.place: body customerId: ours is string, the document says not documented',
    ],
  ],
  [
    'a field of the body has another type',
    'place',
    set(`${newOrder} properties lines items properties sku type`, 'integer'),
    ['orders.place: body lines[].sku: ours is string, the document says integer'],
  ],
  [
    'a field of the body that is sent sometimes became required',
    'place',
    set(`${newOrder} required`, ['customerId', 'reference']),
    ['orders.place: body reference: ours is string, not always, the document says string, always'],
  ],
  [
    'the body is gone',
    'place',
    drop('paths /orders post requestBody'),
    ['orders.place: body: ours is object, the document says not documented'],
  ],
  [
    'a body became required that nobody sends',
    'markRead',
    set('paths /notifications/{id}/read post requestBody', { required: true, ...anyObject }),
    ['notifications.markRead: body: ours is never sent, the document says required'],
  ],
])('reported: %s', (_what, name, change, lines) => {
  expect(reported(name, change)).toEqual(lines.map((line) => `web ${line}`));
});

test.each<[string, OperationName, Change]>([
  ['a path names its parameter otherwise', 'find', rename('paths /orders/{id}', '/orders/{key}')],
  [
    'a word beside the parameter of a path',
    'find',
    set('paths /orders/latest', { get: { responses: { 204: {} } } }),
  ],
  [
    'a parameter is documented for all methods of a path',
    'list',
    all(
      rename('paths /orders get parameters', 'none'),
      set('paths /orders parameters', [
        { name: 'customer', in: 'query', required: true, schema: { type: 'string' } },
        { name: 'limit', in: 'query', schema: { type: 'integer' } },
      ]),
    ),
  ],
  ['a parameter that nobody sends was renamed', 'list', set(`${cursor} name`, 'after')],
  ['a parameter that is always sent became required', 'prices', set(`${ids} required`, true)],
  ['a parameter accepts more values', 'prices', set(`${tier} schema enum`, ['basic', 'plus', 'pro', 'gold'])],
  ['a parameter has narrower bounds', 'list', set(`${limit} schema maximum`, 20)],
  ['a list says its usual style', 'prices', drop(`${ids} style`)],
  [
    'a header that may be left out was added',
    'find',
    set('paths /orders/{id} get parameters 1', { name: 'X-Tenant', in: 'header' }),
  ],
  [
    'a field of the body was added that may be left out',
    'place',
    set(`${newOrder} properties note`, { type: 'string' }),
  ],
  [
    'a body may be sent that nobody sends',
    'markRead',
    set('paths /notifications/{id}/read post requestBody', anyObject),
  ],
  [
    'fields of the body that nobody knows are welcome',
    'place',
    all(drop(`${newOrder} properties reference`), set(`${newOrder} additionalProperties`, true)),
  ],
])('no matter: %s', (_what, name, change) => {
  expect(reported(name, change)).toEqual([]);
});
