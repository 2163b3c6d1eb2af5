import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineBff } from './bff.ts';
import { endpoint } from './endpoint/endpoint.ts';
import { fieldUses } from './graph.ts';
import { anyone, scopes } from './identity/access.ts';
import { testCallers } from './testing/callers.ts';
import { bind } from './upstream/binding.ts';
import { get, upstream } from './upstream/operation.ts';

const users = upstream('users', {
  operations: { get: get('/users/:id', { response: z.object({ id: z.string(), name: z.string() }) }) },
});
const orders = upstream('orders', {
  operations: {
    list: get('/orders', {
      response: z.object({
        items: z.array(z.object({ id: z.string(), total: z.object({ amount: z.number() }) })),
        next: z.string().nullable(),
      }),
    }),
  },
});
const catalog = upstream('catalog', {
  operations: {
    getMany: get('/products', {
      query: z.object({ ids: z.array(z.string()) }),
      response: z.array(z.object({ id: z.string(), title: z.string() })),
    }),
  },
});

const home = endpoint('GET', '/api/home', {
  summary: 'Home.',
  access: scopes('profile:read', 'orders:read'),
  deadlineMs: 800,
  cost: 2,
})
  .plan(({ call, optional, each, derive, when }) => {
    const profile = call(users.get, () => ({ params: { id: '1' } }));
    const recent = optional(
      orders.list.pick({ items: { id: true, total: { amount: true } } }),
      { profile },
      () => ({}),
      { timeoutMs: 300, fallback: () => ({ items: [] }) },
    );
    const ids = derive({ recent }, ({ recent }) => recent.items.map(({ id }) => id));
    const products = each(ids, catalog.getMany.pick({ title: true, id: true }), {
      by: 'id',
      chunk: 50,
      max: 120,
      timeoutMs: 5_000,
      optional: true,
      request: (ids) => ({ query: { ids } }),
    });
    const again = when(
      { recent },
      () => false,
      call(users.get.pick({ name: true }), { profile }, () => ({ params: { id: '2' } })),
    );
    return { profile, recent, products, again };
  })
  .respond(z.object({}), () => ({}));

const opaque = endpoint('POST', '/api/import', {
  summary: 'Import.',
  access: anyone(),
  deadlineMs: 5_000,
}).handle(z.object({}), async () => ({}));

const { graph } = defineBff({
  name: 'web',
  owner: '@acme/web',
  identity: [testCallers()],
  endpoints: [home, opaque],
  upstreams: [
    bind(users, { targets: 'http://users.test', timeoutMs: 600, operations: { get: { timeoutMs: 200 } } }),
    bind(orders, { targets: 'http://orders.test', timeoutMs: 250 }),
    bind(catalog, {
      targets: 'http://catalog.test',
      identity: { name: 'internal-jwt', headers: () => ({}) },
    }),
  ],
});

test('the graph tells everything of a BFF as plain data, without a request', () => {
  expect(graph).toEqual({
    name: 'web',
    owner: '@acme/web',
    upstreams: ['users', 'orders', 'catalog'],
    identities: { catalog: 'internal-jwt' },
    endpoints: [
      {
        method: 'GET',
        path: '/api/home',
        summary: 'Home.',
        access: { kind: 'scopes', scopes: ['profile:read', 'orders:read'], roles: [] },
        deadlineMs: 800,
        cost: 2,
        opaque: false,
        maxCalls: 6,
        depth: 3,
        nodes: [
          {
            name: 'profile',
            kind: 'call',
            operation: 'users.get',
            mask: true,
            fields: ['id', 'name'],
            required: true,
            fallback: false,
            conditional: false,
            dependencies: [],
            timeoutMs: 200,
            maxCalls: 1,
          },
          {
            name: 'recent',
            kind: 'call',
            operation: 'orders.list',
            mask: { items: { id: true, total: { amount: true } } },
            fields: ['items.id', 'items.total.amount'],
            required: false,
            fallback: true,
            conditional: false,
            dependencies: ['profile'],
            timeoutMs: 250,
            maxCalls: 1,
          },
          {
            name: 'derive#3',
            kind: 'derive',
            required: true,
            fallback: false,
            conditional: false,
            dependencies: ['recent'],
            maxCalls: 0,
          },
          {
            name: 'products',
            kind: 'each',
            operation: 'catalog.getMany',
            mask: { title: true, id: true },
            fields: ['id', 'title'],
            required: false,
            fallback: false,
            conditional: false,
            dependencies: ['derive#3'],
            timeoutMs: 800,
            maxCalls: 3,
          },
          {
            name: 'again',
            kind: 'call',
            operation: 'users.get',
            mask: { name: true },
            fields: ['name'],
            required: true,
            fallback: false,
            conditional: true,
            dependencies: ['profile', 'recent'],
            timeoutMs: 200,
            maxCalls: 1,
          },
        ],
      },
      {
        method: 'POST',
        path: '/api/import',
        summary: 'Import.',
        access: { kind: 'anyone', scopes: [], roles: [] },
        deadlineMs: 5_000,
        cost: 1,
        opaque: true,
        maxCalls: 20,
        depth: 20,
        nodes: [],
      },
    ],
  });
});

test('who reaches a BFF at all is in the graph where it was said', () => {
  const edge = {
    publicOrigin: 'https://shop.example',
    addresses: { allow: ['10.0.0.0/8'] },
    cors: { origins: ['https://app.shop.example'], credentials: true },
  };
  const bff = defineBff({ name: 'web', owner: '@acme/web', endpoints: [], upstreams: [], ...edge });
  expect(bff.graph).toMatchObject(edge);
});

test('the graph survives JSON, so that anyone can read it', () => {
  expect(JSON.parse(JSON.stringify(graph))).toEqual(graph);
});

test('the masks are the record of which endpoint reads which field', () => {
  expect(fieldUses(graph).map(({ node, operation, field }) => `${node} ${operation}.${field}`)).toEqual([
    'profile users.get.id',
    'profile users.get.name',
    'recent orders.list.items.id',
    'recent orders.list.items.total.amount',
    'products catalog.getMany.id',
    'products catalog.getMany.title',
    'again users.get.name',
  ]);
  expect(fieldUses(graph).every(({ endpoint }) => endpoint === 'GET /api/home')).toBe(true);
});

test('what is kept is in the graph as declared, for a call and for a whole answer', () => {
  const kept = endpoint('GET', '/api/menu', {
    summary: 'Menu.',
    access: anyone(),
    deadlineMs: 500,
    cache: { scope: 'public', ttlMs: 60_000, tags: ['menu'], isSameForAll: true },
  })
    .plan(({ call }) => ({
      one: call(users.get, () => ({ params: { id: '1' } }), {
        cache: { scope: 'public', ttlMs: 5_000, swrMs: 1_000, staleIfErrorMs: 0, tags: () => ['users'] },
      }),
      two: call(users.get, () => ({ params: { id: '2' } })),
    }))
    .respond(z.object({}), () => ({}));
  const bff = defineBff({
    name: 'menu',
    owner: '@acme/menu',
    endpoints: [kept],
    upstreams: [bind(users, { targets: 'http://users.test' })],
  });
  const [described] = bff.graph.endpoints;
  expect(described?.cache).toEqual({ scope: 'public', ttlMs: 60_000, tags: ['menu'], isSameForAll: true });
  expect(described?.nodes.map(({ cache }) => cache)).toEqual([
    { scope: 'public', ttlMs: 5_000, swrMs: 1_000, staleIfErrorMs: 0, tags: 'by request' },
    undefined,
  ]);
  expect(JSON.parse(JSON.stringify(bff.graph))).toEqual(bff.graph);
});
