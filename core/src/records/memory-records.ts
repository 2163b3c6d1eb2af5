/**
 * Records in this process, for one instance and for tests. Bounded in number and in size: a full store
 * drops what has ended, then what was used longest ago, and says so.
 *
 * Ends are counted by the monotonic clock: setting the date of the machine ends nothing early.
 *
 * @module
 */
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../context/clock.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import { maxMembers, requireKey, requireValue, wholeTtlMs } from './check.ts';
import { type Counters, counted, noCounters, requireAmounts } from './counters.ts';
import type { RecordStore } from './record-store.ts';
import { Subscribers } from './subscribers.ts';

export interface MemoryRecordsOptions {
  /** Records kept at most, from 1 to 10 000 000. Default 100 000. */
  readonly maxRecords?: number;
  /** Characters of all keys and values kept at most, from 1 024 to 4 GiB. Default 256 MiB. */
  readonly maxBytes?: number;
  /** Hears that a record was dropped before its end, once a minute at most. By default the process warning channel does. */
  readonly onFull?: () => void;
  readonly clock?: Clock;
}

interface Kept {
  readonly held: string | ReadonlySet<string> | Counters;
  /** By the monotonic clock; infinite for what has no end. */
  readonly endsMs: number;
}

/** A full store looks for ended records this often at most. */
const sweepMs = 1_000;
const reminderMs = 60_000;
/** What a count is reckoned to take, in characters. */
const numberSize = 8;

/**
 * Keeps records in this process.
 *
 * @throws {RangeError} for an unknown option or a value out of range.
 */
export function memoryRecords(options: MemoryRecordsOptions = {}): RecordStore {
  requireKnown('memoryRecords', options, ['maxRecords', 'maxBytes', 'onFull', 'clock']);
  const {
    maxRecords = 100_000,
    maxBytes = 256 * 1_024 * 1_024,
    onFull = warn,
    clock = systemClock,
  } = options;
  requireInteger('memoryRecords', 'maxRecords', maxRecords, 1, 10_000_000);
  requireInteger('memoryRecords', 'maxBytes', maxBytes, 1_024, 4 * 1_024 ** 3);
  const kept = new BoundedRecords({ maxRecords, maxBytes, onFull, clock });
  const subscribers = new Subscribers();
  const textAt = (key: string): string | undefined => {
    const held = kept.get(key)?.held;
    if (held === undefined || typeof held === 'string') return held;
    throw new TypeError('records: what is no text was read as one');
  };
  const membersAt = (key: string): ReadonlySet<string> => {
    const held = kept.get(key)?.held ?? new Set<string>();
    if (held instanceof Set) return held;
    throw new TypeError('records: what is no set was read as one');
  };
  const countersAt = (key: string): Counters => {
    const held = kept.get(key)?.held ?? noCounters;
    if (typeof held === 'object' && 'counts' in held) return held;
    throw new TypeError('records: what are no counters was read as such');
  };
  return {
    isLocal: true,
    async get(key) {
      requireKey(key);
      return textAt(key);
    },
    async set(key, value, { ttlMs, when = 'always' } = {}) {
      requireKey(key);
      requireValue(value);
      const endsMs = ttlMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + wholeTtlMs(ttlMs);
      if (typeof when === 'object' && textAt(key) !== when.is) return false;
      if ((when === 'absent' || when === 'present') && (kept.get(key) !== undefined) !== (when === 'present'))
        return false;
      kept.put(key, { held: value, endsMs });
      return true;
    },
    async delete(key, value) {
      requireKey(key);
      if (value !== undefined && textAt(key) !== value) return false;
      return kept.delete(key);
    },
    async add(key, member, ttlMs) {
      requireKey(key);
      requireValue(member);
      const members = new Set(membersAt(key));
      members.delete(member); // the order of a set is that of the additions
      members.add(member);
      const [oldest] = members;
      if (members.size > maxMembers && oldest !== undefined) members.delete(oldest);
      const endsMs = Math.max(clock.monotonicMs() + wholeTtlMs(ttlMs), kept.get(key)?.endsMs ?? 0);
      kept.put(key, { held: members, endsMs });
    },
    async remove(key, member) {
      requireKey(key);
      const known = kept.get(key);
      const members = new Set(membersAt(key));
      if (known === undefined || !members.delete(member)) return;
      if (members.size === 0) kept.delete(key);
      else kept.put(key, { ...known, held: members });
    },
    async members(key) {
      requireKey(key);
      return [...membersAt(key)];
    },
    async count(key, amounts, { ttlMs, once }) {
      requireKey(key);
      requireAmounts(amounts, once);
      const held = counted(countersAt(key), amounts, once);
      if (held === undefined) return false;
      const endsMs = Math.max(clock.monotonicMs() + wholeTtlMs(ttlMs), kept.get(key)?.endsMs ?? 0);
      kept.put(key, { held, endsMs });
      return true;
    },
    async counts(key) {
      requireKey(key);
      return new Map(countersAt(key).counts);
    },
    async publish(channel, message) {
      requireValue(message);
      subscribers.deliver(channel, message);
    },
    subscribe: (channel, onMessage, onGap) => subscribers.add(channel, { onMessage, onGap }),
    close() {
      kept.clear();
      subscribers.clear();
    },
  };
}

class BoundedRecords {
  readonly #cache: LRUCache<string, Kept>;
  readonly #options: Required<MemoryRecordsOptions>;
  #sweptMs = Number.NEGATIVE_INFINITY;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(options: Required<MemoryRecordsOptions>) {
    this.#options = options;
    this.#cache = new LRUCache({
      max: options.maxRecords,
      maxSize: options.maxBytes,
      sizeCalculation: sizeOf,
      dispose: (record, _key, reason) => {
        if (reason === 'evict' && this.#isAlive(record)) this.#tellFull();
      },
    });
  }

  get(key: string): Kept | undefined {
    const record = this.#cache.get(key);
    if (record === undefined || this.#isAlive(record)) return record;
    this.#cache.delete(key);
    return undefined;
  }

  /** @throws {RangeError} when the record alone is larger than the store. */
  put(key: string, record: Kept): void {
    const size = sizeOf(record, key);
    const { maxBytes, maxRecords } = this.#options;
    if (size > maxBytes)
      throw new RangeError(`memoryRecords: a record of ${size} is larger than maxBytes ${maxBytes}`);
    if (this.#cache.size >= maxRecords || this.#cache.calculatedSize + size > maxBytes) this.#sweep();
    this.#cache.set(key, record);
  }

  /** @returns Whether it was there. */
  delete(key: string): boolean {
    return this.get(key) !== undefined && this.#cache.delete(key);
  }

  clear(): void {
    this.#cache.clear();
  }

  #isAlive({ endsMs }: Kept): boolean {
    return this.#options.clock.monotonicMs() < endsMs;
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#sweptMs < sweepMs) return;
    this.#sweptMs = nowMs;
    for (const [key, record] of this.#cache.entries()) if (!this.#isAlive(record)) this.#cache.delete(key);
  }

  #tellFull(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#toldMs < reminderMs) return;
    this.#toldMs = nowMs;
    this.#options.onFull();
  }
}

function sizeOf({ held }: Kept, key: string): number {
  if (typeof held === 'string') return key.length + held.length;
  let size = key.length;
  if (!('counts' in held)) {
    for (const member of held) size += member.length;
    return size;
  }
  for (const part of [held.counts, held.turns])
    for (const name of part.keys()) size += name.length + numberSize;
  return size;
}

function warn(): void {
  process.emitWarning('memoryRecords is full: it dropped a record before its end');
}
