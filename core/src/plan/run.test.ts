import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { RequestFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type FakeAnswer, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    profile: get('/profile', { response: Part }),
    orders: get('/orders/:user', { response: Part }),
    reviews: get('/reviews', { response: Part }),
    price: get('/price/:product', { response: Part }),
  },
});
const Screen = z.object({ text: z.string() });
const options = { summary: 'A screen.', access: anyone(), deadlineMs: 1_000 } as const;

/** Answers of the shop by operation: those that are not given stay open until `answer` is called. */
function heldShop(given: Readonly<Record<string, FakeAnswer>> = {}) {
  const held = new Map<string, PromiseWithResolvers<FakeAnswer>>();
  return {
    fakes: {
      shop: ({ operation }: { readonly operation: string }) => {
        const ready = given[operation];
        if (ready !== undefined) return ready;
        const hold = Promise.withResolvers<FakeAnswer>();
        held.set(operation, hold);
        return hold.promise;
      },
    },
    async answer(operation: string, answer: FakeAnswer = { body: { id: operation } }): Promise<void> {
      held.get(operation)?.resolve(answer);
      await turn();
    },
  };
}

/** The operations asked so far, in order. */
function asked(bff: ReturnType<typeof testBff>): string[] {
  return bff.requests.map(({ operation }) => operation);
}

/** The facts of the requests so far. */
function requestFacts(bff: ReturnType<typeof testBff>): RequestFact[] {
  const facts: RequestFact[] = [];
  bff.events.on('request', (fact) => facts.push(fact));
  return facts;
}

const chain = endpoint('GET', '/chain', options)
  .plan(({ call }) => {
    const reviews = call(shop.reviews, () => ({}));
    const profile = call(shop.profile, () => ({}));
    const orders = call(shop.orders, { profile }, ({ profile }) => ({ params: { user: profile.id } }));
    const price = call(shop.price, { orders, reviews }, ({ orders, reviews }) => ({
      params: { product: `${orders.id}-${reviews.id}` },
    }));
    return { price };
  })
  .respond(Screen, ({ price }) => ({ text: price.id }));

test('a node starts the moment what it names is ready, whatever else still runs', async () => {
  const held = heldShop();
  const bff = testBff([chain], held.fakes);
  const answer = bff.app.request('/chain');
  await turn();
  expect(asked(bff)).toEqual(['reviews', 'profile']);
  await held.answer('profile');
  expect(asked(bff)).toEqual(['reviews', 'profile', 'orders']);
  await held.answer('orders');
  expect(asked(bff)).toEqual(['reviews', 'profile', 'orders']);
  await held.answer('reviews');
  expect(bff.requests.at(-1)?.target).toBe('/price/orders-reviews');
  await held.answer('price', { body: { id: '7' } });
  expect(await (await answer).json()).toEqual({ text: '7' });
});

test('a node that two others name is called once', async () => {
  const both = endpoint('GET', '/both', options)
    .plan(({ call }) => {
      const profile = call(shop.profile, () => ({}));
      const orders = call(shop.orders, { profile }, ({ profile }) => ({ params: { user: profile.id } }));
      const again = call(shop.orders, { a: profile, b: profile, orders }, ({ a, b, orders }) => ({
        params: { user: `${a.id}${b.id}${orders.id}` },
      }));
      return { again };
    })
    .respond(Screen, ({ again }) => ({ text: again.id }));
  const bff = testBff([both], { shop: ({ operation }) => ({ body: { id: operation } }) });
  expect((await bff.app.request('/both')).status).toBe(200);
  expect(bff.requests.map(({ target }) => target)).toEqual([
    '/profile',
    '/orders/profile',
    '/orders/profileprofileorders',
  ]);
});

test('a required call that fails aborts its siblings, and what names it never starts', async () => {
  const held = heldShop();
  const bff = testBff([chain], held.fakes);
  const answer = bff.app.request('/chain');
  await turn();
  await held.answer('profile', { status: 500 });
  expect((await answer).status).toBe(502);
  expect(asked(bff)).toEqual(['reviews', 'profile']);
  expect(bff.fakes.aborted()).toBe(1);
  expect(bff.fakes.open()).toBe(0);
  expect(bff.clock.pending()).toBe(0);
});

