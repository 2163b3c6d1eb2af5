import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import type { CallOptions, PlanBuilder } from './builder.ts';
import type { Node, Nodes } from './node.ts';

const Part = z.object({ id: z.string(), ids: z.array(z.string()) });
const shop = upstream('shop', {
  operations: {
    get: get('/part', { response: Part }),
    getMany: get('/parts', { query: z.object({ ids: z.array(z.string()) }), response: z.array(Part) }),
  },
});

type Builder = PlanBuilder<never, never>;

/** Boots an endpoint whose plan is `plan`, written without the compiler's help. */
function boot(plan: (builder: Builder) => unknown): () => void {
  return () => {
    const declared = endpoint('GET', '/api/home', { summary: 'Home.', access: anyone(), deadlineMs: 800 })
      .plan(plan as never)
      .respond(z.object({}), () => ({}));
    testBff([declared], { shop: () => ({ body: {} }) });
  };
}

const part = (): Record<never, never> => ({});
const inARow = (call: Builder['call'], calls: number): Node<unknown> => {
  let last: Node<unknown> = call(shop.get, part);
  for (let index = 1; index < calls; index += 1) last = call(shop.get, { last }, part);
  return last;
};
let foreign: Node<unknown>;
boot(({ call }) => {
  foreign = call(shop.get, part);
  return { foreign };
})();

test.each<[string, (builder: Builder) => unknown, string]>([
  [
    'more than 20 nodes',
    ({ call }) => ({ last: Array.from({ length: 21 }, () => call(shop.get, part)).at(-1) }),
    'GET /api/home: a plan may have at most 20 nodes, this one has 21',
  ],
  [
    'more than 4 calls in a row',
    ({ call }) => ({ last: inARow(call, 5) }),
    'GET /api/home: at most 4 calls may wait for each other, this plan has 5 in a row',
  ],
  ['no node', () => ({}), 'GET /api/home: the plan declares no node'],
  [
    'each without max',
    ({ each, derive }) => ({
      parts: each(
        derive({}, () => ['1']),
        shop.getMany,
        { by: 'id', request: () => ({ query: { ids: [] } }) } as never,
      ),
    }),
    "GET /api/home: node 'parts': max must be a whole number from 1 to 10000, got undefined",
  ],
  [
    'each with a max that is too large',
    ({ each, derive }) => ({
      parts: each(
        derive({}, () => ['1']),
        shop.getMany,
        { by: 'id', max: 10_001, request: () => ({ query: { ids: [] } }) },
      ),
    }),
    "GET /api/home: node 'parts': max must be a number from 1 to 10000, got 10001",
  ],
  [
    'each with an empty chunk',
    ({ each, derive }) => ({
      parts: each(
        derive({}, () => ['1']),
        shop.getMany,
        { by: 'id', max: 5, chunk: 0, request: () => ({ query: { ids: [] } }) },
      ),
    }),
    "GET /api/home: node 'parts': chunk must be a number from 1 to 10000, got 0",
  ],
  [
    'a timeout of more than 30 s',
    ({ optional }) => ({ part: optional(shop.get, part, { timeoutMs: 30_001 }) }),
    "GET /api/home: node 'part': timeoutMs must be a number from 1 to 30000, got 30001",
  ],
  [
    'an unknown option of a call',
    ({ optional }) => ({ part: optional(shop.get, part, { timeoutMs: 5, fallbak: part } as CallOptions) }),
    "GET /api/home: optional shop.get: unknown option 'fallbak'; did you mean 'fallback'?",
  ],
  [
    'a fallback on a required call',
    ({ call }) => ({ part: call(shop.get, part, { fallback: part } as CallOptions) }),
    "GET /api/home: call shop.get: unknown option 'fallback'; it knows timeoutMs",
  ],
  [
    'an unknown option of each',
    ({ each, derive }) => ({
      parts: each(
        derive({}, () => ['1']),
        shop.getMany,
        { by: 'id', max: 5, chunks: 2, request: () => ({ query: { ids: [] } }) } as never,
      ),
    }),
    "GET /api/home: each shop.getMany: unknown option 'chunks'; did you mean 'chunk'?",
  ],
  [
    'a call without a request function',
    ({ call }) => ({ part: call(shop.get, undefined as never) }),
    'GET /api/home: call shop.get: the request function is missing',
  ],
  [
    'a node of another plan as a dependency',
    ({ call }) => ({ part: call(shop.get, { foreign }, part) }),
    "GET /api/home: node 'part' uses something that is not a node of this plan",
  ],
  [
    'a node of another plan as keys',
    ({ each }) => ({
      parts: each(foreign as Node<string[]>, shop.getMany, {
        by: 'id',
        max: 5,
        request: () => ({ query: { ids: [] } }),
      }),
    }),
    "GET /api/home: node 'parts' uses something that is not a node of this plan",
  ],
  [
    'a node of another plan under when',
    ({ call, when }) => ({ first: call(shop.get, part), part: when({}, () => true, foreign) }),
    'GET /api/home: when: the third argument is not a node of this plan',
  ],
  [
    'a returned node of another plan',
    ({ call }) => ({ part: call(shop.get, part), foreign }),
    "GET /api/home: the returned 'foreign' uses something that is not a node of this plan",
  ],
  [
    'a returned value that is not a node',
    ({ call }) => ({ part: call(shop.get, part), answer: 42 }),
    "GET /api/home: the returned 'answer' uses something that is not a node of this plan",
  ],
  [
    'a plan that returns nothing',
    ({ call }) => void call(shop.get, part),
    'GET /api/home: plan must return an object of nodes, got undefined',
  ],
  [
    'a node under when that is used directly',
    ({ call, when }) => {
      const inner = call(shop.get, part);
      return { maybe: when({}, () => true, inner), after: call(shop.get, { inner }, part) };
    },
    "GET /api/home: node 'after' uses a node that runs under when(); use the node when() returned",
  ],
  [
    'a node under when that is returned directly',
    ({ call, when }) => {
      const inner = call(shop.get, part);
      return { maybe: when({}, () => true, inner), inner };
    },
    "GET /api/home: the returned 'inner' uses a node that runs under when(); use the node when() returned",
  ],
  [
    'when around when',
    ({ call, when }) => ({
      part: when(
        {},
        () => true,
        when({}, () => true, call(shop.get, part)),
      ),
    }),
    'GET /api/home: when: this node already has a condition; join the two predicates',
  ],
  [
    'two conditions on one node',
    ({ call, when }) => {
      const inner = call(shop.get, part);
      return { one: when({}, () => true, inner), other: when({}, () => false, inner) };
    },
    'GET /api/home: when: this node already has a condition; join the two predicates',
  ],
  [
    'when around something that is not a node',
    ({ when }) => ({ part: when({}, () => true, part as never) }),
    'GET /api/home: when: the third argument must be a node, such as call(…)',
  ],
  [
    'a node named input',
    ({ call }) => ({ input: call(shop.get, part) }),
    "GET /api/home: a node may not be called 'input'",
  ],
  [
    'a node named principal',
    ({ call }) => ({ principal: call(shop.get, part) }),
    "GET /api/home: a node may not be called 'principal'",
  ],
  [
    'a dependency named input',
    ({ call }) => ({ part: call(shop.get, { input: call(shop.get, part) } as Nodes, part) }),
    "GET /api/home: node 'part' may not call a dependency 'input'",
  ],
  [
    'a name that cannot stand in a header',
    ({ call }) => ({ 'цена, new': call(shop.get, part) }),
    "GET /api/home: a node's name must be letters, digits, _ or -, got 'цена, new'",
  ],
])('boot refuses %s', (_what, plan, message) => {
  expect(boot(plan)).toThrow(message);
});

