/**
 * Answers kept in records that all instances share. Those of one caller are sealed, so that whoever reads
 * the store learns nothing; those for everybody are text. A purge writes one new version of a tag, and an
 * answer counts only under the versions that were read before it was asked for.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { IdSource } from '../context/ids.ts';
import { isWhole, wholeFrom, wholeText } from '../context/whole.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { Seal } from '../records/seal.ts';
import { maxPeriodMs } from './cache-options.ts';
import type { CacheTier, EntryPlace, TierFind } from './cache-tier.ts';
import type { Terms } from './directives.ts';
import { type Entry, lifetimeMs } from './entry.ts';

export interface SharedTierOptions {
  /** Parts the records of one BFF from those of others. */
  readonly bff: string;
  readonly records: RecordStore;
  /** Without it nothing of one caller is kept here. */
  readonly seal: Seal | undefined;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** As it is written down; times by the wall, for processes have no other in common. */
interface Written {
  readonly value: unknown;
  /** The value is the text of an answer that nobody reads. */
  readonly isWhole?: true;
  readonly bytes: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly tags: readonly string[];
  readonly askedAtMs: number;
  readonly terms: Terms;
  readonly ticket: string;
}

/** Longer than any answer lives, so that a version outlives what it ended. */
const versionMs = 3 * maxPeriodMs;
const lockMs = 30_000;
/** Sealing makes it a third longer, and records have at most 1 Mi characters. */
const maxTextLength = 700_000;
const nothing: TierFind = { entry: undefined, ticket: undefined };

export class SharedTier implements CacheTier {
  readonly #options: SharedTierOptions;

  constructor(options: SharedTierOptions) {
    this.#options = options;
  }

  async find(place: EntryPlace): Promise<TierFind> {
    const { records } = this.#options;
    try {
      const [text, ...versions] = await Promise.all([
        records.get(this.#keyOf(place)),
        ...place.tags.map((tag) => records.get(this.#tagKeyOf(tag))),
      ]);
      const ticket = JSON.stringify(versions.map((version) => version ?? ''));
      return { entry: text === undefined ? undefined : this.#read(place, text, ticket), ticket };
    } catch {
      return nothing; // it works without
    }
  }

  async keep(place: EntryPlace, entry: Entry, ticket: string | undefined): Promise<void> {
    const { records, seal, clock } = this.#options;
    const { askedMs, terms, tags, value, bytes, headers } = entry;
    const ttlMs = lifetimeMs(terms) - (clock.monotonicMs() - askedMs);
    if (ticket === undefined || ttlMs < 1 || (place.scope === 'principal' && seal === undefined)) return;
    const askedAtMs = clock.wallMs() - (clock.monotonicMs() - askedMs);
    const said = isWhole(value) ? { value: wholeText(value), isWhole: true as const } : { value };
    const written: Written = { ...said, bytes, headers, tags, askedAtMs, terms, ticket };
    const text = JSON.stringify(written);
    if (text.length > maxTextLength) return;
    const key = this.#keyOf(place);
    const kept = place.scope === 'principal' ? seal?.seal(text, key) : text;
    if (kept === undefined) return;
    await records.set(key, kept, { ttlMs }).catch(() => false);
  }

  /** Ends every answer with this tag on all instances. @throws {GatewayError} `dependency-unavailable`. */
  async purge(tag: string): Promise<void> {
    const { records, ids } = this.#options;
    await records.set(this.#tagKeyOf(tag), ids.spanId(), { ttlMs: versionMs });
    await records.publish(this.channel, tag);
  }

  get channel(): string {
    return `cache:${this.#options.bff}:purges`;
  }

  /**
   * Takes the right to renew an answer, which one instance at a time has.
   *
   * @returns How to give it back; nothing when another instance has it. Without the store everybody may.
   */
  async lock({ key }: EntryPlace): Promise<(() => Promise<void>) | undefined> {
    const { records, ids } = this.#options;
    const lockKey = `cache-lock:{${key}}`;
    const mine = ids.spanId();
    try {
      if (!(await records.set(lockKey, mine, { ttlMs: lockMs, when: 'absent' }))) return undefined;
    } catch {
      return async () => {};
    }
    return async () => {
      await records.delete(lockKey, mine).catch(() => false);
    };
  }

  #read(place: EntryPlace, text: string, ticket: string): Entry | undefined {
    const { seal, clock } = this.#options;
    const opened = place.scope === 'principal' ? seal?.open(text, this.#keyOf(place)) : text;
    if (opened === undefined) return undefined;
    const written = JSON.parse(opened) as Written;
    if (written.ticket !== ticket) return undefined; // purged since
    const { askedAtMs, terms, ticket: _ticket, value, isWhole: isText, ...rest } = written;
    const ageMs = Math.max(0, clock.wallMs() - askedAtMs); // clocks of instances differ a little
    return {
      ...rest,
      value: isText === true ? wholeFrom(value as string) : value,
      askedMs: clock.monotonicMs() - ageMs,
      terms: { ...terms, etag: terms.etag ?? undefined, lastModified: terms.lastModified ?? undefined },
    };
  }

  #keyOf({ key }: EntryPlace): string {
    return `cache:{${key}}`; // the name of the BFF is in the hash
  }

  #tagKeyOf(tag: string): string {
    return `cache-tag:{${this.#options.bff}:${tag}}`;
  }
}
