import { get, upstream } from 'bffkit';
import { z } from 'zod';

const query = z.object({ limit: z.number().optional() });
const response = z.object({ items: z.array(z.object({ productId: z.string() })) });

/** What the web app reads of the recommendations service. */
export const recommendations = upstream('recommendations', {
  operations: {
    forUser: get('/recommendations/:userId', { query, response }),
    related: get('/related/:productId', { query, response }),
  },
});
