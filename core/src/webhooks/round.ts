/**
 * One round: all that is due for one receiver, while this instance has the lease. Some deliveries run at once, one
 * while it fails; what comes meanwhile joins as soon as there is room.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { AttemptDelivery, ReceiverState } from './attempt-delivery.ts';
import { givenUp } from './delivery.ts';
import type { Lease } from './lease.ts';
import type { Outbox } from './outbox.ts';
import type { Due, ReceiverName } from './outbox-entry.ts';
import type { Receiver } from './receiver.ts';
import type { ReceiverStore } from './receiver-store.ts';
import type { Slots } from './slots.ts';

export interface RoundParts {
  readonly outbox: Outbox;
  readonly receivers: ReceiverStore;
  readonly attempt: AttemptDelivery;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly slots: Slots;
  readonly isClosed: () => boolean;
}

const maxAtOnce = 4;

export class Round {
  readonly #parts: RoundParts;
  readonly #name: ReceiverName;
  readonly #lease: Lease;
  readonly #state: ReceiverState = { isOff: false, failingMs: undefined };
  readonly #running = new Map<string, Promise<void>>();
  #receiver: Receiver | undefined;
  #queue: Due[] = [];
  #trouble: { readonly error: unknown } | undefined;
  #isNudged = false;
  #wake: () => void = () => {};

  constructor(parts: RoundParts, name: ReceiverName, lease: Lease) {
    this.#parts = parts;
    this.#name = name;
    this.#lease = lease;
  }

  /** Something more may be due. */
  nudge(): void {
    this.#isNudged = true;
    this.#wake();
  }

  /**
   * Delivers until nothing is due, or nothing more is to be begun. Rejects with the first trouble, when all that runs
   * has ended; what is not done stays due.
   *
   * @returns Milliseconds until something is due; nothing when nothing waits.
   */
  async deliver(): Promise<number | undefined> {
    const { outbox, isClosed } = this.#parts;
    this.#state.failingMs = await outbox.failingSince(this.#name.id);
    let waitMs: number | undefined;
    try {
      while (this.#trouble === undefined && !isClosed()) {
        if (this.#queue.length === 0 || this.#isNudged) waitMs = await this.#look();
        while (this.#queue.length > 0 && this.#running.size < this.#width()) this.#start();
        if (this.#running.size === 0) break;
        await this.#somethingEnds();
      }
    } finally {
      await Promise.all(this.#running.values());
    }
    if (this.#trouble !== undefined) throw this.#trouble.error;
    return waitMs;
  }

  #width(): number {
    return this.#state.failingMs === undefined ? maxAtOnce : 1;
  }

  /** Reads what is due now and does not run yet. */
  async #look(): Promise<number | undefined> {
    const { outbox, receivers, clock } = this.#parts;
    const { partner, id } = this.#name;
    this.#isNudged = false;
    const all = await receivers.list(partner);
    const receiver = all.find((each) => each.id === id);
    const due = await outbox.due(id);
    this.#queue = [];
    if (receiver === undefined) {
      if (due.length > 0) await outbox.forget(id);
      return undefined;
    }
    this.#state.isOff = receiver.off !== null;
    const nowMs = clock.wallMs();
    const isReady = ({ dueMs }: Due): boolean => this.#state.isOff || dueMs <= nowMs;
    this.#queue = due.filter((each) => isReady(each) && !this.#running.has(each.event));
    this.#receiver = receiver;
    const next = due.find((each) => !isReady(each));
    return next === undefined ? undefined : next.dueMs - nowMs;
  }

  #start(): void {
    const due = this.#queue.shift();
    const receiver = this.#receiver;
    if (due === undefined || receiver === undefined || this.#running.has(due.event)) return;
    const running = this.#parts.slots
      .run(() => (this.#parts.isClosed() ? Promise.resolve() : this.#one(receiver, due)))
      .catch((error: unknown) => {
        this.#trouble ??= { error };
      })
      .finally(() => {
        this.#running.delete(due.event);
        this.#wake();
      });
    this.#running.set(due.event, running);
  }

  async #one(receiver: Receiver, due: Due): Promise<void> {
    const { outbox, attempt, events } = this.#parts;
    await this.#lease.keep();
    const found = await outbox.read(receiver.id, due.event);
    const delivery = found?.delivery;
    if (found === undefined || delivery?.state !== 'waiting' || delivery.nextMs !== due.dueMs) {
      await outbox.put(receiver.id, due, delivery); // the record went on without its entry
    } else if (this.#state.isOff) {
      if (await outbox.settle(receiver.id, due, found, givenUp(delivery)))
        events.emit('webhook', { event: delivery.type, outcome: 'dropped', durationMs: 0 });
    } else {
      await attempt({ name: this.#name, receiver, due, found, state: this.#state });
    }
  }

  #somethingEnds(): Promise<void> {
    if (this.#isNudged) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
