import { type Bff, type BffOptions, bearer, defineBff, monthlyQuota, scopes, tokenBucket } from 'bffkit';
import { redisRecords, redisStore } from 'bffkit/redis';
import { apiInfo } from './api-info.ts';
import type { Config } from './config.ts';
import { partnerDocs } from './docs/portal.ts';
import { endpoints } from './endpoints/index.ts';
import { partnerKeys } from './keys.ts';
import { bindUpstreams } from './upstreams/index.ts';
import { countUsage } from './usage.ts';
import { versions } from './versions/index.ts';
import { tellPartners } from './webhooks.ts';

/** What partners pay for. All keys of a partner count together. */
const plans = {
  free: [
    tokenBucket({ name: 'burst', capacity: 100, refillPerSecond: 10, by: 'partner' }),
    monthlyQuota({ max: 10_000, by: 'partner' }),
  ],
  pro: [
    tokenBucket({ name: 'burst', capacity: 200, refillPerSecond: 50, by: 'partner' }),
    monthlyQuota({ max: 1_000_000, by: 'partner' }),
  ],
};

/** The API for partners' own systems. `parts` replaces pieces in tests. */
export function createBff(config: Config, parts: Partial<BffOptions> = {}): Bff {
  const shared = config.REDIS_URL === undefined ? undefined : redisRecords({ url: config.REDIS_URL });
  const usage = countUsage(config, shared);
  const told = tellPartners(config, shared);
  const bff = defineBff({
    name: 'partner',
    owner: '@acme/partner',
    publicOrigin: config.PARTNER_PUBLIC_ORIGIN,
    apiInfo,
    problemDocs: '/docs/errors',
    identity: [
      partnerKeys(config, Object.keys(plans)),
      bearer({ issuer: config.ISSUER_URL, audience: 'partner', jwksUrl: `${config.ISSUER_URL}/jwks` }),
    ],
    limits: tokenBucket({ capacity: 100, refillPerSecond: 10, by: 'partner' }),
    plans,
    ...sharedLimits(config),
    // Instances share kept answers and hear of every purge; what is kept here is the same for all partners.
    ...(shared === undefined ? {} : { cache: { records: shared } }),
    // An order is placed once for one Idempotency-Key, whichever instance is asked. Test and live may share one Redis.
    idempotency: {
      ...(shared === undefined ? {} : { records: shared, sealKeys: config.PARTNER_SEAL_KEYS }),
      environment: config.PARTNER_ENVIRONMENT,
    },
    cursorKeys: config.PARTNER_CURSOR_KEYS,
    explainKeys: config.PARTNER_EXPLAIN_KEYS,
    serverTiming: config.NODE_ENV === 'development',
    upstreams: bindUpstreams(config),
    versions,
    meter: usage.meter,
    webhooks: told.webhooks,
    portal: partnerDocs(config),
    endpoints: [
      ...endpoints,
      usage.meter.endpoint('/v1/usage', { access: scopes('usage:read') }),
      ...told.webhooks.endpoints('/v1/webhook-endpoints', {
        read: scopes('webhooks:read'),
        write: scopes('webhooks:write'),
      }),
    ],
    ...parts,
  });
  return {
    ...bff,
    async close() {
      await bff.close();
      await usage.close();
      await told.close();
      await shared?.close();
    },
  };
}

/** With `REDIS_URL` all instances count together; without it each counts by itself. */
function sharedLimits(config: Config): Pick<BffOptions, 'limitStore'> {
  if (config.REDIS_URL === undefined) return {};
  return { limitStore: redisStore({ url: config.REDIS_URL, instances: config.PARTNER_INSTANCES }) };
}
