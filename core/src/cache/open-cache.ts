/**
 * The cache of one BFF, put together from its options.
 *
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { IdSource } from '../context/ids.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { RecordStore } from '../records/record-store.ts';
import { keyRing } from '../records/seal.ts';
import { Cache } from './cache.ts';
import { cachePages } from './cache-pages.ts';
import { MemoryTier } from './memory-tier.ts';
import { Purges } from './purges.ts';
import { SharedTier } from './shared-tier.ts';

export interface CacheStoreOptions {
  /** Bytes that kept answers take in this process, from 64 KiB to 8 GiB. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Bytes of the largest answer that is kept here. Default 512 KiB, at most `maxBytes`. */
  readonly maxEntryBytes?: number;
  /** Shares answers and purges among instances; the BFF does not close it. Default: each instance keeps its own. */
  readonly records?: RecordStore;
  /** For `records`: 32 bytes each as base64. The first seals the answers of one caller, all open. */
  readonly sealKeys?: readonly string[];
}

export interface CacheWorld {
  readonly bff: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly events: EventBus;
}

export interface OpenCache {
  readonly cache: Cache;
  readonly admin: AdminPages;
  close(): void;
}

const mebi = 1_024 ** 2;

/**
 * Opens the cache of a BFF.
 *
 * @throws {RangeError} for an unknown option, a value out of range, or keys that cannot seal.
 */
export function openCache(options: CacheStoreOptions, world: CacheWorld): OpenCache {
  requireKnown('cache', options, ['maxBytes', 'maxEntryBytes', 'records', 'sealKeys']);
  const { maxBytes = 64 * mebi, maxEntryBytes = Math.min(maxBytes, mebi / 2), records, sealKeys } = options;
  requireInteger('cache', 'maxBytes', maxBytes, 65_536, 8 * 1_024 * mebi);
  requireInteger('cache', 'maxEntryBytes', maxEntryBytes, 1, maxBytes);
  const seal = sealKeys === undefined ? undefined : keyRing('cache', sealKeys)('cache');
  const { bff, clock, ids, events } = world;
  const purges = new Purges(clock);
  const shared = records === undefined ? undefined : new SharedTier({ bff, records, seal, clock, ids });
  const cache = new Cache({
    clock,
    events,
    purges,
    memory: new MemoryTier({ clock, purges, maxBytes, maxEntryBytes }),
    shared,
    mayKeepPersonal: records === undefined || seal !== undefined,
  });
  const stop =
    records === undefined || shared === undefined
      ? undefined
      : records.subscribe(
          shared.channel,
          (tag) => purges.purge(tag),
          () => purges.purgeAll(), // a purge may have been missed
        );
  return {
    cache,
    admin: cachePages(cache, world),
    close() {
      stop?.();
      cache.close();
    },
  };
}
