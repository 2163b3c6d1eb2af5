/**
 * The records of the last explained requests of this instance, by request id. The oldest leaves when there is no room.
 *
 * @module
 */
import { requireInteger } from '../context/options.ts';
import type { DecisionRecord } from './decision-record.ts';

export interface RecordRing {
  add(record: DecisionRecord): void;
  of(requestId: string): DecisionRecord | undefined;
  /** Newest first. */
  all(): readonly DecisionRecord[];
}

/**
 * @param keep How many, a whole number from 1 to 10 000.
 * @throws {RangeError} for any other number.
 */
export function recordRing(keep: number): RecordRing {
  requireInteger('explain', 'keep', keep, 1, 10_000);
  const records = new Map<string, DecisionRecord>();
  return {
    add(record) {
      records.delete(record.requestId); // a trusted peer may have chosen the same id again
      records.set(record.requestId, record);
      const [oldest] = records.keys();
      if (records.size > keep && oldest !== undefined) records.delete(oldest);
    },
    of: (requestId) => records.get(requestId),
    all: () => [...records.values()].reverse(),
  };
}
