/**
 * The book of writes: who asks first claims the key, by one atomic step, and puts the answer in the claim's place.
 *
 * absent → running → done → absent. A claim ends by itself, so that one of a process that died stands in nobody's
 * way. Who was too slow and lost its claim cannot put its answer anywhere: it replaces its own claim, by its text,
 * or nothing (a fencing token).
 *
 * @see {@link https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html Kleppmann}, fencing
 * @module
 */
import type { IdSource } from '../context/ids.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { Seal } from '../records/seal.ts';
import { claimText, doneText, type Entry, type KeptAnswer, readEntry } from './entry.ts';

/** Bytes of the largest body that is kept. */
export const maxBodyBytes = 262_144;

export interface LedgerOptions {
  readonly records: RecordStore;
  /** Without it records are text. */
  readonly seal: Seal | undefined;
  /** How long an answer is kept. */
  readonly keepMs: number;
  readonly ids: IdSource;
}

/** A key that is ours until it ends. */
export interface Claim {
  readonly state: 'mine';
  /** Puts the answer in the claim's place. @returns Whether it was still ours. */
  keep(answer: KeptAnswer): Promise<boolean>;
  /** Gives the key back: the next request with it is the first. */
  release(): Promise<void>;
}

/** Every method rejects with `dependency-unavailable` when the store cannot be asked, or has what nobody can read. */
export interface Ledger {
  /** What is known of a key; nothing for one that nobody used. Changes nothing. */
  look(key: string): Promise<Entry | undefined>;
  /** Claims the key for `lockMs`, or tells who was first. */
  claim(key: string, fingerprint: string, lockMs: number): Promise<Claim | Entry>;
}

/** A claim that was there and is gone may be tried again: so often, and then it counts as running. */
const tries = 3;

export function openLedger({ records, seal, keepMs, ids }: LedgerOptions): Ledger {
  const write = (text: string, place: string): string => seal?.seal(text, place) ?? text;
  const look = async (key: string): Promise<Entry | undefined> => {
    const place = placeOf(key);
    const text = await records.get(place);
    return text === undefined ? undefined : read(text, place);
  };
  const read = (text: string, place: string): Entry => {
    try {
      return readEntry(seal === undefined ? text : (seal.open(text, place) ?? ''));
    } catch (cause) {
      // It may be the answer of a write that was done: to do it again would be a guess.
      throw new GatewayError('dependency-unavailable', { retryAfterMs: 1_000, cause });
    }
  };
  return {
    look,
    async claim(key, fingerprint, lockMs) {
      const place = placeOf(key);
      const mine = write(claimText(ids.traceId(), fingerprint), place);
      for (let turn = 0; turn < tries; turn += 1) {
        if (await records.set(place, mine, { ttlMs: lockMs, when: 'absent' })) {
          return {
            state: 'mine',
            keep: (answer) =>
              records.set(place, write(doneText(fingerprint, answer), place), {
                ttlMs: keepMs,
                when: { is: mine },
              }),
            async release() {
              await records.delete(place, mine);
            },
          };
        }
        const entry = await look(key);
        if (entry !== undefined) return entry;
      }
      return { state: 'running', fingerprint };
    },
  };
}

/** `key` is a hash: the record says neither whose it is nor what for. */
function placeOf(key: string): string {
  return `write:{${key}}`;
}
