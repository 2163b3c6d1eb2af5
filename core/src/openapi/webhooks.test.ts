import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineBff } from '../bff.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { memoryRecords } from '../records/memory-records.ts';
import { webhooks } from '../webhooks/webhooks.ts';
import type { OpenApiDocument } from './document.ts';
import { compareDocuments, documentOf, openApiOf } from './index.ts';

const Order = z.object({ id: z.string(), total: z.int() });

function documentWith(response: z.ZodType, type = 'order.updated'): OpenApiDocument {
  const order = endpoint('GET', '/orders/:id', {
    summary: 'One order.',
    access: anyone(),
    deadlineMs: 100,
  }).handle(response, async () => ({ id: 'o1', total: 1 }));
  const records = memoryRecords();
  const events = { [type]: { summary: 'An order changed.', like: order } };
  const answer = { id: 'o1', total: 5 };
  const bff = defineBff({
    name: 'shop',
    owner: '@acme/shop',
    identity: [],
    upstreams: [],
    endpoints: [order],
    apiInfo: { examples: { 0: { 'GET /orders/:id': { answer } } } },
    webhooks: webhooks({ records, environment: 'test', events }),
  });
  return openApiOf(bff);
}

test('an event is a webhook whose data is what the endpoint answers', () => {
  const { post } = documentWith(Order).webhooks?.['order.updated'] ?? {};
  expect(post).toMatchObject({
    operationId: 'onOrderUpdated',
    summary: 'An order changed.',
    tags: ['orders'],
  });
  expect(post?.parameters.map(({ name }) => name)).toEqual([
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
  ]);
  const { schema, example } = post?.requestBody.content['application/json'] ?? {};
  expect(schema).toMatchObject({
    properties: {
      type: { const: 'order.updated' },
      data: { type: 'object', properties: { id: { type: 'string' }, total: { type: 'integer' } } },
    },
    required: ['id', 'type', 'createdAt', 'apiVersion', 'data'],
  });
  expect(example).toMatchObject({ type: 'order.updated', apiVersion: null, data: { id: 'o1', total: 5 } });
});

test('a BFF without events has none', () => {
  const bff = defineBff({ name: 'shop', owner: '@acme/shop', identity: [], upstreams: [], endpoints: [] });
  expect(documentOf(bff)).not.toHaveProperty('webhooks');
});

const lines = (before: OpenApiDocument, after: OpenApiDocument): string[] =>
  compareDocuments(before, after)
    .filter(({ operation }) => operation.startsWith('webhook '))
    .map(
      ({ operation, place, what, isBreaking }) => `${isBreaking ? '✖ ' : ''}${operation} ${place} ${what}`,
    );

test('what receivers read must stay: taking a field away breaks them, adding one does not', () => {
  const [less, more] = [documentWith(Order), documentWith(Order.extend({ note: z.string() }))];
  expect(lines(less, more)).toEqual(['webhook order.updated body data.note is there too']);
  expect(lines(more, less)).toEqual(['✖ webhook order.updated body data.note is not in the answer any more']);
});

test('an event that is not sent any more breaks them, a new one does not', () => {
  const [one, other] = [documentWith(Order), documentWith(Order, 'order.changed')];
  expect(lines(one, other)).toEqual([
    '✖ webhook order.updated  is not sent any more',
    'webhook order.changed  is new',
  ]);
});
