import {
  type Bff,
  type BffOptions,
  bearer,
  defineBff,
  memoryRecords,
  revocations,
  tokenBucket,
} from 'bffkit';
import { redisRecords, redisStore } from 'bffkit/redis';
import type { Config } from './config.ts';
import { endpoints } from './endpoints/index.ts';
import { bindUpstreams } from './upstreams/index.ts';

/** The BFF of the phone apps. `parts` replaces pieces in tests. */
export function createBff(config: Config, parts: Partial<BffOptions> = {}): Bff {
  return defineBff({
    name: 'mobile',
    owner: '@acme/mobile',
    publicOrigin: config.MOBILE_PUBLIC_ORIGIN,
    identity: [accessTokens(config)],
    limits: tokenBucket({ capacity: 100, refillPerSecond: 10 }),
    ...sharedLimits(config),
    ...(config.MOBILE_CURSOR_KEYS === undefined ? {} : { cursorKeys: config.MOBILE_CURSOR_KEYS }),
    serverTiming: config.NODE_ENV === 'development',
    upstreams: bindUpstreams(config),
    endpoints,
    ...parts,
  });
}

/**
 * People with the app: tokens of the shop's issuer, also those bound to a key of the phone. Which were revoked
 * and which proofs were used is known to all instances through Redis, or to this process when there is none.
 */
function accessTokens(config: Config): ReturnType<typeof bearer> {
  const records = config.REDIS_URL === undefined ? memoryRecords() : redisRecords({ url: config.REDIS_URL });
  const tokens = bearer({
    issuer: config.ISSUER_URL,
    audience: 'mobile',
    jwksUrl: `${config.ISSUER_URL}/jwks`,
    revocations: revocations(records),
    dpop: { publicOrigin: config.MOBILE_PUBLIC_ORIGIN, records },
  });
  return {
    ...tokens,
    async close() {
      await tokens.close?.();
      await records.close();
    },
  };
}

/** With `REDIS_URL` all instances count together; without it each counts by itself. */
function sharedLimits(config: Config): Pick<BffOptions, 'limitStore'> {
  if (config.REDIS_URL === undefined) return {};
  return { limitStore: redisStore({ url: config.REDIS_URL, instances: config.MOBILE_INSTANCES }) };
}
