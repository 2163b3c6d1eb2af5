import {
  type Bff,
  type BffOptions,
  bearer,
  defineBff,
  memoryRecords,
  type RecordStore,
  revocations,
  tokenBucket,
} from 'bffkit';
import { redisRecords, redisStore } from 'bffkit/redis';
import type { Config } from './config.ts';
import { endpoints } from './endpoints/index.ts';
import { bindUpstreams } from './upstreams/index.ts';

/** The BFF of the phone apps. `parts` replaces pieces in tests. */
export function createBff(config: Config, parts: Partial<BffOptions> = {}): Bff {
  const records = config.REDIS_URL === undefined ? memoryRecords() : redisRecords({ url: config.REDIS_URL });
  return defineBff({
    name: 'mobile',
    owner: '@acme/mobile',
    publicOrigin: config.MOBILE_PUBLIC_ORIGIN,
    identity: [accessTokens(config, records)],
    limits: tokenBucket({ capacity: 100, refillPerSecond: 10 }),
    ...sharedLimits(config),
    ...sharedCache(config, records),
    cursorKeys: config.MOBILE_CURSOR_KEYS,
    explainKeys: config.MOBILE_EXPLAIN_KEYS,
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
function accessTokens(config: Config, records: RecordStore): ReturnType<typeof bearer> {
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

/**
 * With `REDIS_URL` instances share kept answers and hear of every purge. Answers of one caller leave the process
 * sealed only, so without keys each instance keeps its own.
 */
function sharedCache(config: Config, records: RecordStore): Pick<BffOptions, 'cache'> {
  const { REDIS_URL, MOBILE_CURSOR_KEYS: sealKeys } = config;
  return REDIS_URL === undefined || sealKeys === undefined ? {} : { cache: { records, sealKeys } };
}