test('the calls of a failed plan are told apart: one failed, the others were cancelled', async () => {
  const held = heldShop();
  const bff = testBff([chain], held.fakes);
  const facts = requestFacts(bff);
  const answer = bff.app.request('/chain');
  await turn();
  await held.answer('profile', { status: 500 });
  await answer;
  expect(facts[0]?.calls.map(({ operation, outcome }) => [operation, outcome])).toEqual([
    ['profile', 'upstream-error'],
    ['reviews', 'cancelled'],
  ]);
});

test('what an answer makes ready does not start once the plan has failed', async () => {
  const started: string[] = [];
  const late = endpoint('GET', '/late', options)
    .plan(({ call, derive }) => {
      const profile = call(shop.profile, () => ({}));
      const reviews = call(shop.reviews, () => ({}));
      const label = derive({ reviews }, ({ reviews }) => started.push(reviews.id));
      const orders = call(shop.orders, { label }, () => ({ params: { user: `${started.push('orders')}` } }));
      return { profile, orders };
    })
    .respond(Screen, ({ profile }) => ({ text: profile.id }));
  const held = heldShop();
  const bff = testBff([late], held.fakes);
  const answer = bff.app.request('/late');
  await turn();
  await Promise.all([held.answer('profile', { status: 500 }), held.answer('reviews')]);
  expect((await answer).status).toBe(502);
  expect(started).toEqual([]);
});

test('a failed plan answers only after every call has let go', async () => {
  const lettingGo = Promise.withResolvers<void>();
  const bff = testBff(
    [chain],
    { shop: () => ({}) },
    {
      transport: () => ({
        send({ operation }) {
          const { promise, reject } = Promise.withResolvers<never>();
          if (operation === 'profile') reject(new GatewayError('upstream-unreachable'));
          const abort = (reason: GatewayError): void => void lettingGo.promise.then(() => reject(reason));
          return { answer: promise, abort };
        },
        close: () => Promise.resolve(),
      }),
    },
  );
  const facts = requestFacts(bff);
  const answer = bff.app.request('/chain');
  await turn();
  expect(bff.liveRequests()).toBe(1);
  lettingGo.resolve();
  expect((await answer).status).toBe(502);
  expect(facts[0]?.calls.map(({ outcome }) => outcome)).toEqual(['upstream-unreachable', 'cancelled']);
});

const survivor = endpoint('GET', '/survivor', options)
  .plan(({ call, optional }) => {
    const profile = call(shop.profile, () => ({}));
    const reviews = optional(shop.reviews, () => ({}), { fallback: ({ code }) => ({ id: code }) });
    const orders = optional(shop.orders, () => ({ params: { user: '1' } }));
    return { profile, reviews, orders };
  })
  .respond(Screen, ({ profile, reviews, orders }) => ({
    text: `${profile.id} ${reviews.id} ${orders.ok ? orders.value.id : orders.code}`,
  }));

test('an optional call that succeeds gives its value, with and without a fallback', async () => {
  const bff = testBff([survivor], { shop: ({ operation }) => ({ body: { id: operation } }) });
  const answer = await bff.app.request('/survivor');
  expect(await answer.json()).toEqual({ text: 'profile reviews orders' });
  expect(answer.headers.get('bff-degraded')).toBeNull();
});

test('an optional call that fails gives its fallback, or says why when it has none', async () => {
  const bff = testBff([survivor], {
    shop: ({ operation }) => {
      if (operation === 'reviews') throw new Error('connection refused');
      return operation === 'orders' ? { status: 500 } : { body: { id: operation } };
    },
  });
  const answer = await bff.app.request('/survivor');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ text: 'profile upstream-unreachable upstream-error' });
});

test('what depends on an optional call starts when it failed, too', async () => {
  const after = endpoint('GET', '/after', options)
    .plan(({ optional, call }) => {
      const profile = optional(shop.profile, () => ({}), { fallback: () => ({ id: 'guest' }) });
      return {
        orders: call(shop.orders, { profile }, ({ profile }) => ({ params: { user: profile.id } })),
      };
    })
    .respond(Screen, ({ orders }) => ({ text: orders.id }));
  const bff = testBff([after], {
    shop: ({ operation, target }) => (operation === 'profile' ? { status: 503 } : { body: { id: target } }),
  });
  expect(await (await bff.app.request('/after')).json()).toEqual({ text: '/orders/guest' });
});

