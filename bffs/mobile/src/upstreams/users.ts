import { get, upstream } from 'bffkit';
import { z } from 'zod';

const User = z.object({ name: z.string(), tier: z.enum(['basic', 'plus', 'pro']) });

/** What the phone apps read of the users service. */
export const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: User, passes: [404] }),
  },
});
