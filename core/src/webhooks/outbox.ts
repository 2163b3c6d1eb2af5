/**
 * What waits to be delivered, in the records. A receiver has a set of what is due, a set of what is over and a record
 * per delivery; sixteen sets have the receivers with something due. The record of a delivery is the truth: it is
 * written first, and a set that is behind it is put right by whoever looks next.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { GatewayError } from '../problem/gateway-error.ts';
import { maxMembers } from '../records/check.ts';
import type { RecordStore } from '../records/record-store.ts';
import { type Delivery, deliveryText, givenUp, readDelivery } from './delivery.ts';
import {
  type Due,
  dueMember,
  type Logged,
  loggedMember,
  newestFirst,
  type ReceiverName,
  readDue,
  readLogged,
  readReceiverName,
  receiverMember,
} from './outbox-entry.ts';
import type { SealedText } from './sealed-text.ts';

/** A delivery and the text it was read from. */
export interface FoundDelivery {
  readonly delivery: Delivery;
  readonly text: string;
}

export interface OutboxOptions {
  readonly records: RecordStore;
  readonly sealed: SealedText;
  /** What is kept apart, such as `partner-live`. */
  readonly scope: string;
  /** Deliveries that wait for one receiver at most. */
  readonly maxWaiting: number;
}

const day = 86_400_000;
const keptMs = 7 * day;
const dueTtlMs = 30 * day;
const workTtlMs = 3_650 * day;
/** A receiver that did not fail for this long has not been failing. */
const failingTtlMs = 2 * day;
/** Deliveries that are over and remembered, of one receiver. */
const maxLogged = 100;
const shards = [...'0123456789abcdef'];

export class Outbox {
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * Puts a delivery into the outbox, once: harmless when repeated.
   *
   * @returns The delivery that was given up to make room, if one was.
   * @throws {GatewayError} `dependency-unavailable` when it is not sure that it is there.
   */
  async add(receiver: ReceiverName, delivery: Delivery): Promise<Delivery | undefined> {
    const { records, sealed } = this.#options;
    const key = this.#deliveryKey(receiver.id, delivery.event);
    const text = sealed.write(deliveryText(delivery), key);
    const isNew = await records.set(key, text, { ttlMs: keptMs, when: 'absent' });
    const kept = isNew ? delivery : (await this.read(receiver.id, delivery.event))?.delivery;
    if (kept?.state !== 'waiting') return undefined;
    const dropped = isNew ? await this.#makeRoom(receiver.id) : undefined;
    await this.#wait(receiver, kept);
    return dropped;
  }

