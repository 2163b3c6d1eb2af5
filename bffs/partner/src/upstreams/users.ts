import { get, upstream } from 'bffkit';
import { z } from 'zod';

/** What partners' requests read of the users service. */
export const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: z.object({ tier: z.enum(['basic', 'plus', 'pro']) }) }),
  },
});
