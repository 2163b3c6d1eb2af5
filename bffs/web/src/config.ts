import { envList, envUrl, readEnv } from 'bffkit';
import { z } from 'zod';

/** For `npm start` and tests; whoever reads this file knows them. */
const forDevelopment = {
  WEB_CLIENT_SECRET: 'shop-web-secret-for-development-only',
  WEB_SESSION_KEYS: 'ZGV2ZWxvcG1lbnQtb25seS1zZXNzaW9uLWtleS0wMDE=',
} as const;

const Secret = z.string({ error: 'is missing: the secret of WEB_CLIENT_ID at the identity provider' });

const SessionKeys = z
  .string({
    error: 'is missing: 1 to 10 keys of 32 bytes in base64, separated by commas, the one that seals first',
  })
  .pipe(envList())
  .refine(
    (keys) => keys.length <= 10 && keys.every(isKey),
    'must be 1 to 10 keys of 32 bytes in base64, separated by commas',
  )
  .refine((keys) => new Set(keys).size === keys.length, 'must not have one key twice');

const Origin = z.string().refine(isOrigin, 'must be an origin such as https://shop.example, without a path');

const Env = z.object({
  NODE_ENV: z.string().default('production'),
  WEB_PUBLIC_ORIGIN: Origin.default('http://localhost:4001'),
  WEB_CLIENT_ID: z.string().default('shop-web'),
  WEB_CLIENT_SECRET: Secret,
  WEB_SESSION_KEYS: SessionKeys,
  WEB_EXPLAIN_KEYS: envList().optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  WEB_INSTANCES: z.coerce.number().int().min(1).default(1),
  ISSUER_URL: envUrl().default('http://127.0.0.1:4110'),
  USERS_URL: envUrl().default('http://127.0.0.1:4101'),
  CATALOG_URL: envUrl().default('http://127.0.0.1:4102'),
  ORDERS_URL: envUrl().default('http://127.0.0.1:4103'),
  REVIEWS_URL: envUrl().default('http://127.0.0.1:4104'),
  RECOMMENDATIONS_URL: envUrl().default('http://127.0.0.1:4105'),
  INVENTORY_URL: envUrl().default('http://127.0.0.1:4106'),
  NOTIFICATIONS_URL: envUrl().default('http://127.0.0.1:4107'),
  PRICING_URL: envUrl().default('http://127.0.0.1:4108'),
});

export type Config = z.output<typeof Env>;

/**
 * The configuration of the web BFF; the defaults are the local shop. Secrets have defaults where `NODE_ENV` says
 * `development` or `test`, and nowhere else.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  if (!isLocal(env.NODE_ENV)) return readEnv(Env, withoutPublished(env));
  const own = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  return readEnv(Env, { ...forDevelopment, ...own });
}

/** Whether this is somebody's own machine: plain `http` and secrets from the repository will do. */
export function isLocal(environment: string | undefined): boolean {
  return environment === 'development' || environment === 'test';
}

/** A secret that everybody can read in the repository counts as none. */
function withoutPublished(env: Readonly<Record<string, string | undefined>>): typeof env {
  const published: readonly string[] = Object.values(forDevelopment);
  const isPublished = (value = ''): boolean =>
    value.split(',').some((part) => published.includes(part.trim()));
  return Object.fromEntries(Object.entries(env).filter(([, value]) => !isPublished(value)));
}

function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length === 32;
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}
