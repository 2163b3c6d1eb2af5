/**
 * Answers kept in this process, bounded in bytes: when it is full, the one used longest ago goes first.
 *
 * @module
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../context/clock.ts';
import type { CacheTier, EntryPlace, TierFind } from './cache-tier.ts';
import { type Entry, lifetimeMs } from './entry.ts';
import type { Purges } from './purges.ts';

export interface MemoryTierOptions {
  readonly clock: Clock;
  readonly purges: Purges;
  readonly maxBytes: number;
  readonly maxEntryBytes: number;
}

/** An entry and what it takes, with what was made of it. */
interface Kept {
  readonly entry: Entry;
  readonly bytes: number;
}

/** The key, the entry and what the list around it takes. */
const overheadBytes = 400;

export class MemoryTier implements CacheTier {
  readonly #clock: Clock;
  readonly #purges: Purges;
  readonly #maxEntryBytes: number;
  readonly #entries: LRUCache<string, Kept>;

  constructor({ clock, purges, maxBytes, maxEntryBytes }: MemoryTierOptions) {
    this.#clock = clock;
    this.#purges = purges;
    this.#maxEntryBytes = maxEntryBytes;
    this.#entries = new LRUCache({ maxSize: maxBytes, maxEntrySize: maxEntryBytes });
  }

  /** Bytes of everything that is kept. */
  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  find({ key }: Pick<EntryPlace, 'key'>): TierFind {
    const entry = this.#entries.get(key)?.entry;
    if (entry === undefined) return nothing;
    const { askedMs, terms, tags } = entry;
    const isOver = this.#clock.monotonicMs() - askedMs > lifetimeMs(terms);
    if (!isOver && !this.#purges.hasEnded(tags, askedMs)) return { entry, ticket: undefined };
    this.#entries.delete(key);
    return nothing;
  }

  keep({ key }: EntryPlace, entry: Entry): void {
    if (this.#purges.hasEnded(entry.tags, entry.askedMs)) return; // purged while it was under way
    this.#set(key, { entry, bytes: overheadBytes + sizeOfHead(entry) + entry.bytes });
  }

  /** Counts `bytes` more for an entry with this very value; false when it is not here, or would be too large. */
  grow(key: string, value: unknown, bytes: number): boolean {
    const kept = this.#entries.peek(key);
    if (kept === undefined || kept.entry.value !== value) return false;
    const grown = { entry: kept.entry, bytes: kept.bytes + bytes };
    if (grown.bytes > this.#maxEntryBytes) return false; // what is kept stays
    this.#set(key, grown);
    return true;
  }

  clear(): void {
    this.#entries.clear();
  }

  #set(key: string, kept: Kept): void {
    this.#entries.set(key, kept, { size: kept.bytes });
  }
}

const nothing: TierFind = { entry: undefined, ticket: undefined };

function sizeOfHead({ headers, tags, terms }: Entry): number {
  let length = (terms.etag?.length ?? 0) + (terms.lastModified?.length ?? 0);
  for (const [name, value] of headers) length += name.length + value.length;
  for (const tag of tags) length += tag.length;
  return 2 * length;
}
