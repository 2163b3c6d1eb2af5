import { get, upstream } from 'bffkit';
import { z } from 'zod';

const Review = z.object({ id: z.string(), author: z.string(), rating: z.number().int(), title: z.string() });
const Summary = z.object({ productId: z.string(), average: z.number(), count: z.number().int() });

/** What the phone apps read of the reviews service. */
export const reviews = upstream('reviews', {
  operations: {
    list: get('/reviews', {
      query: z.object({ product: z.string(), limit: z.number() }),
      response: z.object({ items: z.array(Review) }),
    }),
    getSummaries: get('/summaries/batch', {
      query: z.object({ ids: z.array(z.string()) }),
      response: z.array(Summary),
    }),
  },
});
