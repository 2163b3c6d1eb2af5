import { get, upstream } from 'bffkit';
import { z } from 'zod';

const Stock = z.object({
  available: z.number().int(),
  status: z.enum(['in_stock', 'low', 'out_of_stock']),
  restockAt: z.string().nullable(),
});

/** What the web app reads of the inventory service. */
export const inventory = upstream('inventory', {
  operations: {
    get: get('/stock/:sku', { response: Stock }),
  },
});
