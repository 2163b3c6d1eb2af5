/**
 * `bffkit/redis`: what many instances share, in Redis or Redis Cluster.
 *
 * @module
 */
export type { RedisAddress } from './address.ts';
export { type RedisRecordsOptions, type RedisRecordsPolicy, redisRecords } from './redis-records.ts';
export {
  type RedisStoreOptions,
  type RedisStorePolicy,
  redisStore,
} from './redis-store.ts';