test('an optional call has its own timeout; the answer does not wait for the deadline', async () => {
  const patient = endpoint('GET', '/patient', options)
    .plan(({ optional }) => ({
      reviews: optional(shop.reviews, () => ({}), { timeoutMs: 300, fallback: ({ code }) => ({ id: code }) }),
    }))
    .respond(Screen, ({ reviews }) => ({ text: reviews.id }));
  const bff = testBff([patient], heldShop().fakes);
  const answer = bff.app.request('/patient');
  await turn();
  bff.clock.advance(300);
  expect(await (await answer).json()).toEqual({ text: 'upstream-timeout' });
  expect([bff.fakes.open(), bff.clock.pending()]).toEqual([0, 0]);
});

test('a sibling cancelled by a required failure does not count as degraded', async () => {
  const held = heldShop();
  const bff = testBff([survivor], held.fakes);
  const facts = requestFacts(bff);
  const answer = bff.app.request('/survivor');
  await turn();
  await held.answer('profile', { status: 500 });
  expect((await answer).status).toBe(502);
  expect(facts[0]?.degraded).toEqual([]);
});

test('a client that leaves gets no fallback: the request ends as 499', async () => {
  const lonely = endpoint('GET', '/lonely', options)
    .plan(({ optional }) => ({
      reviews: optional(shop.reviews, () => ({}), { fallback: () => ({ id: 'none' }) }),
    }))
    .respond(Screen, ({ reviews }) => ({ text: reviews.id }));
  const bff = testBff([lonely], heldShop().fakes);
  const facts = requestFacts(bff);
  const leaving = new AbortController();
  const answer = bff.app.request('/lonely', { signal: leaving.signal });
  await turn();
  leaving.abort();
  await answer;
  expect(facts[0]).toMatchObject({ status: 499, code: 'client-gone', degraded: [] });
  expect([bff.fakes.aborted(), bff.fakes.open(), bff.clock.pending()]).toEqual([1, 0, 0]);
});

const conditional = endpoint('GET', '/conditional', { ...options, query: z.object({ more: z.string() }) })
  .plan(({ call, when }) => {
    const profile = call(shop.profile, () => ({}));
    const orders = when(
      { profile },
      ({ profile, input }) => profile.id === input.query.more,
      call(shop.orders, { profile }, ({ profile }) => ({ params: { user: profile.id } })),
    );
    const price = call(shop.price, { orders }, ({ orders }) => ({
      params: { product: orders?.id ?? 'any' },
    }));
    return { orders, price };
  })
  .respond(Screen, ({ orders, price }) => ({ text: `${orders?.id} ${price.id}` }));

test('a call under a condition that does not hold is not made, and its value is undefined', async () => {
  const bff = testBff([conditional], { shop: ({ target }) => ({ body: { id: target.slice(1) } }) });
  expect(await (await bff.app.request('/conditional?more=no')).json()).toEqual({
    text: 'undefined price/any',
  });
  expect(asked(bff)).toEqual(['profile', 'price']);
});

test('a call under a condition that holds is made once', async () => {
  const bff = testBff([conditional], { shop: ({ operation }) => ({ body: { id: operation } }) });
  expect(await (await bff.app.request('/conditional?more=profile')).json()).toEqual({ text: 'orders price' });
  expect(asked(bff)).toEqual(['profile', 'orders', 'price']);
});

test('a condition on an optional call keeps it optional', async () => {
  const maybe = endpoint('GET', '/maybe', options)
    .plan(({ optional, when }) => ({
      reviews: when(
        {},
        () => true,
        optional(shop.reviews, () => ({}), { fallback: () => ({ id: 'none' }) }),
      ),
    }))
    .respond(Screen, ({ reviews }) => ({ text: `${reviews?.id}` }));
  const bff = testBff([maybe], { shop: () => ({ status: 500 }) });
  const answer = await bff.app.request('/maybe');
  expect(await answer.json()).toEqual({ text: 'none' });
  expect(answer.headers.get('bff-degraded')).toBe('reviews');
});

