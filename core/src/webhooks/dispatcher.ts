/**
 * Delivers what is due. Every instance looks at the receivers with something due: at once when it hears of an event,
 * and every few seconds at all of them, for those of an instance that died. Whoever has the lease of a receiver
 * delivers to it, up to four at a time, one at a time while it fails; a slow receiver holds up nobody else.
 *
 * @module
 */
import type { CancelTimer, Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { IdSource } from '../context/ids.ts';
import type { RecordStore } from '../records/record-store.ts';
import { jittered, type Random } from '../upstream/random.ts';
import { Agenda } from './agenda.ts';
import type { AttemptDelivery } from './attempt-delivery.ts';
import { Lease, LeaseLost, leaseMs } from './lease.ts';
import type { Outbox } from './outbox.ts';
import { type ReceiverName, readReceiverName, receiverMember } from './outbox-entry.ts';
import type { ReceiverStore } from './receiver-store.ts';
import { Round } from './round.ts';
import { Slots } from './slots.ts';

export interface DispatcherParts {
  readonly records: RecordStore;
  readonly receivers: ReceiverStore;
  readonly outbox: Outbox;
  readonly attempt: AttemptDelivery;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly ids: IdSource;
  readonly random: Random;
  /** Where instances tell each other of events. */
  readonly channel: string;
}

const maxAtOnce = 64;
const pollMs = 5_000;
const heldElsewhereMs = leaseMs / 4;
const troubleMs = 5_000;
/** Nobody sleeps longer: what it was not told of may be due earlier. */
const glanceMs = 60_000;
const reminderMs = 60_000;

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #agenda: Agenda;
  readonly #slots = new Slots(maxAtOnce);
  readonly #rounds = new Map<string, Round>();
  #poll: CancelTimer | undefined;
  #stopListening: (() => void) | undefined;
  #isClosed = false;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#agenda = new Agenda(parts.clock, (name) => this.#look(readReceiverName(name)));
  }

  /** Begins to deliver; harmless when called again. */
  begin(): void {
    if (this.#isClosed || this.#stopListening !== undefined) return;
    const { records, channel } = this.#parts;
    this.#stopListening = records.subscribe(
      channel,
      (name) => this.#wake(name),
      () => this.#lookAtAll(),
    );
    this.#lookAtAll();
  }

  /** Tells all instances, this one included, that something is due. Never rejects: they look by themselves, too. */
  async tell(receiver: ReceiverName): Promise<void> {
    this.begin();
    const name = receiverMember(receiver);
    this.#wake(name);
    if (this.#parts.records.isLocal === true) return;
    await this.#parts.records.publish(this.#parts.channel, name).catch(() => {});
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening?.();
    this.#poll?.();
    await this.#agenda.close();
  }

  #wake(name: string): void {
    this.#rounds.get(name)?.nudge();
    this.#agenda.now(name); // also after a round: it may just have ended
  }

  #lookAtAll(): void {
    this.#poll?.();
    this.#poll = undefined;
    if (this.#isClosed) return;
    const { outbox, clock, random } = this.#parts;
    outbox
      .working()
      .then((all) => {
        for (const receiver of all) this.#agenda.find(receiverMember(receiver));
      })
      .catch((error: unknown) => this.#tellTrouble(error))
      .finally(() => {
        if (!this.#isClosed) this.#poll ??= clock.after(jittered(pollMs, random), () => this.#lookAtAll());
      });
  }

  /** @returns Milliseconds until something is due; nothing when nothing is. */
  async #look(receiver: ReceiverName): Promise<number | undefined> {
    const { records, outbox, clock, ids } = this.#parts;
    try {
      const [first] = await outbox.due(receiver.id);
      if (first === undefined) return await this.#rest(receiver);
      const waitMs = first.dueMs - clock.wallMs();
      if (waitMs > 0) return Math.min(waitMs, glanceMs);
      const key = outbox.leaseKey(receiver.id);
      const lease = await Lease.take({ records, clock, key, token: ids.traceId() });
      if (lease === undefined) return heldElsewhereMs;
      try {
        return await this.#deliver(receiver, lease);
      } finally {
        await lease.release();
      }
    } catch (error) {
      if (error instanceof LeaseLost) return heldElsewhereMs;
      this.#tellTrouble(error);
      return troubleMs;
    }
  }

  async #rest(receiver: ReceiverName): Promise<undefined> {
    await this.#parts.outbox.rest(receiver);
    return undefined;
  }

  async #deliver(receiver: ReceiverName, lease: Lease): Promise<number | undefined> {
    const { outbox } = this.#parts;
    const name = receiverMember(receiver);
    const round = new Round(
      { ...this.#parts, slots: this.#slots, isClosed: () => this.#isClosed },
      receiver,
      lease,
    );
    this.#rounds.set(name, round);
    try {
      const waitMs = await round.deliver();
      if (this.#isClosed) return undefined;
      await outbox.trim(receiver.id);
      return waitMs === undefined ? await this.#rest(receiver) : Math.min(waitMs, glanceMs);
    } finally {
      this.#rounds.delete(name);
    }
  }

  #tellTrouble(error: unknown): void {
    const { clock, events } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#toldMs < reminderMs) return;
    this.#toldMs = nowMs;
    const problem = error instanceof Error ? error : new Error(String(error));
    events.emit('problem', { part: 'webhooks', error: problem });
  }
}
