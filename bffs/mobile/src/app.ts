import { type Bff, type BffOptions, bearer, defineBff, tokenBucket } from 'bffkit';
import { redisStore } from 'bffkit/redis';
import type { Config } from './config.ts';
import { endpoints } from './endpoints/index.ts';
import { bindUpstreams } from './upstreams/index.ts';

/** The BFF of the phone apps. `parts` replaces pieces in tests. */
export function createBff(config: Config, parts: Partial<BffOptions> = {}): Bff {
  return defineBff({
    name: 'mobile',
    owner: '@acme/mobile',
    identity: [
      bearer({ issuer: config.ISSUER_URL, audience: 'mobile', jwksUrl: `${config.ISSUER_URL}/jwks` }),
    ],
    limits: tokenBucket({ capacity: 100, refillPerSecond: 10 }),
    ...sharedLimits(config),
    serverTiming: config.NODE_ENV === 'development',
    upstreams: bindUpstreams(config),
    endpoints,
    ...parts,
  });
}

/** With `REDIS_URL` all instances count together; without it each counts by itself. */
function sharedLimits(config: Config): Pick<BffOptions, 'limitStore'> {
  if (config.REDIS_URL === undefined) return {};
  return { limitStore: redisStore({ url: config.REDIS_URL, instances: config.MOBILE_INSTANCES }) };
}
