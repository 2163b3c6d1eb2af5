import { get, upstream } from 'bffkit';
import { z } from 'zod';
import { Money } from './money.ts';

/** What partners' requests read of the pricing service. */
export const pricing = upstream('pricing', {
  operations: {
    get: get('/prices/:productId', {
      query: z.object({ tier: z.string() }),
      response: z.object({ now: Money, validUntil: z.string() }),
    }),
  },
});
