/**
 * Small records that many instances share: sessions, keys of partners, revocations, marks of what was
 * seen. Text by key, with an end, and the few atomic steps that concurrency needs.
 *
 * A key's part in braces, such as `session:{abc}:lock`, decides where a cluster keeps it; every key has
 * one, and it never is constant.
 *
 * @module
 */

/** What a write asks of the record that is there. */
export type When = 'always' | 'absent' | 'present';

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
