import { get, upstream } from 'bffkit';
import { z } from 'zod';

const limited = z.object({ limit: z.number().optional() });

/** What the web app reads of the recommendations service. */
export const recommendations = upstream('recommendations', {
  operations: {
    forUser: get('/recommendations/:userId', {
      query: limited,
      response: z.object({
        items: z.array(z.object({ productId: z.string(), score: z.number(), reason: z.string() })),
      }),
    }),
    related: get('/related/:productId', {
      query: limited,
      response: z.object({ items: z.array(z.object({ productId: z.string(), score: z.number() })) }),
    }),
  },
});
