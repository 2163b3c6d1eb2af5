import { HTTPException } from 'hono/http-exception';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { RequestFact } from './context/events.ts';
import { endpoint } from './endpoint/endpoint.ts';
import { anyone } from './identity/access.ts';
import { testBff } from './testing/index.ts';
import type { Method } from './upstream/operation.ts';

function at(method: Method, path: string) {
  const options = { summary: 'X.', access: anyone(), deadlineMs: 1_000 } as const;
  return endpoint(method, path, options).handle(z.object({}), async () => ({}));
}

function factsOf(bff: ReturnType<typeof testBff>): RequestFact[] {
  const facts: RequestFact[] = [];
  bff.events.on('request', (fact) => facts.push(fact));
  return facts;
}

test('a path without an endpoint is a 404 problem, in the log under the route *', async () => {
  const bff = testBff([at('GET', '/api/home')], {});
  const facts = factsOf(bff);
  const answer = await bff.app.request('/wp-admin');
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  const problem = (await answer.json()) as { requestId: string };
  expect(problem).toEqual({
    type: 'urn:bffkit:problem:not-found',
    title: 'Not found',
    status: 404,
    code: 'not-found',
    requestId: answer.headers.get('x-request-id'),
  });
  expect(facts).toMatchObject([
    { route: '*', status: 404, code: 'not-found', method: 'GET', requestId: problem.requestId },
  ]);
});

test.each<[string, string, string]>([
  ['POST', '/cart', 'GET, HEAD, PUT'],
  ['OPTIONS', '/cart', 'GET, HEAD, PUT'],
  ['HEAD', '/orders', 'POST'],
  ['GET', '/orders', 'POST'],
  ['PATCH', '/users/7', 'GET, HEAD, DELETE'],
])('%s %s is a 405 that allows %s', async (method, path, allow) => {
  const bff = testBff(
    [
      at('GET', '/cart'),
      at('PUT', '/cart'),
      at('POST', '/orders'),
      at('GET', '/users/:id'),
      at('DELETE', '/users/:user'),
    ],
    {},
  );
  const answer = await bff.app.request(path, { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
  if (method !== 'HEAD') expect(await answer.json()).toMatchObject({ code: 'method-not-allowed' });
});

test('a path that two templates share allows the methods of both', async () => {
  const bff = testBff([at('GET', '/users/:id'), at('POST', '/users/search')], {});
  const answer = await bff.app.request('/users/search', { method: 'PUT' });
  expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
});

test('HEAD answers like GET, without the body', async () => {
  const bff = testBff([at('GET', '/api/home')], {});
  const [head, whole] = [
    await bff.app.request('/api/home', { method: 'HEAD' }),
    await bff.app.request('/api/home'),
  ];
  expect(head.status).toBe(200);
  expect(await head.text()).toBe('');
  expect(head.headers.get('content-length')).toBe(whole.headers.get('content-length'));
  expect(head.headers.get('etag')).toBe(whole.headers.get('etag'));
});

test('what a team’s own middleware throws is a 500 that says nothing', async () => {
  const bff = testBff(
    [at('GET', '/api/home')],
    {},
    {
      routes: (app) =>
        app.use(() => {
          throw new Error('http://10.0.0.7 said no');
        }),
    },
  );
  const facts = factsOf(bff);
  const answer = await bff.app.request('/api/home');
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ code: 'internal' });
  expect(text).not.toContain('10.0.0.7');
  expect(facts).toMatchObject([{ route: '*', status: 500, cause: { message: 'http://10.0.0.7 said no' } }]);
});

test('an answer that a team’s own middleware throws stays that answer', async () => {
  const bff = testBff(
    [at('GET', '/api/home')],
    {},
    {
      routes: (app) =>
        app.use(() => {
          throw new HTTPException(403, { message: 'cross-site' });
        }),
    },
  );
  const facts = factsOf(bff);
  const answer = await bff.app.request('/api/home');
  expect(answer.status).toBe(403);
  expect(await answer.text()).toBe('cross-site');
  expect(facts).toMatchObject([{ route: '*', status: 403 }]);
});
