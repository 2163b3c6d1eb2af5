/**
 * What the compiler accepts and refuses: each `@ts-expect-error` stands directly above the line it is about.
 */
import {
  allOf,
  anyone,
  bearer,
  bind,
  endpoint,
  get,
  memoryRecords,
  type Node,
  post,
  roles,
  scopes,
  signedIn,
  upstream,
} from 'bffkit';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const Money = z.object({ amount: z.number().int(), currency: z.string() });
const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  address: z.object({ city: z.string(), postcode: z.string() }),
});
const Order = z.object({ id: z.string(), total: Money, productIds: z.array(z.string()) });
const Product = z.object({
  id: z.string(),
  title: z.string(),
  images: z.array(z.object({ url: z.string(), width: z.number() })),
});

const users = upstream('users', {
  operations: { get: get('/users/:id', { response: User, passes: [404] }) },
});
const orders = upstream('orders', {
  operations: {
    list: get('/orders', {
      query: z.object({ customer: z.string(), limit: z.number().optional() }),
      response: z.object({ items: z.array(Order), next: z.string().nullable() }),
    }),
    create: post('/orders', { body: z.object({ sku: z.string(), quantity: z.number() }), response: Order }),
  },
});
const catalog = upstream('catalog', {
  operations: {
    getMany: get('/products/batch', {
      query: z.object({ ids: z.array(z.string()) }),
      response: z.array(Product),
    }),
  },
});

const HomeScreen = z.object({
  greeting: z.string(),
  orders: z.array(z.object({ id: z.string(), total: Money, titles: z.array(z.string()) })),
});

const options = { summary: 'Home.', access: scopes('profile:read'), deadlineMs: 800 } as const;

test('the example of the README compiles, and its values have their types', () => {
  const home = endpoint('GET', '/api/home', {
    ...options,
    query: z.object({ orders: z.coerce.number().int().min(1).max(20).default(5) }),
    cost: 2,
  })
    .plan(({ call, optional, each, derive }) => {
      const profile = call(users.get.pick({ id: true, name: true }), ({ principal }) => ({
        params: { id: principal.subject },
      }));
      const recent = optional(
        orders.list.pick({ items: { id: true, total: true, productIds: true } }),
        { profile },
        ({ profile, input }) => ({ query: { customer: profile.id, limit: input.query.orders } }),
        { timeoutMs: 300, fallback: () => ({ items: [] }) },
      );
      const productIds = derive({ recent }, ({ recent }) =>
        recent.items.flatMap((order) => order.productIds),
      );
      const products = each(productIds, catalog.getMany.pick({ id: true, title: true }), {
        by: 'id',
        chunk: 50,
        max: 200,
        request: (ids) => ({ query: { ids } }),
      });
      expectTypeOf(profile).toEqualTypeOf<Node<{ id: string; name: string }>>();
      expectTypeOf(products).toEqualTypeOf<Node<ReadonlyMap<string, { id: string; title: string }>>>();
      return { profile, recent, products };
    })
    .respond(HomeScreen, ({ profile, recent, products }) => ({
      greeting: `Hello, ${profile.name}`,
      orders: recent.items.map((order) => ({
        id: order.id,
        total: order.total,
        titles: order.productIds.flatMap((id) => products.get(id)?.title ?? []),
      })),
    }));
  expectTypeOf<Exclude<(typeof home)[keyof typeof home & symbol], undefined>['answer']>().toEqualTypeOf<
    z.output<typeof HomeScreen>
  >();
});

test('pick refuses fields that do not exist, at any depth', () => {
  // @ts-expect-error unknown field
  users.get.pick({ nmae: true });
  // @ts-expect-error unknown field beside a known one
  users.get.pick({ id: true, nmae: true });
  // @ts-expect-error unknown field in a nested object
  users.get.pick({ address: { cty: true } });
  // @ts-expect-error unknown field of the items of an array
  orders.list.pick({ items: { totl: true } });
  // @ts-expect-error a scalar has no fields
  users.get.pick({ id: { length: true } });
});

test('a call refuses a request that does not fit the operation', () => {
  endpoint('GET', '/x/:userId', options).plan(({ call }) => {
    // @ts-expect-error missing path parameter
    call(users.get, () => ({}));
    // @ts-expect-error wrong name of the path parameter
    call(users.get, ({ input }) => ({ params: { uid: input.params.userId } }));
    // @ts-expect-error a path parameter that is not a string
    call(users.get, () => ({ params: { id: 7 } }));
    // @ts-expect-error unknown parameter of the input's path
    call(users.get, ({ input }) => ({ params: { id: input.params.nope } }));
    // @ts-expect-error unknown key of the input's query
    call(users.get, ({ input }) => ({ params: { id: input.query.nope } }));
    // @ts-expect-error missing query
    call(orders.list, () => ({}));
    // @ts-expect-error the body is not of the declared type
    call(orders.create, () => ({ body: { sku: 1, quantity: 1 } }));
    return { user: call(users.get, ({ input }) => ({ params: { id: input.params.userId } })) };
  });
});