  /** Lets a delivery that is over wait again. @returns Whether it does: false when it changed meanwhile. */
  async renew(receiver: ReceiverName, found: FoundDelivery, next: Delivery): Promise<boolean> {
    if (!(await this.#replace(receiver.id, found, next))) return false;
    await this.#wait(receiver, next);
    await this.#options.records.remove(this.#logKey(receiver.id), loggedMember(next));
    return true;
  }

  async read(id: string, event: string): Promise<FoundDelivery | undefined> {
    const key = this.#deliveryKey(id, event);
    const text = await this.#options.records.get(key);
    if (text === undefined) return undefined;
    return { delivery: this.#options.sealed.read(text, key, readDelivery), text };
  }

  /** What waits for a receiver, the earliest first. */
  async due(id: string): Promise<Due[]> {
    const members = await this.#options.records.members(this.#dueKey(id));
    return members.map(readDue).sort((one, other) => one.dueMs - other.dueMs);
  }

  /** What waits and what is over, the newest first. */
  async all(id: string): Promise<Logged[]> {
    const [due, logged] = await Promise.all([this.due(id), this.#options.records.members(this.#logKey(id))]);
    const byEvent = new Map([...logged.map(readLogged), ...due].map((entry) => [entry.event, entry]));
    return [...byEvent.values()].sort(newestFirst);
  }

  /** Writes what came of an attempt. @returns False when somebody else did. */
  async settle(id: string, due: Due, found: FoundDelivery, next: Delivery): Promise<boolean> {
    if (!(await this.#replace(id, found, next))) return false;
    await this.put(id, due, next);
    return true;
  }

  /** Puts the sets right after the record, for an entry that is due. */
  async put(id: string, due: Due, delivery: Delivery | undefined): Promise<void> {
    const { records } = this.#options;
    const next = delivery === undefined ? undefined : nextDue(delivery);
    if (next !== undefined && dueMember(next) === dueMember(due)) return;
    if (next !== undefined) await records.add(this.#dueKey(id), dueMember(next), dueTtlMs);
    else if (delivery !== undefined) await records.add(this.#logKey(id), loggedMember(delivery), keptMs);
    await records.remove(this.#dueKey(id), dueMember(due));
  }

  /** Forgets what is over and more than is remembered. */
  async trim(id: string): Promise<void> {
    const { records } = this.#options;
    const logged = (await records.members(this.#logKey(id))).map(readLogged);
    const old = logged.sort(newestFirst).slice(maxLogged);
    for (const entry of old) {
      await records.delete(this.#deliveryKey(id, entry.event));
      await records.remove(this.#logKey(id), loggedMember(entry));
    }
  }

  /** Forgets all of a receiver. */
  async forget(id: string): Promise<void> {
    const { records } = this.#options;
    for (const { event } of await this.all(id)) await records.delete(this.#deliveryKey(id, event));
    for (const key of [this.#dueKey(id), this.#logKey(id), this.#failingKey(id)]) await records.delete(key);
  }

  /** The receivers that have something due. */
  async working(): Promise<ReceiverName[]> {
    const sets = await Promise.all(
      shards.map((shard) => this.#options.records.members(this.#workKey(shard))),
    );
    return sets.flat().map(readReceiverName);
  }

  /** Takes a receiver with nothing due out of those that have. An event that came meanwhile puts it back. */
  async rest(receiver: ReceiverName): Promise<void> {
    const { records } = this.#options;
    const key = this.#workKey(shardOf(receiver.id));
    await records.remove(key, receiverMember(receiver));
    if ((await this.due(receiver.id)).length > 0) await this.#work(receiver);
  }

  /** Since when a receiver has only been failing, in epoch milliseconds. */
  async failingSince(id: string): Promise<number | undefined> {
    const text = await this.#options.records.get(this.#failingKey(id));
    return text === undefined ? undefined : Number(text);
  }

  async setFailing(id: string, sinceMs: number | undefined): Promise<void> {
    const { records } = this.#options;
    if (sinceMs === undefined) await records.delete(this.#failingKey(id));
    else await records.set(this.#failingKey(id), String(sinceMs), { ttlMs: failingTtlMs });
  }

  leaseKey(id: string): string {
    return `${this.#of(id)}:lease`;
  }

  #failingKey(id: string): string {
    return `${this.#of(id)}:failing`;
  }

  async #wait(receiver: ReceiverName, delivery: Delivery): Promise<void> {
    const due = nextDue(delivery);
    if (due === undefined) return;
    await this.#options.records.add(this.#dueKey(receiver.id), dueMember(due), dueTtlMs);
    await this.#work(receiver);
  }

  /** A set that is full would forget somebody: then nothing is taken, and the service comes again. */
  async #work(receiver: ReceiverName): Promise<void> {
    const { records } = this.#options;
    const key = this.#workKey(shardOf(receiver.id));
    const members = await records.members(key);
    const member = receiverMember(receiver);
    if (members.includes(member)) return;
    if (members.length >= maxMembers) {
      const cause = new Error('too many webhook endpoints have deliveries waiting');
      throw new GatewayError('dependency-unavailable', { retryAfterMs: 10_000, cause });
    }
    await records.add(key, member, workTtlMs);
  }

  async #makeRoom(id: string): Promise<Delivery | undefined> {
    const waiting = await this.due(id);
    if (waiting.length < this.#options.maxWaiting) return undefined;
    const [oldest] = waiting.sort((one, other) => one.createdMs - other.createdMs);
    const found = oldest && (await this.read(id, oldest.event));
    if (oldest === undefined || found === undefined) return undefined;
    const dropped = givenUp(found.delivery);
    return (await this.settle(id, oldest, found, dropped)) ? dropped : undefined;
  }

  #replace(id: string, found: FoundDelivery, next: Delivery): Promise<boolean> {
    const key = this.#deliveryKey(id, next.event);
    const text = this.#options.sealed.write(deliveryText(next), key);
    return this.#options.records.set(key, text, { ttlMs: keptMs, when: { is: found.text } });
  }

  #of(id: string): string {
    return `webhook:${this.#options.scope}:{${id}}`;
  }

  #dueKey(id: string): string {
    return `${this.#of(id)}:due`;
  }

  #logKey(id: string): string {
    return `${this.#of(id)}:log`;
  }

  #deliveryKey(id: string, event: string): string {
    return `${this.#of(id)}:${event}`;
  }

  #workKey(shard: string): string {
    return `webhook-work:${this.#options.scope}:{${shard}}`;
  }
}

function nextDue({ state, nextMs, createdMs, event }: Delivery): Due | undefined {
  return state !== 'waiting' || nextMs === null ? undefined : { dueMs: nextMs, createdMs, event };
}

function shardOf(id: string): string {
  return hash('sha256', id).slice(0, 1);
}
