import { get, upstream } from 'bffkit';
import { z } from 'zod';
import { StockStatus } from './statuses.ts';

const Stock = z.object({
  sku: z.string(),
  productId: z.string(),
  available: z.number().int(),
  status: StockStatus,
  restockAt: z.string().nullable(),
  updatedAt: z.string(),
});

/** What partners' requests read of the inventory service. */
export const inventory = upstream('inventory', {
  operations: {
    get: get('/stock/:sku', { response: Stock, passes: [404] }),
  },
});
