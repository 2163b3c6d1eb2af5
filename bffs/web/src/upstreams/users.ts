import { get, upstream } from 'bffkit';
import { z } from 'zod';

const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  phone: z.string(),
  locale: z.string(),
  tier: z.enum(['basic', 'plus', 'pro']),
  avatarUrl: z.string(),
  address: z.object({ line1: z.string(), city: z.string(), postcode: z.string(), country: z.string() }),
  loyaltyPoints: z.number().int(),
  createdAt: z.string(),
});

/** What the web app reads of the users service. */
export const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: User, passes: [404] }),
  },
});
