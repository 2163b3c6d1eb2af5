import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineBff } from './bff.ts';
import type { BffOptions } from './bff-options.ts';
import { endpoint } from './endpoint/endpoint.ts';
import { anyone } from './identity/access.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { type FakeAnswer, testBff } from './testing/index.ts';
import { bind } from './upstream/binding.ts';
import { get, type Method, upstream } from './upstream/operation.ts';

const Part = z.object({ id: z.string() });
const users = upstream('users', { operations: { get: get('/users/:id', { response: Part }) } });
const orders = upstream('orders', { operations: { list: get('/orders', { response: Part }) } });
const sound: BffOptions = { name: 'web', owner: '@acme/web', upstreams: [], endpoints: [] };
const options = { summary: 'X.', access: anyone(), deadlineMs: 1_000 } as const;

/** An endpoint that answers with the path it was declared with. */
function at(path: string, method: Method = 'GET') {
  return endpoint(method, path, options).handle(z.object({ at: z.string() }), async () => ({ at: path }));
}

const reader = endpoint('GET', '/orders', options)
  .plan(({ call }) => ({ orders: call(orders.list, () => ({})) }))
  .respond(Part, ({ orders }) => orders);

test.each<[string, object, string]>([
  [
    'an unknown option, with the nearest known one',
    { endpoint: [] },
    "defineBff: unknown option 'endpoint'; did you mean 'endpoints'?",
  ],
  [
    'an unknown option that resembles none, with the list',
    { graphql: true },
    "defineBff: unknown option 'graphql'; it knows name, owner, identity,",
  ],
  ['a name in capitals', { name: 'Web' }, "defineBff: name must be lowercase, got 'Web'"],
  ['an empty name', { name: '' }, "defineBff: name must be lowercase, got ''"],
  [
    'an endpoint that calls an upstream without a binding',
    { endpoints: [reader], upstreams: [bind(users, { targets: 'http://users.test' })] },
    "GET /orders: orders.list is called, but upstream 'orders' is not bound; add bind(…) to upstreams",
  ],
  [
    'an upstream that is bound twice',
    {
      upstreams: [
        bind(users, { targets: 'http://users.test' }),
        bind(users, { targets: 'http://other.test' }),
      ],
    },
    "defineBff: the upstream 'users' is bound twice",
  ],
  [
    'two endpoints on one route',
    { endpoints: [at('/api/home'), at('/api/home')] },
    "defineBff: two endpoints on one route: 'GET /api/home' and 'GET /api/home'",
  ],
  [
    'two endpoints whose routes differ in the names of parameters only',
    { endpoints: [at('/users/:id/orders/:order'), at('/users/:user/orders/:id')] },
    "defineBff: two endpoints on one route: 'GET /users/:id/orders/:order' and 'GET /users/:user/orders/:id'",
  ],
])('boot refuses %s', (_what, wrong, message) => {
  const boot = (): unknown => defineBff({ ...sound, ...wrong });
  expect(boot).toThrow(RangeError);
  expect(boot).toThrow(message);
});

test('a refused boot names the endpoint whose mask does not fit, and the field', () => {
  const pick = orders.list.pick as unknown as (mask: object) => typeof orders.list;
  const wrong = endpoint('GET', '/orders', options)
    .plan(({ call }) => ({ orders: call(pick({ idd: true }), () => ({})) }))
    .respond(Part, ({ orders }) => orders);
  expect(() => testBff([wrong], { orders: () => ({}) })).toThrow(
    "GET /orders: orders.list: pick: the answer has no field 'idd'; it has id",
  );
});

test('one route may have an endpoint per method', async () => {
  const bff = testBff([at('/cart'), at('/cart', 'PUT'), at('/cart', 'DELETE')], {});
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await bff.app.request('/cart', { method })).status).toBe(200);
  }
});