test('a derived value is computed once from what it names, input and caller included', async () => {
  let computed = 0;
  const derived = endpoint('GET', '/derived/:tag', options)
    .plan(({ call, derive }) => {
      const profile = call(shop.profile, () => ({}));
      const label = derive({ profile }, ({ profile, input, principal }) => {
        computed += 1;
        return `${profile.id}-${input.params.tag}-${principal?.subject ?? 'nobody'}`;
      });
      const orders = call(shop.orders, { label }, ({ label }) => ({ params: { user: label } }));
      const price = call(shop.price, { label }, ({ label }) => ({ params: { product: label } }));
      return { label, orders, price };
    })
    .respond(Screen, ({ label, orders, price }) => ({ text: [label, orders.id, price.id].join(' ') }));
  const bff = testBff([derived], { shop: ({ operation }) => ({ body: { id: operation } }) });
  const answer = await bff.app.request('/derived/x', { headers: { 'x-test-caller': 'usr_1' } });
  expect(await answer.json()).toEqual({ text: 'profile-x-usr_1 orders price' });
  expect(computed).toBe(1);
});

const secret = 'http://10.0.0.7:8080 said no';
const thrower = (): never => {
  throw new Error(secret);
};
const failing = { shop: () => ({ status: 500 }) };
const answering = { shop: () => ({ body: { id: '1' } }) };

test.each([
  [
    'the request function of a call',
    answering,
    endpoint('GET', '/x', options)
      .plan(({ call }) => ({ profile: call(shop.profile, thrower) }))
      .respond(Screen, ({ profile }) => ({ text: profile.id })),
  ],
  [
    'the request function of an optional call',
    answering,
    endpoint('GET', '/x', options)
      .plan(({ optional }) => ({
        profile: optional(shop.profile, thrower, { fallback: () => ({ id: '' }) }),
      }))
      .respond(Screen, ({ profile }) => ({ text: profile.id })),
  ],
  [
    'a fallback',
    failing,
    endpoint('GET', '/x', options)
      .plan(({ optional }) => ({ profile: optional(shop.profile, () => ({}), { fallback: thrower }) }))
      .respond(Screen, ({ profile }) => ({ text: profile.id })),
  ],
  [
    'a predicate',
    answering,
    endpoint('GET', '/x', options)
      .plan(({ call, when }) => ({
        profile: when(
          {},
          thrower,
          call(shop.profile, () => ({})),
        ),
      }))
      .respond(Screen, () => ({ text: '' })),
  ],
  [
    'a derived value',
    answering,
    endpoint('GET', '/x', options)
      .plan(({ derive }) => ({ label: derive({}, thrower) }))
      .respond(Screen, () => ({ text: '' })),
  ],
  [
    'respond',
    answering,
    endpoint('GET', '/x', options)
      .plan(({ call }) => ({ profile: call(shop.profile, () => ({})) }))
      .respond(Screen, thrower),
  ],
])('%s that throws is our own fault: 500, and the message stays inside', async (_what, fakes, broken) => {
  const bff = testBff([broken], fakes);
  const facts = requestFacts(bff);
  const answer = await bff.app.request('/x');
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ code: 'internal' });
  expect(text).not.toContain(secret);
  expect(facts[0]?.cause).toMatchObject({ message: secret });
  expect([bff.fakes.open(), bff.clock.pending(), bff.liveRequests()]).toEqual([0, 0, 0]);
});

test('a promise is no derived value: nothing would bound how long it takes', async () => {
  const patient = endpoint('GET', '/x', options)
    .plan(({ derive }) => ({ label: derive({}, () => Promise.reject(new Error(secret))) }))
    .respond(Screen, () => ({ text: '' }));
  const bff = testBff([patient], {});
  const facts = requestFacts(bff);
  expect((await bff.app.request('/x')).status).toBe(500);
  expect(facts[0]?.cause).toMatchObject({ message: 'derive must return its value, not a promise of it' });
});
