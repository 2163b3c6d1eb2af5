import { expect, test } from 'vitest';
import { z } from 'zod';
import { anyone } from '../identity/access.ts';
import { tokenBucket } from '../limit/declare.ts';
import { testBff } from '../testing/index.ts';
import type { Method } from '../upstream/operation.ts';
import { endpoint } from './endpoint.ts';

/** Boots an endpoint whose options are written without the compiler's help. */
function boot(options: object, method: Method = 'GET', path = '/api/home'): () => void {
  return () => {
    const sound = { summary: 'Home.', access: anyone(), deadlineMs: 800 };
    const declared = endpoint(method, path, { ...sound, ...options }).handle(z.object({}), async () => ({}));
    testBff([declared], {}, { limits: tokenBucket({ capacity: 10 }) });
  };
}

test.each<[string, () => void, string]>([
  [
    'an unknown option, with the nearest known one',
    boot({ deadlinems: 100 }),
    "GET /api/home: unknown option 'deadlinems'; did you mean 'deadlineMs'?",
  ],
  [
    'an unknown option that resembles none, with the list',
    boot({ retries: 3 }),
    "GET /api/home: unknown option 'retries'; it knows summary, access, params, query, body, deadlineMs, cost, limitClass, maxBodyBytes, priority, status",
  ],
  [
    'no access',
    boot({ access: undefined }),
    'GET /api/home: access is missing; declare anyone(), signedIn() or scopes(…)',
  ],
  [
    'no deadlineMs',
    boot({ deadlineMs: undefined }),
    'GET /api/home: deadlineMs is missing; declare how long a client may wait, 1 to 30000 ms',
  ],
  [
    'a deadline of nothing',
    boot({ deadlineMs: 0 }),
    'GET /api/home: deadlineMs must be a number from 1 to 30000, got 0',
  ],
  [
    'a deadline of more than 30 s',
    boot({ deadlineMs: 30_001 }),
    'GET /api/home: deadlineMs must be a number from 1 to 30000, got 30001',
  ],
  [
    'a deadline that is no number',
    boot({ deadlineMs: '800' }),
    'GET /api/home: deadlineMs must be a number from 1 to 30000, got 800',
  ],
  [
    'a cost that no bucket could ever pay',
    boot({ cost: 11 }),
    'GET /api/home: cost must be a number from 0 to 10, got 11',
  ],
  ['a negative cost', boot({ cost: -1 }), 'GET /api/home: cost must be a number from 0 to 10, got -1'],
  [
    'a body bound above 10 MiB',
    boot({ maxBodyBytes: 10_485_761, body: z.object({}) }, 'POST'),
    'POST /api/home: maxBodyBytes must be a number from 1 to 10485760, got 10485761',
  ],
  [
    'a body bound that is not whole',
    boot({ maxBodyBytes: 0.5, body: z.object({}) }, 'POST'),
    'POST /api/home: maxBodyBytes must be a whole number from 1 to 10485760, got 0.5',
  ],
  ['a body on a GET', boot({ body: z.object({}) }), 'GET /api/home: a GET endpoint takes no body'],
  [
    'a body on a DELETE',
    boot({ body: z.object({}) }, 'DELETE'),
    'DELETE /api/home: a DELETE endpoint takes no body',
  ],
  [
    'a path that is not a template',
    boot({}, 'GET', 'api/home'),
    "the path must look like /orders/:id, got 'api/home'",
  ],
  ['a path with a wildcard', boot({}, 'GET', '/api/*'), "the path must look like /orders/:id, got '/api/*'"],
  [
    'a parameter that appears twice',
    boot({}, 'GET', '/users/:id/orders/:id'),
    "GET /users/:id/orders/:id: the parameter ':id' appears twice in the path",
  ],
  [
    'params that do not describe the path',
    boot({ params: z.object({ sku: z.string() }) }, 'GET', '/products/:id'),
    'GET /products/:id: params must describe id, got sku',
  ],
])('boot refuses %s', (_what, start, message) => {
  expect(start).toThrow(RangeError);
  expect(start).toThrow(message);
});

test.each([
  ['the shortest deadline', { deadlineMs: 1 }],
  ['the longest deadline', { deadlineMs: 30_000 }],
  ['a free endpoint', { cost: 0 }],
  ['one that takes the whole bucket', { cost: 10 }],
])('boot accepts %s', (_what, options) => {
  expect(boot(options)).not.toThrow();
});
