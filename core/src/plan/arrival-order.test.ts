import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { IdSource } from '../context/ids.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { type FakeAnswer, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import type { TransportRequest } from '../upstream/transport.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    profile: get('/profile', { response: Part, forwardResponseHeaders: ['content-language'] }),
    orders: get('/orders/:user', { response: z.object({ ids: z.array(z.string()) }) }),
    inbox: get('/inbox', { response: Part }),
    reviews: get('/reviews', { response: Part }),
    products: get('/products', {
      query: z.object({ ids: z.array(z.string()) }),
      response: z.array(Part.extend({ title: z.string() })),
    }),
    stock: get('/stock', { query: z.object({ ids: z.array(z.string()) }), response: z.array(Part) }),
  },
});

const home = endpoint('GET', '/home', { summary: 'Home.', access: anyone(), deadlineMs: 1_000 })
  .plan(({ call, optional, each, derive }) => {
    const profile = call(shop.profile, () => ({}));
    const orders = call(shop.orders, { profile }, ({ profile }) => ({ params: { user: profile.id } }));
    const inbox = optional(shop.inbox, () => ({}));
    const reviews = optional(shop.reviews, () => ({}), { fallback: ({ code }) => ({ id: code }) });
    const ids = derive({ orders }, ({ orders }) => orders.ids);
    const products = each(ids, shop.products, {
      by: 'id',
      chunk: 2,
      max: 10,
      request: (ids) => ({ query: { ids } }),
    });
    const stock = each(ids, shop.stock, {
      by: 'id',
      chunk: 2,
      max: 4,
      optional: true,
      request: (ids) => ({ query: { ids } }),
    });
    return { stock, products, reviews, inbox, profile };
  })
  .respond(
    z.object({
      name: z.string(),
      inbox: z.string(),
      reviews: z.string(),
      products: z.array(z.string()),
      stock: z.array(z.string()),
    }),
    ({ stock, products, reviews, inbox, profile }) => ({
      name: profile.id,
      inbox: inbox.ok ? inbox.value.id : inbox.code,
      reviews: reviews.id,
      products: [...products.values()].map(({ title }) => title),
      stock: [...stock.keys()],
    }),
  );

/** Every request of one run of `home`; the answers are released in the order of these names. */
const requests = [
  '/profile',
  '/orders/7',
  '/inbox',
  '/reviews',
  '/products?ids=a,b',
  '/products?ids=c,d',
  '/products?ids=e',
  '/stock?ids=a,b',
  '/stock?ids=c,d',
];

function answerTo({ operation, target }: TransportRequest): FakeAnswer {
  const ids = target.split('ids=')[1]?.split(',') ?? [];
  switch (operation) {
    case 'profile':
      return { body: { id: '7' }, headers: { 'content-language': 'en' } };
    case 'orders':
      return { body: { ids: ['a', 'b', 'c', 'd', 'e'] } };
    case 'inbox':
      return { status: 500 };
    case 'reviews':
      return { status: 429 };
    case 'stock':
      return ids.includes('a') ? { status: 503 } : { status: 400 };
    default:
      return { body: ids.map((id) => ({ id, title: id.toUpperCase() })) };
  }
}

const ids: IdSource = { traceId: () => '1'.repeat(32), spanId: () => '2'.repeat(16) };

/** The whole answer as text, headers included, when answers come in this order. */
async function answerWhen(order: readonly string[]): Promise<string> {
  const held = new Map<string, () => void>();
  const bff = testBff(
    [home],
    {
      shop: (request) => new Promise((resolve) => held.set(request.target, () => resolve(answerTo(request)))),
    },
    { ids },
  );
  const answering = bff.app.request('/home');
  await turn();
  while (held.size > 0) {
    const next = order.find((target) => held.has(target)) ?? '';
    held.get(next)?.();
    held.delete(next);
    await turn();
  }
  const answer = await answering;
  expect(bff.requests.map(({ target }) => target).sort()).toEqual([...requests].sort());
  return JSON.stringify([answer.status, [...answer.headers], await answer.text()]);
}

test('the answer, headers included, is the same bytes for any order of answers', async () => {
  const expected = await answerWhen(requests);
  expect(expected).toContain('upstream-error');
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(requests, { minLength: requests.length, maxLength: requests.length }),
      async (order) => {
        expect(await answerWhen(order)).toBe(expected);
      },
    ),
    { numRuns: 60 },
  );
});
