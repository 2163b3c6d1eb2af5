/**
 * Records in one JSON file, for a small deployment on one machine: the keys of a few partners, read often
 * and written rarely. Several processes may share the file; every change of one is seen by the next
 * reading of another.
 *
 * Nothing is told between processes but that something was published: subscribers of other processes
 * hear of a gap, within a fifth of a second.
 *
 * @module
 */
import { type Clock, systemClock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import { maxMembers, requireKey, requireValue, wholeTtlMs } from './check.ts';
import { counted, requireAmounts } from './counters.ts';
import { countersOut } from './file-document.ts';
import { RecordFile } from './record-file.ts';
import type { RecordStore } from './record-store.ts';

export interface FileRecordsOptions {
  readonly clock?: Clock;
}

/**
 * Keeps records in the file at `path`, which the first write creates. Its folder must be writable; a file that
 * is there and is none of records is refused and left as it is.
 *
 * @throws {RangeError} for an unknown option, a folder that cannot be written, or a file that cannot be read.
 */
export function fileRecords(path: string, options: FileRecordsOptions = {}): RecordStore {
  requireKnown('fileRecords', options, ['clock']);
  const clock = options.clock ?? systemClock;
  const file = new RecordFile(path, clock);
  const endOf = (ttlMs: number | undefined): number | undefined =>
    ttlMs === undefined ? undefined : clock.wallMs() + wholeTtlMs(ttlMs);
  return {
    async get(key) {
      requireKey(key);
      return (await file.read()).textAt(key);
    },
    async set(key, value, { ttlMs, when = 'always' } = {}) {
      requireKey(key);
      requireValue(value);
      const endsMs = endOf(ttlMs);
      return file.change((draft) => {
        if (typeof when === 'object' && draft.textAt(key) !== when.is) return false;
        if (
          (when === 'absent' || when === 'present') &&
          (draft.find(key) !== undefined) !== (when === 'present')
        )
          return false;
        draft.put(key, { held: value, endsMs });
        return true;
      });
    },
    async delete(key, value) {
      requireKey(key);
      return file.change((draft) => {
        if (value !== undefined && draft.textAt(key) !== value) return false;
        return draft.take(key);
      });
    },
    async add(key, member, ttlMs) {
      requireKey(key);
      requireValue(member);
      const endsMs = endOf(ttlMs);
      await file.change((draft) => {
        const others = draft.membersAt(key).filter((one) => one !== member);
        const held = [...others, member].slice(-maxMembers);
        draft.put(key, { held, endsMs: Math.max(endsMs ?? 0, draft.find(key)?.endsMs ?? 0) });
      });
    },
    async remove(key, member) {
      requireKey(key);
      await file.change((draft) => {
        const known = draft.membersAt(key);
        const held = known.filter((one) => one !== member);
        if (held.length === known.length) return;
        if (held.length === 0) draft.take(key);
        else draft.put(key, { ...draft.find(key), held });
      });
    },
    async members(key) {
      requireKey(key);
      return (await file.read()).membersAt(key);
    },
    async count(key, amounts, { ttlMs, once }) {
      requireKey(key);
      requireAmounts(amounts, once);
      const endsMs = endOf(ttlMs) ?? 0;
      return file.change((draft) => {
        const counters = counted(draft.countersAt(key), amounts, once);
        if (counters === undefined) return false;
        draft.put(key, {
          held: countersOut(counters),
          endsMs: Math.max(endsMs, draft.find(key)?.endsMs ?? 0),
        });
        return true;
      });
    },
    async counts(key) {
      requireKey(key);
      return (await file.read()).countersAt(key).counts;
    },
    async publish(channel, message) {
      requireValue(message);
      await file.publish(channel, message);
    },
    subscribe: (channel, onMessage, onGap) => file.subscribe(channel, onMessage, onGap),
    close: () => file.close(),
  };
}
