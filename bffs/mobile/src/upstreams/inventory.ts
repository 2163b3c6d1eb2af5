import { get, upstream } from 'bffkit';
import { z } from 'zod';

/** What the phone apps read of the inventory service. */
export const inventory = upstream('inventory', {
  operations: {
    get: get('/stock/:sku', {
      response: z.object({ status: z.enum(['in_stock', 'low', 'out_of_stock']) }),
    }),
  },
});
