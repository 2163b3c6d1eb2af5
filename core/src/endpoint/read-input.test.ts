import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import { endpoint } from './endpoint.ts';

const options = { summary: 'Says what it got.', access: anyone(), deadlineMs: 1_000 } as const;
const Echo = z.object({ got: z.unknown() });

const search = endpoint('GET', '/search/:shop', {
  ...options,
  query: z.object({
    q: z.string().min(2),
    limit: z.coerce.number().int().max(50).default(20),
    tag: z.union([z.string(), z.array(z.string())]).optional(),
  }),
}).handle(Echo, async ({ input }) => ({ got: input }));

const create = endpoint('POST', '/orders', {
  ...options,
  body: z.object({
    lines: z.array(z.object({ sku: z.string(), quantity: z.number().int().positive() })),
    'a/b~c': z.string().optional(),
  }),
  maxBodyBytes: 200,
}).handle(Echo, async ({ input }) => ({ got: input.body }));

const bff = testBff([search, create], {});

async function ask(target: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await bff.app.request(target);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function send(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const answer = await bff.app.request('/orders', { method: 'POST', body, headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('parameters and query arrive checked, coerced and with their defaults', async () => {
  expect((await ask('/search/main?q=tea%20pot')).body).toEqual({
    got: { params: { shop: 'main' }, query: { q: 'tea pot', limit: 20 } },
  });
});

test('a key of the query that comes more often is an array', async () => {
  expect((await ask('/search/main?q=tea&tag=a&tag=b&tag=c')).body).toMatchObject({
    got: { query: { tag: ['a', 'b', 'c'] } },
  });
});

test('every fault is named by a JSON pointer, unknown keys included', async () => {
  expect(await ask('/search/main?q=t&limit=many&colour=red&size=l')).toEqual({
    status: 400,
    body: expect.objectContaining({
      code: 'validation-failed',
      errors: [
        { pointer: '/query/q', detail: expect.any(String) },
        { pointer: '/query/limit', detail: expect.any(String) },
        { pointer: '/query/colour', detail: 'unknown' },
        { pointer: '/query/size', detail: 'unknown' },
      ],
    }),
  });
});

test('an endpoint without a query schema refuses every query', async () => {
  const answer = await bff.app.request('/orders?debug=1', {
    method: 'POST',
    body: '{"lines":[]}',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/query/debug', detail: 'unknown' }] });
});

test('a query key named like a prototype member is just an unknown key', async () => {
  expect(await ask('/search/main?q=tea&__proto__=1&constructor=2')).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/query/__proto__' }, { pointer: '/query/constructor' }] },
  });
});

test.each(['a.b', 'a%2Fb', 'a%20b', '%C3%A9', 'x'.repeat(65)])(
  'without a schema a parameter is 1 to 64 plain characters: %s is refused',
  async (shop) => {
    expect(await ask(`/search/${shop}?q=tea`)).toMatchObject({
      status: 400,
      body: {
        errors: [{ pointer: '/params/shop', detail: 'must be 1 to 64 letters, digits, - or _' }],
      },
    });
  },
);

test('a body arrives checked, and its faults have pointers into it', async () => {
  expect(await send('{"lines":[{"sku":"a","quantity":1}]}')).toEqual({
    status: 200,
    body: { got: { lines: [{ sku: 'a', quantity: 1 }] } },
  });
  expect(await send('{"lines":[{"sku":"a","quantity":1},{"sku":7,"quantity":0}],"a/b~c":1}')).toMatchObject({
    status: 400,
    body: {
      code: 'validation-failed',
      errors: [
        { pointer: '/body/lines/1/sku' },
        { pointer: '/body/lines/1/quantity' },
        { pointer: '/body/a~1b~0c' },
      ],
    },
  });
});

test.each([
  ['no JSON', '{"lines":', 400, 'invalid-json'],
  ['too large', `{"lines":[],"pad":"${'x'.repeat(200)}"}`, 413, 'body-too-large'],
])('a body that is %s is refused before it is checked', async (_what, text, status, code) => {
  expect(await send(text)).toMatchObject({ status, body: { code } });
});

test('a body of another media type is refused', async () => {
  expect(await send('lines=1', { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
    status: 415,
    body: { code: 'unsupported-media-type' },
  });
});

const shop = upstream('shop', {
  operations: { get: get('/products/:id', { response: z.object({ id: z.string() }) }) },
});
const product = endpoint('GET', '/products/:id', {
  ...options,
  cost: 0,
  params: z.object({ id: z.string() }),
})
  .plan(({ call }) => ({ product: call(shop.get, ({ input }) => ({ params: { id: input.params.id } })) }))
  .respond(Echo, ({ product }) => ({ got: product.id }));

test('a parameter with a schema of its own is sent on as one encoded segment', async () => {
  const open = testBff([product], { shop: () => ({ body: { id: '1' } }) });
  await open.app.request('/products/a%2Fb%20%C3%A9%3F');
  expect(open.requests[0]?.target).toBe('/products/a%2Fb%20%C3%A9%3F');
});

test.each([
  ['%zz', 'bad-request-target'],
  ['%E0%A4%A', 'bad-request-target'],
  ['%C0%AF', 'bad-request-target'],
  ['%00', 'bad-request-target'],
  ['a%0D%0Ab', 'bad-request-target'],
  ['x'.repeat(257), 'validation-failed'],
])('a parameter that no path can carry is the client’s fault: %s', async (id, code) => {
  const open = testBff([product], { shop: () => ({ body: { id: '1' } }) });
  const answer = await open.app.request(`/products/${id}`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code });
  expect(open.requests).toEqual([]);
});

test('a query that does not decode is refused, not guessed', async () => {
  expect(await ask('/search/main?q=%zz')).toMatchObject({
    status: 400,
    body: { code: 'bad-request-target' },
  });
});

test('no target makes the gateway fail: it is 200 or 4xx', async () => {
  const open = testBff([product], { shop: () => ({ body: { id: '1' } }) });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ maxLength: 40 }),
      async (id, query) => {
        const target = `/products/${id.replaceAll(/[/?#\\\s]/g, '')}?${query.replaceAll('#', '')}`;
        const answer = await open.app.request(new Request(`http://bff.test${target}`));
        expect([200, 400, 404]).toContain(answer.status);
      },
    ),
    { numRuns: 200 },
  );
});

test('a body that is still coming when the deadline passes is the fault of its sender', async () => {
  const started = Promise.withResolvers<void>();
  const body = new ReadableStream({ pull: () => started.resolve() });
  const answer = bff.app.request('/orders', {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  } as RequestInit);
  await started.promise;
  bff.clock.advance(1_000);
  const late = await answer;
  expect([late.status, late.headers.get('connection')]).toEqual([408, 'close']);
  expect(await late.json()).toMatchObject({
    code: 'request-timeout',
    detail: 'The body of the request did not arrive in time.',
  });
});
