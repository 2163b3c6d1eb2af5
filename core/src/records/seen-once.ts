/**
 * Marks of what may be used once: proofs, logout tokens, login transactions.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { RecordStore } from './record-store.ts';

/** Remembers `id` for `ttlMs` milliseconds. @returns Whether it is seen for the first time, on all instances. */
export type SeenOnce = (id: string, ttlMs: number) => Promise<boolean>;

/**
 * Marks in `records`, under the hash of each id.
 *
 * @param prefix What the ids are, such as `dpop`; ids of different prefixes never meet.
 *
 * @example
 * const isFirst = seenOnce(memoryRecords(), 'logout-token');
 * await isFirst('jti-1', 300_000); // => true
 */
export function seenOnce(records: RecordStore, prefix: string): SeenOnce {
  return async function isFirst(id, ttlMs) {
    const key = `${prefix}:{${hash('sha256', id, 'base64url')}}`;
    return records.set(key, '1', { ttlMs, when: 'absent' });
  };
}
