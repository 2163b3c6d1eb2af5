import { get, upstream } from 'bffkit';
import { z } from 'zod';

const Review = z.object({
  id: z.string(),
  author: z.string(),
  rating: z.number().int(),
  title: z.string(),
  body: z.string(),
  verified: z.boolean(),
  createdAt: z.string(),
});

/** What the web app reads of the reviews service. */
export const reviews = upstream('reviews', {
  operations: {
    list: get('/reviews', {
      query: z.object({ product: z.string(), limit: z.number().optional() }),
      response: z.object({ items: z.array(Review) }),
    }),
  },
});