test('boot explains what to do when a plan reads a property of a node', () => {
  const plan = boot(({ call }) => {
    const first = call(shop.get, part) as unknown as { readonly id: string };
    return { second: call(shop.get, { first: first.id } as never, part) };
  });
  expect(plan).toThrow(TypeError);
  expect(plan).toThrow(
    "GET /api/home: plan read '.id' of a node. A node has no value while the plan is built: name it as a " +
      "dependency and read '.id' inside the function of the next call, derive or respond",
  );
});

test('boot refuses two nodes that hand the same upstream header to the client', () => {
  const tagged = upstream('shop', {
    operations: {
      get: get('/part', { response: Part, forwardResponseHeaders: ['content-language'] }),
    },
  });
  const plan = boot(({ call }) => ({ one: call(tagged.get, part), two: call(tagged.get, part) }));
  expect(plan).toThrow(
    "GET /api/home: nodes 'one' and 'two' both forward the header 'content-language'; which one wins would depend on which answers last",
  );
});

test('boot refuses an each of several calls that hands an upstream header to the client', () => {
  const tagged = upstream('shop', {
    operations: {
      getMany: get('/parts', {
        query: z.object({ ids: z.array(z.string()) }),
        response: z.array(Part),
        forwardResponseHeaders: ['etag'],
      }),
    },
  });
  const plan = (max: number): (() => void) =>
    boot(({ each, derive }) => ({
      parts: each(
        derive({}, () => ['1']),
        tagged.getMany,
        { by: 'id', chunk: 5, max, request: (ids) => ({ query: { ids } }) },
      ),
    }));
  expect(plan(5)).not.toThrow();
  expect(plan(6)).toThrow("nodes 'parts' and 'parts' both forward the header 'etag'");
});

test('the bounds themselves are accepted: 20 nodes, 4 calls in a row', () => {
  expect(
    boot(({ call }) => {
      const last = inARow(call, 4);
      for (let index = 4; index < 20; index += 1) call(shop.get, part);
      return { last };
    }),
  ).not.toThrow();
});

test('a derived value adds nothing to the depth', () => {
  expect(
    boot(({ call, derive }) => {
      const last = inARow(call, 4);
      return { label: derive({ last }, () => '') };
    }),
  ).not.toThrow();
});
