/**
 * A customer, as the users service sends it.
 *
 * @module
 */
import * as z from 'zod';
import { Address, Tier, Timestamp, UserId } from './common.ts';
import { component, type Immutable } from './component.ts';

/** `internalRiskScore` and `passwordHash` are internal: no client may ever see them. */
export const User = component(
  'User',
  z.strictObject({
    id: UserId,
    name: z.string(),
    email: z.email(),
    phone: z.string(),
    locale: z.string().regex(/^[a-z]{2}-[A-Z]{2}$/),
    country: z.string().regex(/^[A-Z]{2}$/),
    tier: Tier,
    avatarUrl: z.url(),
    address: Address,
    loyaltyPoints: z.int().nonnegative(),
    createdAt: Timestamp,
    internalRiskScore: z.number().min(0).max(1),
    passwordHash: z.string(),
  }),
);
export type User = Immutable<z.infer<typeof User>>;
