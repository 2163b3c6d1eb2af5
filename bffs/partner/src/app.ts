import { apiKeys, type Bff, type BffOptions, bearer, defineBff, tokenBucket } from 'bffkit';
import type { Config } from './config.ts';
import { endpoints } from './endpoints/index.ts';
import { bindUpstreams } from './upstreams/index.ts';

/** The API for partners' own systems. `parts` replaces pieces in tests. */
export function createBff(config: Config, parts: Partial<BffOptions> = {}): Bff {
  return defineBff({
    name: 'partner',
    owner: '@acme/partner',
    identity: [
      apiKeys(config.PARTNER_API_KEYS),
      bearer({ issuer: config.ISSUER_URL, audience: 'partner', jwksUrl: `${config.ISSUER_URL}/jwks` }),
    ],
    limits: tokenBucket({ capacity: 100, refillPerSecond: 10 }),
    serverTiming: config.NODE_ENV === 'development',
    upstreams: bindUpstreams(config),
    endpoints,
    ...parts,
  });
}
