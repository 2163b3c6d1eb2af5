import {
  type Authenticator,
  apiKeys,
  fileRecords,
  memoryRecords,
  type RecordStore,
  versionNames,
} from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import type { Config } from './config.ts';
import { versions } from './versions/index.ts';

/** The keys of the partners, with the records they are in. */
export function partnerKeys(config: Config, plans: readonly string[]): Authenticator {
  const records = keyRecords(config);
  const keys = apiKeys({
    records,
    pepper: config.PARTNER_KEY_PEPPER,
    environment: config.PARTNER_ENVIRONMENT,
    seeds: config.PARTNER_API_KEYS,
    plans,
    versions: versionNames(versions.dated),
  });
  return {
    ...keys,
    async close() {
      keys.close();
      await records.close();
    },
  };
}

/** In a file or in Redis keys outlive the process; in memory only those of the configuration come back. */
function keyRecords({ PARTNER_KEYS_FILE, REDIS_URL }: Config): RecordStore {
  if (PARTNER_KEYS_FILE !== undefined) return fileRecords(PARTNER_KEYS_FILE);
  if (REDIS_URL !== undefined) return redisRecords({ url: REDIS_URL, prefix: 'partner' });
  return memoryRecords();
}
