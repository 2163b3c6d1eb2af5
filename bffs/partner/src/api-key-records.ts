/**
 * The keys of the partners, as `PARTNER_API_KEYS` has them: a JSON list of records, one per key.
 *
 * @module
 */
import { z } from 'zod';
import { Id } from './upstreams/id.ts';

const ApiKeyRecord = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9]{12}$/, 'must be the 12 characters in the middle of the key'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lowercase hexadecimal digits'),
  partner: Id,
  plan: z.enum(['free', 'pro']).default('free'),
  scopes: z.array(z.string().regex(/^[a-z]+:[a-z]+$/, 'must look like orders:write')),
});

/** Reads the variable. `partner` is the partner's customer account: its orders are that customer's. */
export const ApiKeyRecords = z
  .string()
  .transform((text, refinement) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      refinement.addIssue({ code: 'custom', message: 'must be a JSON list of key records' });
      return z.NEVER;
    }
  })
  .pipe(z.array(ApiKeyRecord));
