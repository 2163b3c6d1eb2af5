import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { Address } from '../upstreams/address.ts';
import { users } from '../upstreams/users.ts';

const Account = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  phone: z.string(),
  locale: z.string(),
  tier: z.string(),
  avatarUrl: z.string(),
  address: Address,
  loyaltyPoints: z.number().int(),
});

export const account = endpoint('GET', '/api/account', {
  summary: 'The caller’s own account.',
  access: scopes('profile:read'),
  deadlineMs: 800,
})
  .plan(({ call }) => ({ user: call(users.get, ({ principal }) => ({ params: { id: principal.subject } })) }))
  .respond(Account, ({ user }) => user);
