/**
 * Limits shared by any number of instances through Redis or Redis Cluster: the store that keeps them
 * there, behind its guard.
 *
 * @module
 */
import { type Clock, systemClock } from '../context/clock.ts';
import type { StandIn } from '../context/events.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { Claim, LimitStore } from '../limit/store.ts';
import { type RedisAddress, requirePrefix, urlsOf } from './address.ts';
import { connect } from './connect.ts';
import { guarded } from './guard.ts';
import { laneOf, tagOf } from './keys.ts';
import { leasing } from './lease.ts';
import { scriptStore } from './script-store.ts';

export interface RedisStorePolicy {
  /**
   * What decides while Redis cannot be asked: `local` with this instance's share of each limit, `open`
   * lets everything through, `closed` answers 503. Default `local`.
   */
  readonly onStoreError?: StandIn;
  /** Instances that share the limits; the share of `local` is one part of this many. Default 1. */
  readonly instances?: number;
  /** Milliseconds a request waits for Redis at most, from 10 to 1 000. Default 80. */
  readonly timeoutMs?: number;
  /**
   * Turns that a busy caller of token buckets gets per round trip, from 1 to 100: fewer round trips, at
   * most `instances × (lease − 1)` turns too many. Default 1: every decision is asked.
   */
  readonly lease?: number;
  /** First part of every key. Default `bffkit`. */
  readonly prefix?: string;
  /** For tests. */
  readonly clock?: Clock;
}

export type RedisStoreOptions = RedisAddress & RedisStorePolicy;

const knownOptions = ['url', 'nodes', 'onStoreError', 'instances', 'timeoutMs', 'lease', 'prefix', 'clock'];
const standIns: readonly StandIn[] = ['local', 'open', 'closed'];

/**
 * Keeps limits in Redis. Connects in the background; until the first connection a request waits
 * `timeoutMs` at most, like for any answer.
 *
 * @throws {RangeError} for an unknown option or a value out of range.
 */
export function redisStore(options: RedisStoreOptions): LimitStore {
  requireKnown('redisStore', options, knownOptions);
  const { onStoreError = 'local', instances = 1, timeoutMs = 80, lease = 1 } = options;
  const { prefix = 'bffkit', clock = systemClock } = options;
  if (!standIns.includes(onStoreError)) {
    throw new RangeError(
      `redisStore: onStoreError must be ${standIns.join(', ')}, got '${String(onStoreError)}'`,
    );
  }
  requirePrefix('redisStore', prefix);
  requireInteger('redisStore', 'instances', instances, 1, 10_000);
  requireInteger('redisStore', 'timeoutMs', timeoutMs, 10, 1_000);
  requireInteger('redisStore', 'lease', lease, 1, 100);
  const isCluster = options.nodes !== undefined;
  const redis = connect({ urls: urlsOf('redisStore', options), isCluster, timeoutMs });
  const ask = leasing(scriptStore(redis, prefix), lease, clock);
  const lanesOf = (claims: readonly Claim[]): number[] => claims.map(({ subject }) => laneOf(tagOf(subject)));
  const oneLane = [0];
  const store = guarded(ask, {
    standIn: onStoreError,
    instances,
    timeoutMs,
    clock,
    lanesOf: isCluster ? lanesOf : () => oneLane,
  });
  return { ...store, close: () => redis.close() };
}
