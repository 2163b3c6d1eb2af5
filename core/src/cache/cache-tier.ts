/**
 * A place where answers are kept. There are two: this process, and the records that all instances share.
 *
 * @module
 */
import type { Entry } from './entry.ts';

/** What a tier found. `ticket` is handed back when an answer asked for from now on is kept. */
export interface TierFind {
  readonly entry: Entry | undefined;
  readonly ticket: string | undefined;
}

/** Where an answer belongs. */
export interface EntryPlace {
  readonly key: string;
  readonly scope: 'public' | 'principal';
  readonly tags: readonly string[];
}

/** No method rejects for want of the store: what cannot be reached keeps and finds nothing. */
export interface CacheTier {
  find(place: EntryPlace): TierFind | Promise<TierFind>;
  keep(place: EntryPlace, entry: Entry, ticket: string | undefined): void | Promise<void>;
}
