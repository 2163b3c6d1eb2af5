/**
 * Small records that many instances share: sessions, keys of partners, revocations, marks of what was
 * seen. Text by key, with an end, and the few atomic steps that concurrency needs.
 *
 * A key's part in braces, such as `session:{abc}:lock`, decides where a cluster keeps it; every key has
 * one, and it never is constant.
 *
 * @module
 */

import type { Turn } from './counters.ts';

/** What a write asks of the record that is there; `is` asks for exactly this text. */
export type When = 'always' | 'absent' | 'present' | { readonly is: string };

/**
 * Keys have at most 512 characters, values 1 Mi; a `ttlMs` below 1 ends at once. What breaks these rules
 * is a mistake in the program and rejects with a `RangeError`.
 *
 * Every method rejects with a {@link GatewayError} `dependency-unavailable` when the store cannot be asked.
 */
export interface RecordStore {
  /** Whether only this process has these records. Default false. */
  readonly isLocal?: boolean;
  get(key: string): Promise<string | undefined>;
  /**
   * Writes `value`, which ends after `ttlMs` milliseconds (never, without one).
   *
   * @returns Whether it was written: false when `when` did not hold.
   */
  set(
    key: string,
    value: string,
    options?: { readonly ttlMs?: number; readonly when?: When },
  ): Promise<boolean>;
  /** Removes the record; with `value`, only while it has exactly this one. @returns Whether it was removed. */
  delete(key: string, value?: string): Promise<boolean>;
  /**
   * Adds a member to the set at `key`, which ends when its longest `ttlMs` does. A set has a thousand members
   * at most: one more forgets the one added longest ago.
   */
  add(key: string, member: string, ttlMs: number): Promise<void>;
  /** Takes a member out of the set at `key`. */
  remove(key: string, member: string): Promise<void>;
  /** The members of the set at `key`, in no order. */
  members(key: string): Promise<readonly string[]>;
  /**
   * Adds to the counters at `key`, to all that `amounts` names or to none. They end together, when their longest
   * `ttlMs` does. Amounts are whole numbers from 1. A key has ten thousand counters at most: what is added to one
   * more is added to the counter `''`.
   *
   * @param options `once` makes a repetition harmless, such as after an answer that never came.
   * @returns Whether it was added: false for a repetition.
   */
  count(
    key: string,
    amounts: ReadonlyMap<string, number>,
    options: { readonly ttlMs: number; readonly once?: Turn },
  ): Promise<boolean>;
  /** The counters at `key`, by name. */
  counts(key: string): Promise<ReadonlyMap<string, number>>;
  /** Tells every subscriber of `channel`, on all instances, this one included. */
  publish(channel: string, message: string): Promise<void>;
  /**
   * Hears what is published, until the returned function is called. After a gap, when messages may have been
   * lost, `onGap` is called once. Listening begins in the background: `onGap` is also called when it has
   * begun later than this call.
   */
  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): () => void;
  close(): Promise<void> | void;
}