test.each([
  ['/orders/new', '/orders/new'],
  ['/orders/7', '/orders/:id'],
  ['/orders/7/lines', '/orders/:id/lines'],
  ['/orders/new/lines', '/orders/:id/lines'],
  ['/users/orders', '/users/orders'],
  ['/x/orders', '/:a/orders'],
  ['/users/y', '/users/:b'],
])('the route with the most literal segments wins, whatever the order: %s is %s', async (path, route) => {
  const routes = [
    '/orders/:id',
    '/orders/new',
    '/orders/:id/lines',
    '/:a/orders',
    '/users/:b',
    '/users/orders',
  ];
  for (const order of [routes, routes.toReversed()]) {
    const bff = testBff(
      order.map((each) => at(each)),
      {},
    );
    expect(await (await bff.app.request(path)).json()).toEqual({ at: route });
  }
});

test('plain routes and middleware run beside the endpoints, without their protection', async () => {
  const bff = testBff(
    [at('/api/home')],
    {},
    {
      routes: (app) =>
        app
          .use('/api/*', async (c, next) => {
            await next();
            c.header('x-team', 'web');
          })
          .get('/robots.txt', (c) => c.text('Disallow: /')),
    },
  );
  expect((await bff.app.request('/api/home')).headers.get('x-team')).toBe('web');
  expect(await (await bff.app.request('/robots.txt')).text()).toBe('Disallow: /');
});

test('fetch answers like the app', async () => {
  const answer = await testBff([at('/api/home')], {}).fetch(new Request('http://bff.test/api/home'));
  expect(await answer.json()).toEqual({ at: '/api/home' });
});

test('a breaker is there for every upstream and every operation with its own', () => {
  const bff = defineBff({
    ...sound,
    upstreams: [
      bind(users, { targets: 'http://users.test', operations: { get: { breaker: { openMs: 5_000 } } } }),
      bind(orders, { targets: 'http://orders.test' }),
    ],
  });
  expect(bff.upstreams.breakers()).toEqual([
    { upstream: 'users', state: 'closed' },
    { upstream: 'users', operation: 'get', state: 'closed' },
    { upstream: 'orders', state: 'closed' },
  ]);
});

test('close ends what runs with 503, counts it until then, and closes every upstream', async () => {
  const closed: string[] = [];
  const hanging = Promise.withResolvers<FakeAnswer>();
  const bff = testBff([reader], { orders: () => hanging.promise });
  const observed = defineBff({
    ...sound,
    clock: bff.clock,
    endpoints: [reader],
    upstreams: [
      bind(orders, { targets: 'http://orders.test' }),
      bind(users, { targets: 'http://users.test' }),
    ],
    transport: ({ name }) => ({
      send() {
        const answer = Promise.withResolvers<never>();
        return { answer: answer.promise, abort: answer.reject };
      },
      close: async () => void closed.push(name),
    }),
  });
  const answer = observed.app.request('/orders');
  await turn();
  expect(observed.liveRequests()).toBe(1);
  await observed.close();
  expect((await answer).status).toBe(503);
  expect(await (await answer).json()).toMatchObject({ code: 'shutting-down' });
  expect(observed.liveRequests()).toBe(0);
  expect(closed).toEqual(['orders', 'users']);
});

test('the wire is asked for the address and the bounds of the binding', async () => {
  const sent: unknown[] = [];
  const bff = defineBff({
    ...sound,
    endpoints: [reader],
    upstreams: [
      bind(orders, { targets: 'http://orders.test:8080', maxAnswerBytes: 7, retry: { attempts: 0 } }),
    ],
    transport: (binding) => ({
      send(request) {
        sent.push([binding.concurrency.most, request.origin, request.maxAnswerBytes]);
        return { answer: Promise.reject(new GatewayError('upstream-unreachable')), abort: () => {} };
      },
      close: () => Promise.resolve(),
    }),
  });
  expect((await bff.app.request('/orders')).status).toBe(502);
  expect(sent).toEqual([[64, 'http://orders.test:8080', 7]]);
});
