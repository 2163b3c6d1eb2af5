/**
 * `bffkit/redis`: what many instances share, in Redis or Redis Cluster.
 *
 * @module
 */
export {
  type RedisAddress,
  type RedisStoreOptions,
  type RedisStorePolicy,
  redisStore,
} from './redis-store.ts';
