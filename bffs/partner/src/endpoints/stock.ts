import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { Id } from '../upstreams/id.ts';
import { inventory } from '../upstreams/inventory.ts';

export const StockDocument = z.object({
  sku: z.string(),
  productId: z.string(),
  available: z.number().int(),
  status: z.string(),
  restockAt: z.string().nullable(),
  updatedAt: z.string(),
});

export const stock = endpoint('GET', '/v1/inventory/:sku', {
  summary: 'How much of a sku can be ordered.',
  access: scopes('inventory:read'),
  params: z.object({ sku: Id }),
  deadlineMs: 2_000,
})
  .plan(({ call }) => ({
    found: call(inventory.get, ({ input }) => ({ params: { sku: input.params.sku } })),
  }))
  .respond(StockDocument, ({ found }) => found);
