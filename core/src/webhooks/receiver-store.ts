/**
 * The receivers of a partner in the records: one sealed text for all of them, changed by comparing, so that two
 * changes at once are both kept and their number has a bound.
 *
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import type { RecordStore } from '../records/record-store.ts';
import { type Receiver, Receivers } from './receiver.ts';
import type { SealedText } from './sealed-text.ts';

/** Somebody else changed them between our reading and writing: so often we look again. */
const tries = 20;

export interface ReceiverStore {
  list(partner: string): Promise<readonly Receiver[]>;
  /** Changes them all in one step. What `edit` throws changes nothing. @returns What `edit` gave. */
  change(
    partner: string,
    edit: (receivers: readonly Receiver[]) => readonly Receiver[],
  ): Promise<readonly Receiver[]>;
}

export function receiverStore(records: RecordStore, sealed: SealedText, scope: string): ReceiverStore {
  const keyOf = (partner: string): string => `webhooks:${scope}:{${encodeURIComponent(partner)}}`;
  const read = (key: string, text: string | undefined): readonly Receiver[] =>
    text === undefined ? [] : sealed.read(text, key, (plain) => Receivers.parse(JSON.parse(plain)));
  return {
    async list(partner) {
      const key = keyOf(partner);
      return read(key, await records.get(key));
    },
    async change(partner, edit) {
      const key = keyOf(partner);
      for (let turn = 0; turn < tries; turn += 1) {
        const text = await records.get(key);
        const receivers = edit(read(key, text));
        const when = text === undefined ? 'absent' : { is: text };
        if (await records.set(key, sealed.write(JSON.stringify(receivers), key), { when })) return receivers;
      }
      throw new GatewayError('conflict', {
        detail: 'Others change the same webhook endpoints now. Try again.',
      });
    },
  };
}
