/** What the document says of writes that are done once for one key. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { scopes } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { post, upstream } from '../upstream/operation.ts';
import { openApiOf } from './index.ts';

const Order = z.object({ id: z.string() });
const orders = upstream('orders', {
  operations: {
    create: post('/orders', { response: Order, passes: [422], forwardRequestHeaders: ['idempotency-key'] }),
  },
});
const create = (idempotency?: 'required' | 'optional') =>
  endpoint('POST', '/orders', {
    summary: 'X.',
    access: scopes('orders:write'),
    deadlineMs: 1_000,
    status: 201,
    ...(idempotency === undefined ? {} : { idempotency }),
  })
    .plan(({ call }) => ({ order: call(orders.create, () => ({})) }))
    .respond(Order, ({ order }) => order);

const documented = (mode?: 'required' | 'optional') => {
  const document = openApiOf(testBff([create(mode)], { orders: () => ({ body: { id: '' } }) }));
  const operation = document.paths['/orders']?.post;
  if (operation === undefined) throw new Error('nothing is documented');
  return { document, operation };
};

test.each([
  ['required', true],
  ['optional', false],
] as const)('a key that is %s is a header parameter, with the problems it can have', (mode, required) => {
  const { operation } = documented(mode);
  expect(operation.parameters).toEqual([
    {
      name: 'Idempotency-Key',
      in: 'header',
      required,
      description: expect.stringContaining('the same key when the request is repeated'),
      schema: { type: 'string', minLength: 16, maxLength: 512 },
      example: expect.any(String),
    },
  ]);
  const { responses } = operation;
  const missing = mode === 'required' ? ['idempotency-key-missing'] : [];
  expect(responses[400]?.['x-codes']).toEqual(
    expect.arrayContaining(['idempotency-key-malformed', ...missing]),
  );
  expect(responses[409]?.['x-codes']).toEqual(['idempotency-in-progress']);
  expect(responses[409]?.headers).toHaveProperty('Retry-After');
  expect(responses[422]?.['x-codes']).toEqual(['idempotency-key-reused', 'unprocessable']);
  expect(responses[503]?.['x-codes']).toContain('dependency-unavailable');
});

test('what is kept may be marked as repeated: the answer, and what the service refused', () => {
  const { operation, document } = documented('required');
  const marked = Object.entries(operation.responses)
    .filter(([, { headers = {} }]) => 'Idempotency-Replayed' in headers)
    .map(([status]) => status);
  expect(marked).toEqual(['201', '422']);
  expect(document.components.headers['Idempotency-Replayed']).toMatchObject({ schema: { const: 'true' } });
});

test('who declares no key documents none', () => {
  const { operation, document } = documented();
  expect(operation).not.toHaveProperty('parameters');
  expect(operation.responses).not.toHaveProperty('409');
  expect(JSON.stringify(document)).not.toMatch(/idempotency/i);
});
