import {
  type Bff,
  type BffOptions,
  bearer,
  defineBff,
  memoryRecords,
  type RecordStore,
  tokenBucket,
} from 'bffkit';
import { redisRecords, redisStore } from 'bffkit/redis';
import { browserSessions } from 'bffkit/session';
import { type Config, isLocal } from './config.ts';
import { endpoints } from './endpoints/index.ts';
import { pages } from './pages/index.ts';
import { bindUpstreams } from './upstreams/index.ts';

/** The BFF of the browser app. `parts` replaces pieces in tests. */
export function createBff(config: Config, parts: Partial<BffOptions> = {}): Bff {
  const records = config.REDIS_URL === undefined ? memoryRecords() : redisRecords({ url: config.REDIS_URL });
  return defineBff({
    name: 'web',
    owner: '@acme/web',
    publicOrigin: config.WEB_PUBLIC_ORIGIN,
    identity: [
      sessions(config, records),
      bearer({ issuer: config.ISSUER_URL, audience: 'web', jwksUrl: `${config.ISSUER_URL}/jwks` }),
    ],
    limits: tokenBucket({ capacity: 100, refillPerSecond: 10 }),
    ...sharedLimits(config),
    ...sharedCache(config, records),
    cursorKeys: config.WEB_SESSION_KEYS,
    explainKeys: config.WEB_EXPLAIN_KEYS,
    serverTiming: config.NODE_ENV === 'development',
    upstreams: bindUpstreams(config),
    endpoints: [...pages, ...endpoints],
    ...parts,
  });
}

/** People in browsers: a cookie here, the tokens in Redis, or in this process when there is none. */
function sessions(config: Config, records: RecordStore): ReturnType<typeof browserSessions> {
  const signIn = browserSessions({
    publicOrigin: config.WEB_PUBLIC_ORIGIN,
    issuer: config.ISSUER_URL,
    clientId: config.WEB_CLIENT_ID,
    clientSecret: config.WEB_CLIENT_SECRET,
    scope: 'openid profile email profile:read orders:read orders:write cart:write',
    resource: 'urn:acme:web',
    records,
    keys: config.WEB_SESSION_KEYS,
    allowInsecure: isLocal(config.NODE_ENV),
  });
  return {
    ...signIn,
    async close() {
      await signIn.close?.();
      await records.close();
    },
  };
}

/** With `REDIS_URL` all instances count together; without it each counts by itself. */
function sharedLimits(config: Config): Pick<BffOptions, 'limitStore'> {
  if (config.REDIS_URL === undefined) return {};
  return { limitStore: redisStore({ url: config.REDIS_URL, instances: config.WEB_INSTANCES }) };
}

/** With `REDIS_URL` instances share kept answers, those of one caller sealed, and hear of every purge. */
function sharedCache(config: Config, records: RecordStore): Pick<BffOptions, 'cache'> {
  return config.REDIS_URL === undefined ? {} : { cache: { records, sealKeys: config.WEB_SESSION_KEYS } };
}
