import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { type FakeAnswer, type FakeUpstream, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';

const Product = z.object({ id: z.string(), title: z.string(), cost: z.number() });
const catalog = upstream('catalog', {
  operations: {
    getMany: get('/products/batch', {
      query: z.object({ ids: z.array(z.string()), for: z.string().optional() }),
      response: z.array(Product),
    }),
  },
});

/** A screen that reads the products named in its query, in chunks of two and at most five. */
function screen(each: { readonly optional?: boolean; readonly by?: 'id' | 'title' } = {}) {
  return endpoint('GET', '/products', {
    summary: 'Products by key.',
    access: anyone(),
    deadlineMs: 1_000,
    query: z.object({ ids: z.string().default('') }),
  })
    .plan((plan) => {
      const ids = plan.derive({}, ({ input }) => input.query.ids.split(',').filter((id) => id !== ''));
      const products = plan.each(ids, catalog.getMany.pick({ id: true, title: true }), {
        by: each.by ?? 'id',
        chunk: 2,
        max: 5,
        optional: each.optional ?? false,
        request: (keys) => ({ query: { ids: keys } }),
      });
      return { products };
    })
    .respond(z.object({ found: z.array(z.string()) }), ({ products }) => ({
      found: [...products].map(([key, { title }]) => `${key}=${title}`),
    }));
}

const idsOf = (target: string): string[] =>
  decodeURIComponent(target.split('ids=')[1] ?? '')
    .split(',')
    .filter((id) => id !== '');
const productsOf = (target: string): FakeAnswer => ({
  body: idsOf(target).map((id) => ({ id, title: id.toUpperCase(), cost: 1 })),
});
const answering: FakeUpstream = ({ target }) => productsOf(target);

async function read(bff: ReturnType<typeof testBff>, ids: string) {
  const answer = await bff.app.request(`/products?ids=${ids}`);
  return { answer, body: await answer.json(), asked: bff.requests.map(({ target }) => idsOf(target)) };
}

test('keys are asked once each, in chunks, in the order they came', async () => {
  const { body, asked } = await read(testBff([screen()], { catalog: answering }), 'a,b,a,c,b');
  expect(asked).toEqual([['a', 'b'], ['c']]);
  expect(body).toEqual({ found: ['a=A', 'b=B', 'c=C'] });
});

test('no keys make no call and an empty map', async () => {
  const { body, asked, answer } = await read(testBff([screen()], { catalog: answering }), '');
  expect(asked).toEqual([]);
  expect(body).toEqual({ found: [] });
  expect(answer.headers.get('bff-degraded')).toBeNull();
});

test('keys the service does not know are absent', async () => {
  const knowsOnlyA: FakeUpstream = () => ({ body: [{ id: 'a', title: 'A', cost: 1 }] });
  const { body, answer } = await read(testBff([screen()], { catalog: knowsOnlyA }), 'a,b');
  expect(body).toEqual({ found: ['a=A'] });
  expect(answer.headers.get('bff-degraded')).toBeNull();
});

test('keys beyond max are left out and the answer says so', async () => {
  const { body, asked, answer } = await read(testBff([screen()], { catalog: answering }), 'a,b,c,d,e,f,g');
  expect(asked).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  expect(body).toEqual({ found: ['a=A', 'b=B', 'c=C', 'd=D', 'e=E'] });
  expect(answer.headers.get('bff-degraded')).toBe('products');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('exactly max keys are not too many, however often they repeat', async () => {
  const { answer } = await read(testBff([screen()], { catalog: answering }), 'a,b,c,d,e,a,b,c');
  expect(answer.headers.get('bff-degraded')).toBeNull();
});

test('chunks run side by side; a required one that fails aborts the others', async () => {
  const bff = testBff([screen()], {
    catalog: ({ target }) =>
      idsOf(target).includes('a') ? { status: 500 } : Promise.withResolvers<FakeAnswer>().promise,
  });
  const { answer, asked } = await read(bff, 'a,b,c,d,e');
  expect(answer.status).toBe(502);
  expect(asked).toHaveLength(3);
  expect([bff.fakes.aborted(), bff.fakes.open(), bff.clock.pending()]).toEqual([2, 0, 0]);
});

test('an optional chunk that fails leaves its keys out', async () => {
  const bff = testBff([screen({ optional: true })], {
    catalog: ({ target }) => (idsOf(target).includes('a') ? { status: 500 } : productsOf(target)),
  });
  const { answer, body } = await read(bff, 'a,b,c');
  expect(answer.status).toBe(200);
  expect(body).toEqual({ found: ['c=C'] });
  expect(answer.headers.get('bff-degraded')).toBe('products');
});

test('the map has the order of the keys, whichever chunk answers first', async () => {
  const held: PromiseWithResolvers<void>[] = [];
  const bff = testBff([screen()], {
    catalog: async ({ target }) => {
      const gate = Promise.withResolvers<void>();
      held.push(gate);
      await gate.promise;
      return productsOf(target);
    },
  });
  const reading = read(bff, 'a,b,c,d');
  await turn();
  for (const gate of held.reverse()) {
    gate.resolve();
    await turn();
  }
  expect((await reading).body).toEqual({ found: ['a=A', 'b=B', 'c=C', 'd=D'] });
});

test('which of two failed chunks the answer names does not depend on which failed first', async () => {
  const proxyStatus = async (order: 'forwards' | 'backwards'): Promise<string | null> => {
    const held: (() => void)[] = [];
    const bff = testBff([screen({ optional: true })], {
      catalog: ({ target }) =>
        new Promise((resolve) => {
          held.push(() => resolve({ status: idsOf(target).includes('a') ? 500 : 400 }));
        }),
    });
    const reading = read(bff, 'a,b,c,d');
    await turn();
    for (const release of order === 'forwards' ? held : held.reverse()) {
      release();
      await turn();
    }
    return (await reading).answer.headers.get('proxy-status');
  };
  expect(await proxyStatus('backwards')).toBe(await proxyStatus('forwards'));
});

test('items are keyed by a field or by a function', async () => {
  const byTitle = await read(testBff([screen({ by: 'title' })], { catalog: answering }), 'a');
  expect(byTitle.body).toEqual({ found: ['A=A'] });
  const byFunction = endpoint('GET', '/products', { summary: 'X.', access: anyone(), deadlineMs: 1_000 })
    .plan(({ each, derive }) => ({
      products: each(
        derive({}, () => [1, 2]),
        catalog.getMany,
        {
          by: ({ cost }) => cost,
          max: 5,
          request: (keys, { principal }) => ({
            query: { ids: keys.map(String), for: principal?.subject ?? 'nobody' },
          }),
        },
      ),
    }))
    .respond(z.object({ titles: z.array(z.string().nullable()) }), ({ products }) => ({
      titles: [products.get(1)?.title ?? null, products.get(2)?.title ?? null],
    }));
  const bff = testBff([byFunction], { catalog: () => ({ body: [{ id: 'a', title: 'A', cost: 2 }] }) });
  expect(await (await bff.app.request('/products')).json()).toEqual({ titles: [null, 'A'] });
  expect(bff.requests[0]?.target).toBe('/products/batch?ids=1,2&for=nobody');
});

test('a request function that throws fails the endpoint with 500 before any call, optional or not', async () => {
  const broken = endpoint('GET', '/products', { summary: 'X.', access: anyone(), deadlineMs: 1_000 })
    .plan(({ each, derive }) => ({
      products: each(
        derive({}, () => ['a', 'b']),
        catalog.getMany,
        {
          by: 'id',
          chunk: 1,
          max: 2,
          optional: true,
          request: (keys) => {
            if (keys.includes('b')) throw new Error('secret');
            return { query: { ids: keys } };
          },
        },
      ),
    }))
    .respond(z.object({ found: z.number() }), ({ products }) => ({ found: products.size }));
  const bff = testBff([broken], { catalog: answering });
  const answer = await bff.app.request('/products');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret');
  expect(bff.requests).toEqual([]);
});

test('a client that leaves ends an optional each as 499, after all of its chunks ended', async () => {
  const bff = testBff([screen({ optional: true })], {
    catalog: () => Promise.withResolvers<FakeAnswer>().promise,
  });
  const statuses: number[] = [];
  bff.events.on('request', ({ status }) => statuses.push(status));
  const leaving = new AbortController();
  const answer = bff.app.request('/products?ids=a,b,c', { signal: leaving.signal });
  await turn();
  leaving.abort();
  await answer;
  expect(statuses).toEqual([499]);
  expect([bff.fakes.aborted(), bff.fakes.open(), bff.clock.pending()]).toEqual([2, 0, 0]);
});
