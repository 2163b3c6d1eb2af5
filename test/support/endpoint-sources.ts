/**
 * Source files as a team of the future has them: any number of endpoints, each with six calls of every
 * kind, and one file that hands them all to `defineBff`.
 *
 * @module
 */

/** File names and their contents; `all.ts` imports every other. */
export function endpointSources(count: number): ReadonlyMap<string, string> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  return new Map([
    ['upstreams.ts', upstreams],
    ...numbers.map((number): [string, string] => [`endpoint-${number}.ts`, endpointSource(number)]),
    ['all.ts', allSource(numbers)],
  ]);
}

const upstreams = `
import { get, upstream } from 'bffkit';
import { z } from 'zod';
const User = z.object({
  id: z.string(), name: z.string(), email: z.string().nullable(),
  address: z.object({ city: z.string(), postcode: z.string() }),
});
const Order = z.object({ id: z.string(), total: z.number(), productIds: z.array(z.string()) });
const Product = z.object({
  id: z.string(), title: z.string(), images: z.array(z.object({ url: z.string(), width: z.number() })),
});
export const users = upstream('users', { operations: { get: get('/users/:id', { response: User }) } });
export const orders = upstream('orders', { operations: { list: get('/orders', {
  query: z.object({ customer: z.string(), limit: z.number().optional() }),
  response: z.object({ items: z.array(Order), next: z.string().nullable() }),
}) } });
export const catalog = upstream('catalog', { operations: { getMany: get('/products/batch', {
  query: z.object({ ids: z.array(z.string()) }), response: z.array(Product),
}) } });
`;

function endpointSource(number: number): string {
  return `
import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { catalog, orders, users } from './upstreams.ts';
const Screen = z.object({
  greeting: z.string(), count: z.number(),
  orders: z.array(z.object({ id: z.string(), titles: z.array(z.string()) })),
});
export const endpoint${number} = endpoint('GET', '/api/screens/${number}/:userId', {
  summary: 'A screen.', access: scopes('a'), deadlineMs: 800,
  query: z.object({ orders: z.coerce.number().int().default(5) }),
})
  .plan(({ call, optional, each, derive }) => {
    const profile = call(users.get.pick({ id: true, name: true }), ({ principal }) => ({
      params: { id: principal.subject },
    }));
    const other = call(users.get.pick({ id: true, address: { city: true } }), ({ input }) => ({
      params: { id: input.params.userId },
    }));
    const recent = optional(
      orders.list.pick({ items: { id: true, productIds: true } }), { profile },
      ({ profile, input }) => ({ query: { customer: profile.id, limit: input.query.orders } }),
      { timeoutMs: 300, fallback: () => ({ items: [] }) },
    );
    const more = optional(orders.list.pick({ items: { id: true } }), { other }, ({ other }) => ({
      query: { customer: other.id },
    }));
    const ids = derive({ recent }, ({ recent }) => recent.items.flatMap((order) => order.productIds));
    const products = each(ids, catalog.getMany.pick({ id: true, title: true }), {
      by: 'id', chunk: 50, max: 200, request: (ids) => ({ query: { ids } }),
    });
    const extra = call(catalog.getMany.pick({ images: { url: true } }), () => ({ query: { ids: [] } }));
    return { profile, recent, products, more, extra };
  })
  .respond(Screen, ({ profile, recent, products, more, extra }) => ({
    greeting: profile.name,
    count: (more.ok ? more.value.items.length : 0) + extra.length,
    orders: recent.items.map((order) => ({
      id: order.id, titles: order.productIds.flatMap((id) => products.get(id)?.title ?? []),
    })),
  }));
`;
}

function allSource(numbers: readonly number[]): string {
  return `
import { defineBff } from 'bffkit';
${numbers.map((number) => `import { endpoint${number} } from './endpoint-${number}.ts';`).join('\n')}
export const bff = defineBff({
  name: 'all', owner: '@acme/all', upstreams: [],
  endpoints: [${numbers.map((number) => `endpoint${number}`).join(', ')}],
});
`;
}
