/**
 * Usage in the records: one key of counters per partner and day, and per month the names of the partners that have
 * any. The names are in sixteen sets, so that no node of a cluster has them all.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { RecordStore } from '../records/record-store.ts';
import type { Batch } from './usage-buffer.ts';
import { monthOf } from './utc-days.ts';

const shards = [...'0123456789abcdef'];
const maxIndexed = 10_000;
const readAtOnce = 64;

export interface UsageStoreOptions {
  readonly records: RecordStore;
  /** What is counted apart, such as `partner-live`. */
  readonly scope: string;
  readonly ttlMs: number;
  /** Who counts: one text per process. */
  readonly by: string;
}

export class UsageStore {
  readonly #options: UsageStoreOptions;
  /** Partners that this process put into the names of a month. */
  readonly #indexed = new Set<string>();

  constructor(options: UsageStoreOptions) {
    this.#options = options;
  }

  /** Harmless when repeated with the same batch. The name comes first: what is counted can be found. */
  async write({ partner, day, turn, amounts }: Batch): Promise<void> {
    const { records, ttlMs, by } = this.#options;
    const month = monthOf(day);
    const index = `${month} ${partner}`;
    if (!this.#indexed.has(index)) {
      await records.add(this.#namesKey(month, shardOf(partner)), partner, ttlMs);
      if (this.#indexed.size >= maxIndexed) this.#indexed.clear();
      this.#indexed.add(index);
    }
    await records.count(this.#countsKey(partner, day), amounts, { ttlMs, once: { by, turn } });
  }

  /** The counters of these days, in their order. */
  async read(partner: string, days: readonly string[]): Promise<ReadonlyMap<string, number>[]> {
    const found: ReadonlyMap<string, number>[] = [];
    for (let from = 0; from < days.length; from += readAtOnce) {
      const some = days.slice(from, from + readAtOnce);
      found.push(
        ...(await Promise.all(
          some.map((day) => this.#options.records.counts(this.#countsKey(partner, day))),
        )),
      );
    }
    return found;
  }

  /** The partners that have usage in any of these months, sorted. */
  async partners(months: readonly string[]): Promise<string[]> {
    const sets = await Promise.all(
      months.flatMap((month) =>
        shards.map((shard) => this.#options.records.members(this.#namesKey(month, shard))),
      ),
    );
    return [...new Set(sets.flat())].sort();
  }

  #countsKey(partner: string, day: string): string {
    return `usage:${this.#options.scope}:{${encodeURIComponent(partner)}}:${day}`;
  }

  #namesKey(month: string, shard: string): string {
    return `usage-names:${this.#options.scope}:{${month}-${shard}}`;
  }
}

function shardOf(partner: string): string {
  return hash('sha256', partner).slice(0, 1);
}
