import { get, upstream } from 'bffkit';
import { z } from 'zod';
import { Address } from './address.ts';

const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  phone: z.string(),
  locale: z.string(),
  tier: z.enum(['basic', 'plus', 'pro']),
  avatarUrl: z.string(),
  address: Address,
  loyaltyPoints: z.number().int(),
});

/** What the web app reads of the users service. */
export const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: User, passes: [404] }),
  },
});
