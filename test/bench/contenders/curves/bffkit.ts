/**
 * The curves by bffkit, with everything on.
 *
 * @module
 */
import {
  bearer,
  bind,
  type Endpoint,
  endpoint,
  get,
  scopes,
  type UpstreamBinding,
  upstream,
  whole,
} from 'bffkit';
import { z } from 'zod';
import { sizes, widths } from '../../work/curves.ts';
import { serveBench } from '../bffkit/serve.ts';
import { Money, Order, page, Recommendation } from '../bffkit/upstreams.ts';
import { readAssignment } from '../gateway.ts';

const assignment = readAssignment();
const { issuer, curves } = assignment;
const access = scopes('home:read');
/** Long enough for the worst moment of a crowded machine. */
const deadlineMs = 30_000;

const upstreams: UpstreamBinding[] = [];
const endpoints: Endpoint[] = [];

const branches = curves.branches.map((targets, index) => {
  const branch = upstream(`branch-${index + 1}`, {
    operations: { list: get('/orders', { response: page(Recommendation) }) },
  });
  upstreams.push(bind(branch, { targets, timeoutMs: 20_000 }));
  return branch.list.pick({ items: { productId: true, title: true, price: true } });
});

const Branch = z.object({
  items: z.array(z.object({ productId: z.string(), title: z.string(), price: Money })),
});

for (const width of widths) {
  const names = Array.from({ length: width }, (_, index) => `part${index + 1}`);
  endpoints.push(
    endpoint('GET', `/width/${width}`, { summary: `${width} services.`, access, deadlineMs })
      .plan(({ call }) =>
        Object.fromEntries(
          branches.slice(0, width).map((list, at) => [names[at] ?? '', call(list, () => ({}))]),
        ),
      )
      .respond(z.object({ parts: z.array(Branch) }), (answers) => ({
        parts: names.map((name) => answers[name] as z.output<typeof Branch>),
      })),
  );
}

const Trimmed = z.object({
  items: z.array(z.object({ id: z.string(), status: z.string(), total: Money })),
});

for (const [index, kilobytes] of sizes.entries()) {
  const service = upstream(`sized-${kilobytes}`, {
    operations: { list: get('/orders', { response: page(Order) }) },
  });
  upstreams.push(bind(service, { targets: curves.sized[index] ?? '', timeoutMs: 20_000 }));
  const few = service.list.pick({ items: { id: true, status: true, total: true } });
  endpoints.push(
    endpoint('GET', `/trim/${kilobytes}`, { summary: `${kilobytes} KB, few fields.`, access, deadlineMs })
      .plan(({ call }) => ({ orders: call(few, () => ({})) }))
      .respond(Trimmed, ({ orders }) => orders),
    endpoint('GET', `/unread/${kilobytes}`, { summary: `${kilobytes} KB as text.`, access, deadlineMs })
      .plan(({ call }) => ({ orders: call(service.list.whole(), () => ({})) }))
      .respond(whole(page(Order)), ({ orders }) => orders),
    endpoint('GET', `/whole/${kilobytes}`, { summary: `${kilobytes} KB as they are.`, access, deadlineMs })
      .plan(({ call }) => ({ orders: call(service.list, () => ({})) }))
      .respond(page(Order), ({ orders }) => orders),
  );
}

await serveBench({
  upstreams,
  endpoints,
  identity: [bearer({ issuer, audience: 'bench', jwksUrl: `${issuer}/jwks`, algorithms: ['RS256'] })],
});
