/**
 * The keys that the configuration brings, as `PARTNER_API_KEYS` has them: a JSON list, one entry per key.
 *
 * @module
 */
import { z } from 'zod';
import { Id } from './upstreams/id.ts';

const KeySeed = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9]{12}$/, 'must be the 12 characters after the environment'),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lowercase hexadecimal digits'),
  partner: Id,
  plan: z.enum(['free', 'pro']).default('free'),
  scopes: z.array(z.string().regex(/^[a-z]+:[a-z]+$/, 'must look like orders:write')),
  expiresMs: z.int().min(0).optional(),
});

/** Reads the variable. `partner` is the partner's customer account: its orders are that customer's. */
export const KeySeeds = z
  .string()
  .transform((text, refinement) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      refinement.addIssue({ code: 'custom', message: 'must be a JSON list of keys' });
      return z.NEVER;
    }
  })
  .pipe(z.array(KeySeed));