test('only what was picked can be read', () => {
  endpoint('GET', '/x', options)
    .plan(({ call }) => {
      const user = call(users.get.pick({ name: true }), () => ({ params: { id: '1' } }));
      // @ts-expect-error `id` was not picked
      call(orders.list, { user }, ({ user }) => ({ query: { customer: user.id } }));
      return { user };
    })
    // @ts-expect-error `email` was not picked
    .respond(z.object({ email: z.string() }), ({ user }) => ({ email: user.email }));
});

test('an optional call without a fallback must be checked, and a fallback must fit', () => {
  endpoint('GET', '/x', options)
    .plan(({ optional, when, call }) => {
      const recent = optional(orders.list, () => ({ query: { customer: '1' } }));
      // @ts-expect-error the fallback is not the answer's type
      optional(orders.list, () => ({ query: { customer: '1' } }), { fallback: () => ({ rows: [] }) });
      const user = call(users.get, () => ({ params: { id: '1' } }));
      const maybe = when(
        { user },
        ({ user }) => user.name !== '',
        optional(orders.list, () => ({ query: { customer: '1' } }), {
          fallback: () => ({ items: [], next: null }),
        }),
      );
      return { recent, maybe };
    })
    .respond(z.object({ count: z.number(), next: z.string().nullable() }), ({ recent, maybe }) => ({
      // @ts-expect-error `value` is there only when `ok` was checked
      count: recent.value.items.length,
      // @ts-expect-error under `when` the value may be undefined
      next: maybe.next,
    }));
});

test('a node has no value inside plan', () => {
  endpoint('GET', '/x', options).plan(({ call }) => {
    const user = call(users.get, () => ({ params: { id: '1' } }));
    // @ts-expect-error a node has no readable properties
    user.name;
    return { user };
  });
});

test('the answer must have every field of the response', () => {
  endpoint('GET', '/x', options)
    .plan(({ call }) => ({ user: call(users.get.pick({ name: true }), () => ({ params: { id: '1' } })) }))
    // @ts-expect-error `city` is missing
    .respond(z.object({ name: z.string(), city: z.string() }), ({ user }) => ({ name: user.name }));
});

test('the principal is there only where access demands one', () => {
  endpoint('GET', '/x', { ...options, access: anyone() }).plan(({ call }) => ({
    // @ts-expect-error nobody may be signed in
    user: call(users.get, ({ principal }) => ({ params: { id: principal.subject } })),
  }));
  endpoint('GET', '/x', { ...options, access: signedIn() }).plan(({ call }) => ({
    user: call(users.get, ({ principal }) => ({ params: { id: principal.subject } })),
  }));
});

test('roles and combinations demand a caller, and combine only rules that do', () => {
  const whose = { summary: 'X.', deadlineMs: 100 };
  for (const access of [roles('support'), allOf(scopes('orders:read'), roles('support'), signedIn())]) {
    endpoint('GET', '/x', { ...whose, access }).plan(({ call }) => ({
      user: call(users.get, ({ principal }) => ({ params: { id: principal.subject } })),
    }));
  }
  expectTypeOf(allOf(scopes('a'), roles('b'))).toEqualTypeOf(signedIn());
  // @ts-expect-error whoever may be nobody cannot be asked for more
  allOf(anyone(), roles('support'));
  // @ts-expect-error one rule is no combination
  allOf(roles('support'));
  // @ts-expect-error no role at all
  roles();
});

test('a bound token needs the origin that clients call and a place for used proofs', () => {
  const provider = {
    issuer: 'https://login.example',
    audience: 'mobile',
    jwksUrl: 'https://login.example/jwks',
  };
  bearer({ ...provider, dpop: { publicOrigin: 'https://api.example', records: memoryRecords() } });
  // @ts-expect-error no records
  bearer({ ...provider, dpop: { publicOrigin: 'https://api.example' } });
  // @ts-expect-error no origin
  bearer({ ...provider, dpop: { records: memoryRecords() } });
});

test('access and deadline cannot be left out', () => {
  // @ts-expect-error no access
  endpoint('GET', '/x', { summary: 'X.', deadlineMs: 100 });
  // @ts-expect-error no deadline
  endpoint('GET', '/x', { summary: 'X.', access: anyone() });
  // @ts-expect-error unknown option
  endpoint('GET', '/x', { ...options, deadline: 100 });
});

test('bindings know the operations of their upstream', () => {
  bind(users, { targets: 'http://127.0.0.1:1', operations: { get: { timeoutMs: 10 } } });
  // @ts-expect-error no such operation
  bind(users, { targets: 'http://127.0.0.1:1', operations: { fetch: { timeoutMs: 10 } } });
  // @ts-expect-error an upstream without an address
  bind(users, {});
});

test('identity needs issuer, audience and keys', () => {
  // @ts-expect-error no audience
  bearer({ issuer: 'https://login.example', jwksUrl: 'https://login.example/jwks' });
});
