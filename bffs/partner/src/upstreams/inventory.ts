import { get, upstream } from 'bffkit';
import { z } from 'zod';

const Stock = z.object({
  sku: z.string(),
  productId: z.string(),
  available: z.number().int(),
  status: z.enum(['in_stock', 'low', 'out_of_stock']),
  restockAt: z.string().nullable(),
  updatedAt: z.string(),
});

/** What partners' requests read of the inventory service. */
export const inventory = upstream('inventory', {
  operations: {
    get: get('/stock/:sku', { response: Stock, passes: [404] }),
  },
});
