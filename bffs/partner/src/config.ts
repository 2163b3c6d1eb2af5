import { envPort, envUrl, readEnv } from 'bffkit';
import { z } from 'zod';
import { ApiKeyRecords } from './api-key-records.ts';

const Env = z.object({
  NODE_ENV: z.string().default('production'),
  PARTNER_PORT: envPort().default(4003),
  PARTNER_ADMIN_PORT: envPort().default(9003),
  PARTNER_GRACE_MS: z.coerce.number().min(0).default(5_000),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  PARTNER_INSTANCES: z.coerce.number().int().min(1).default(1),
  PARTNER_API_KEYS: ApiKeyRecords.default([]),
  ISSUER_URL: envUrl().default('http://127.0.0.1:4110'),
  USERS_URL: envUrl().default('http://127.0.0.1:4101'),
  CATALOG_URL: envUrl().default('http://127.0.0.1:4102'),
  ORDERS_URL: envUrl().default('http://127.0.0.1:4103'),
  INVENTORY_URL: envUrl().default('http://127.0.0.1:4106'),
  PRICING_URL: envUrl().default('http://127.0.0.1:4108'),
});

export type Config = z.output<typeof Env>;

/** The configuration of the partner BFF; the defaults are the local shop, without keys. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return readEnv(Env, env);
}
