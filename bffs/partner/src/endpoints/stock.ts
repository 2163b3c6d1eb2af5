import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { Id, stableId } from '../upstreams/id.ts';
import { instant } from '../upstreams/instant.ts';
import { inventory } from '../upstreams/inventory.ts';
import { StockStatus } from '../upstreams/statuses.ts';

export const StockDocument = z
  .object({
    sku: z.string(),
    productId: stableId('the product'),
    available: z.number().int().describe('Pieces that can be ordered now.'),
    status: StockStatus,
    restockAt: instant('When more is expected; `null` when it is not known.').nullable(),
    updatedAt: instant('When it changed last.'),
  })
  .meta({ id: 'Stock', description: 'How much there is of a sku.' });

export const stock = endpoint('GET', '/v1/inventory/:sku', {
  summary: 'How much of a sku can be ordered.',
  access: scopes('inventory:read'),
  params: z.object({ sku: Id.describe('The sku of a product.') }),
  deadlineMs: 2_000,
})
  .plan(({ call }) => ({
    found: call(inventory.get, ({ input }) => ({ params: { sku: input.params.sku } })),
  }))
  .respond(StockDocument, ({ found }) => found);
