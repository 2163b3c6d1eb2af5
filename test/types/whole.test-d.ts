/**
 * What the compiler accepts and refuses of answers that are passed whole: each `@ts-expect-error` stands directly
 * above the line it is about.
 */
import {
  anyone,
  endpoint,
  get,
  type Node,
  type Operation,
  type Settled,
  upstream,
  type Whole,
  whole,
  wholeOf,
} from 'bffkit';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const Product = z.object({ id: z.string(), title: z.string(), tags: z.array(z.string()) });
const Wider = Product.extend({ cost: z.number() });
const Narrower = Product.pick({ id: true, title: true });
type Product = z.output<typeof Product>;

const catalog = upstream('catalog', {
  operations: {
    get: get('/products/:id', { response: Product }),
    wider: get('/wider', { response: Wider }),
    narrower: get('/narrower', { response: Narrower }),
    many: get('/products', { response: z.array(Product) }),
    drop: get('/drop'),
  },
});
const options = { summary: 'X.', access: anyone(), deadlineMs: 100 } as const;

test('it is one value, and its answer is described by the schema', () => {
  const declared = endpoint('GET', '/products/:id', options)
    .plan(({ call, optional, derive }) => {
      const product = call(catalog.get.whole(), ({ input }) => ({ params: input.params }));
      const settled = optional(catalog.get.whole(), () => ({ params: { id: '1' } }));
      const other = optional(catalog.get.whole(), () => ({ params: { id: '1' } }), {
        fallback: () => wholeOf(Product, { id: '1', title: '', tags: [] }),
      });
      const derived = derive({ product }, ({ product }) => product);
      expectTypeOf(product).toEqualTypeOf<Node<Whole<Product>>>();
      expectTypeOf(settled).toEqualTypeOf<Node<Settled<Whole<Product>>>>();
      expectTypeOf(other).toEqualTypeOf<Node<Whole<Product>>>();
      expectTypeOf(derived).toEqualTypeOf<Node<Whole<Product>>>();
      return { product, settled, derived };
    })
    .respond(z.object({ a: whole(Product), b: whole(Product).nullable() }), ({ product, settled }) => ({
      a: product,
      b: settled.ok ? settled.value : null,
    }));
  expectTypeOf<
    Exclude<(typeof declared)[keyof typeof declared & symbol], undefined>['answer']
  >().toEqualTypeOf<{
    a: Product;
    b: Product | null;
  }>();
});

test('it takes what its operation takes', () => {
  endpoint('GET', '/x', options).plan(({ call }) => {
    // @ts-expect-error missing path parameter
    call(catalog.get.whole(), () => ({}));
    return { product: call(catalog.get.whole(), () => ({ params: { id: '1' } })) };
  });
});

test('no field of it can be read', () => {
  endpoint('GET', '/x', options)
    .plan(({ call, derive }) => {
      const product = call(catalog.get.whole(), () => ({ params: { id: '1' } }));
      // @ts-expect-error nobody reads it
      derive({ product }, ({ product }) => product.title);
      // @ts-expect-error nor its items
      derive({ product }, ({ product }) => product[0]);
      return { product };
    })
    // @ts-expect-error nor makes an answer of it
    .respond(Product, ({ product }) => ({ ...product }));
});

test('of a pick it is what was picked', () => {
  const picked = catalog.wider.pick({ id: true, title: true }).whole();
  expectTypeOf(picked).toExtend<Operation<object, Whole<z.output<typeof Narrower>>>>();
  const planned = endpoint('GET', '/picked', options).plan(({ call }) => ({
    picked: call(picked, () => ({})),
  }));
  planned.respond(whole(Narrower), ({ picked }) => picked);
  // @ts-expect-error what was not picked is not there
  planned.respond(whole(Wider), ({ picked }) => picked);
});

test('only whole(…) of this very answer takes it', () => {
  const planned = endpoint('GET', '/x', options).plan(({ call }) => ({
    product: call(catalog.get.whole(), () => ({ params: { id: '1' } })),
    wider: call(catalog.wider.whole(), () => ({})),
    narrower: call(catalog.narrower.whole(), () => ({})),
    read: call(catalog.get, () => ({ params: { id: '1' } })),
    settled: call(catalog.many.whole(), () => ({})),
  }));
  planned.respond(whole(Product), ({ product }) => product);
  // @ts-expect-error it has not been read
  planned.respond(Product, ({ product }) => product);
  // @ts-expect-error it has been read
  planned.respond(whole(Product), ({ read }) => read);
  // @ts-expect-error its service says more than the schema: all of it would leave
  planned.respond(whole(Product), ({ wider }) => wider);
  // @ts-expect-error its service says less
  planned.respond(whole(Product), ({ narrower }) => narrower);
  // @ts-expect-error its service gives a list of them
  planned.respond(whole(Product), ({ settled }) => settled);
  // @ts-expect-error in a list as well
  planned.respond(z.object({ items: z.array(whole(Product)) }), ({ wider }) => ({ items: [wider] }));
});

test('a batch reads its items', () => {
  endpoint('GET', '/x', options).plan(({ each, derive }) => {
    const ids = derive({}, () => ['a']);
    return {
      // @ts-expect-error by key
      items: each(ids, catalog.many.whole(), { by: 'id', max: 1, request: () => ({}) }),
    };
  });
});

test('an operation is not taken for one with another answer', () => {
  expectTypeOf(catalog.wider).not.toExtend<Operation<Record<never, never>, { nope: string }>>();
  expectTypeOf(catalog.get.whole()).not.toExtend<typeof catalog.get>();
  expectTypeOf(catalog.get).not.toExtend<Operation<{ params: { id: string } }, string>>();
});

test('a fallback is checked against the schema', () => {
  // @ts-expect-error no tags
  wholeOf(Product, { id: '1', title: '' });
  endpoint('GET', '/x', options).plan(({ optional }) => ({
    // @ts-expect-error a value is not what a service wrote
    product: optional(catalog.get.whole(), () => ({ params: { id: '1' } }), {
      fallback: () => ({ id: '1', title: '', tags: [] }),
    }),
  }));
});
