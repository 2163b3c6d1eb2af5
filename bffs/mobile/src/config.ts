import { envList, envUrl, readEnv } from 'bffkit';
import { z } from 'zod';

const Env = z
  .object({
    NODE_ENV: z.string().default('production'),
    MOBILE_PUBLIC_ORIGIN: envUrl().default('http://localhost:4002'),
    REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
    MOBILE_INSTANCES: z.coerce.number().int().min(1).default(1),
    MOBILE_CURSOR_KEYS: envList().optional(),
    MOBILE_EXPLAIN_KEYS: envList().optional(),
    ISSUER_URL: envUrl().default('http://127.0.0.1:4110'),
    USERS_URL: envUrl().default('http://127.0.0.1:4101'),
    CATALOG_URL: envUrl().default('http://127.0.0.1:4102'),
    ORDERS_URL: envUrl().default('http://127.0.0.1:4103'),
    REVIEWS_URL: envUrl().default('http://127.0.0.1:4104'),
    RECOMMENDATIONS_URL: envUrl().default('http://127.0.0.1:4105'),
    INVENTORY_URL: envUrl().default('http://127.0.0.1:4106'),
    NOTIFICATIONS_URL: envUrl().default('http://127.0.0.1:4107'),
    PRICING_URL: envUrl().default('http://127.0.0.1:4108'),
  })
  .refine(
    ({ MOBILE_INSTANCES, MOBILE_CURSOR_KEYS }) => MOBILE_INSTANCES === 1 || MOBILE_CURSOR_KEYS !== undefined,
    {
      path: ['MOBILE_CURSOR_KEYS'],
      error:
        'must be set where MOBILE_INSTANCES is more than 1: a cursor of one instance works on all of them',
    },
  );

export type Config = z.output<typeof Env>;

/** The configuration of the mobile BFF; the defaults are the local shop. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return readEnv(Env, env);
}
