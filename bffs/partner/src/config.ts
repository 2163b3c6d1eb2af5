import { envList, envUrl, readEnv } from 'bffkit';
import { z } from 'zod';
import { KeySeeds } from './key-seeds.ts';

const developmentSealKeys = [Buffer.from('for development only, 32 bytes!!').toString('base64')];
const developmentPepper = 'for development only and never for keys of partners';

const Env = z
  .object({
    NODE_ENV: z.string().default('production'),
    PARTNER_PUBLIC_ORIGIN: envUrl().default('http://localhost:4003'),
    REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
    PARTNER_INSTANCES: z.coerce.number().int().min(1).default(1),
    PARTNER_CURSOR_KEYS: envList().optional(),
    PARTNER_EXPLAIN_KEYS: envList().optional(),
    PARTNER_SEAL_KEYS: envList().optional(),
    PARTNER_ENVIRONMENT: z.enum(['live', 'test']).optional(),
    PARTNER_KEY_PEPPER: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(z.string().min(32, 'must have at least 32 characters')).max(5))
      .optional(),
    PARTNER_KEYS_FILE: z.string().optional(),
    PARTNER_USAGE_FILE: z.string().optional(),
    PARTNER_WEBHOOKS_FILE: z.string().optional(),
    PARTNER_WEBHOOKS_PRIVATE: z.stringbool().optional(),
    PARTNER_API_KEYS: KeySeeds.default([]),
    ISSUER_URL: envUrl().default('http://127.0.0.1:4110'),
    USERS_URL: envUrl().default('http://127.0.0.1:4101'),
    CATALOG_URL: envUrl().default('http://127.0.0.1:4102'),
    ORDERS_URL: envUrl().default('http://127.0.0.1:4103'),
    INVENTORY_URL: envUrl().default('http://127.0.0.1:4106'),
    PRICING_URL: envUrl().default('http://127.0.0.1:4108'),
  })
  .transform(({ PARTNER_ENVIRONMENT, PARTNER_KEY_PEPPER, PARTNER_SEAL_KEYS, ...env }, refinement) => {
    const isProduction = env.NODE_ENV === 'production';
    if (isProduction && PARTNER_KEY_PEPPER === undefined) {
      const message = 'must be set in production: at least 32 random characters, kept apart from the keys';
      refinement.addIssue({ code: 'custom', path: ['PARTNER_KEY_PEPPER'], message });
    }
    if (isProduction && env.REDIS_URL !== undefined && PARTNER_SEAL_KEYS === undefined) {
      const message =
        'must be set in production with REDIS_URL: 32 random bytes in base64 that seal the answers kept there';
      refinement.addIssue({ code: 'custom', path: ['PARTNER_SEAL_KEYS'], message });
    }
    if (env.PARTNER_INSTANCES > 1 && env.PARTNER_CURSOR_KEYS === undefined) {
      const message =
        'must be set where PARTNER_INSTANCES is more than 1: a cursor of one instance works on all of them';
      refinement.addIssue({ code: 'custom', path: ['PARTNER_CURSOR_KEYS'], message });
    }
    return {
      ...env,
      PARTNER_ENVIRONMENT: PARTNER_ENVIRONMENT ?? (isProduction ? 'live' : 'test'),
      PARTNER_KEY_PEPPER: PARTNER_KEY_PEPPER ?? [developmentPepper],
      PARTNER_SEAL_KEYS: PARTNER_SEAL_KEYS ?? developmentSealKeys,
    };
  });

export type Config = z.output<typeof Env>;

/** The configuration of the partner BFF; the defaults are the local shop, without keys. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return readEnv(Env, env);
}
