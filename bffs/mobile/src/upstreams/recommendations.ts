import { get, upstream } from 'bffkit';
import { z } from 'zod';

const Recommendation = z.object({ productId: z.string(), reason: z.string() });

/** What the phone apps read of the recommendations service. */
export const recommendations = upstream('recommendations', {
  operations: {
    forUser: get('/recommendations/:userId', {
      query: z.object({ limit: z.number() }),
      response: z.object({ items: z.array(Recommendation) }),
    }),
  },
});
