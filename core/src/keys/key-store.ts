/**
 * The keys in the records. What a key is and how it ended are two records, so that no write can take a
 * revocation back: the first is never changed, the second is written by a rotation only where there is
 * none, and a revocation overwrites it. When it was last used is a third.
 *
 * @module
 */
import type { ZodType } from 'zod';
import { GatewayError } from '../problem/gateway-error.ts';
import type { RecordStore, When } from '../records/record-store.ts';
import { endOf, KeyEnd, KeyFacts, type KeyRecord, recordOf } from './key-record.ts';

/** How many keys a list has at most. */
const maxListed = 1_000;

export interface KeyList {
  readonly records: readonly KeyRecord[];
  /** There are more than {@link maxListed}. */
  readonly isCut: boolean;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const dayMs = 86_400_000;
/** How long a key that has ended is still listed. */
const keptMs = 90 * dayMs;
const indexTtlMs = 3_650 * dayMs;
const lastUsedTtlMs = 400 * dayMs;
const channel = 'keys';
const readAtOnce = 50;

export class KeyStore {
  readonly #records: RecordStore;
  readonly #seeds: readonly KeyFacts[];
  readonly #newest: string | undefined;
  #seeded: Promise<void> | undefined;

  /**
   * @param seeds Keys of the configuration; added before the first use where they are not yet there.
   * @param newest The version of the API that partners of new keys are pinned to; without it nobody is pinned.
   */
  constructor(records: RecordStore, seeds: readonly KeyFacts[], newest?: string) {
    this.#records = records;
    this.#seeds = seeds;
    this.#newest = newest;
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    await this.#seed();
    const [facts, end] = await Promise.all([this.#records.get(factsKey(id)), this.#records.get(endKey(id))]);
    if (facts === undefined) return undefined;
    const known = read(KeyFacts, facts);
    return recordOf(known, end === undefined ? {} : read(KeyEnd, end), await this.pinOf(known.partner));
  }

  /** With the time of its last use. */
  async show(id: string): Promise<KeyRecord | undefined> {
    const [record, lastUsed] = await Promise.all([this.find(id), this.#records.get(usedKey(id))]);
    if (record === undefined || lastUsed === undefined) return record;
    return { ...record, lastUsedMs: Number(lastUsed) };
  }

  /** The keys of one partner or of all, oldest first. Forgets those that ended long before `nowMs`. */
  async list(nowMs: number, partner?: string): Promise<KeyList> {
    await this.#seed();
    const indexes = partner === undefined ? [...alphabet].map(shardKey) : [partnerKey(partner)];
    const members = await Promise.all(indexes.map((index) => this.#records.members(index)));
    const ids = members.flat().sort();
    const records: KeyRecord[] = [];
    const listed = ids.slice(0, maxListed);
    for (let from = 0; from < listed.length; from += readAtOnce) {
      const some = await Promise.all(listed.slice(from, from + readAtOnce).map((id) => this.show(id)));
      records.push(...some.filter((record) => record !== undefined));
    }
    const old = records.filter((record) => isForgotten(record, nowMs));
    for (const record of old) await this.#forget(record);
    const kept = records.filter((record) => !old.includes(record));
    return { records: kept.sort((a, b) => a.createdMs - b.createdMs), isCut: ids.length > maxListed };
  }

  /** @returns Whether it was added: false when the id is taken. */
  async add(facts: KeyFacts): Promise<boolean> {
    await this.#seed();
    return this.#put(facts);
  }

  /** The version of the API that a partner is pinned to. */
  async pinOf(partner: string): Promise<string | undefined> {
    return this.#newest === undefined ? undefined : this.#records.get(pinKey(partner));
  }

  /** Pins a partner. @returns Whether it was: false when `when` did not hold. */
  async pin(partner: string, version: string, when: When): Promise<boolean> {
    return this.#records.set(pinKey(partner), version, { when });
  }

  /** Lets a key end at `graceUntilMs`. @returns False when it was replaced or revoked already. */
  async replace(id: string, graceUntilMs: number, replacedBy: string): Promise<boolean> {
    const end: KeyEnd = { graceUntilMs, replacedBy };
    return this.#records.set(endKey(id), JSON.stringify(end), { when: 'absent' });
  }

  /** Ends a key for good. */
  async revoke({ id, graceUntilMs, replacedBy }: KeyRecord, revokedMs: number): Promise<void> {
    const end: KeyEnd = { revokedMs, graceUntilMs, replacedBy };
    await this.#records.set(endKey(id), JSON.stringify(end));
  }

  /** Takes back a key that nobody has seen. */
  async discard(facts: KeyFacts): Promise<void> {
    await this.#forget(recordOf(facts));
  }

  /** Notes a use. Never rejects: it is not worth a request. */
  async touch(id: string, nowMs: number): Promise<void> {
    await this.#records.set(usedKey(id), String(nowMs), { ttlMs: lastUsedTtlMs }).catch(() => {});
  }

  /** Tells all instances that a key is not what it was. */
  tell(id: string): Promise<void> {
    return this.#records.publish(channel, id);
  }

  listen(onChange: (id: string) => void, onGap: () => void): () => void {
    return this.#records.subscribe(channel, onChange, onGap);
  }

  /** Once; again after a failure. */
  #seed(): Promise<void> {
    this.#seeded ??= Promise.all(this.#seeds.map((seed) => this.#plant(seed)))
      .then(() => {})
      .catch((error: unknown) => {
        this.#seeded = undefined;
        throw error;
      });
    return this.#seeded;
  }

  async #plant(seed: KeyFacts): Promise<void> {
    if (this.#newest !== undefined) await this.pin(seed.partner, this.#newest, 'absent');
    await this.#put(seed);
  }

  /** Into the indexes first: a key in no list could not be found to be revoked. */
  async #put(facts: KeyFacts): Promise<boolean> {
    const { id, partner } = facts;
    await Promise.all([
      this.#records.add(shardKey(id), id, indexTtlMs),
      this.#records.add(partnerKey(partner), id, indexTtlMs),
    ]);
    return this.#records.set(factsKey(id), JSON.stringify(facts), { when: 'absent' });
  }

  /** What it is first: without it nothing can be revived. */
  async #forget({ id, partner }: KeyRecord): Promise<void> {
    await this.#records.delete(factsKey(id));
    await Promise.all([this.#records.delete(endKey(id)), this.#records.delete(usedKey(id))]);
    await this.#records.remove(shardKey(id), id);
    await this.#records.remove(partnerKey(partner), id);
  }
}

function isForgotten(record: KeyRecord, nowMs: number): boolean {
  const { revokedMs, seed } = record;
  if (revokedMs === undefined) return nowMs >= endOf(record) + keptMs;
  return seed !== true && nowMs >= revokedMs + keptMs;
}

function factsKey(id: string): string {
  return `key:{${id}}`;
}

function endKey(id: string): string {
  return `key:{${id}}:end`;
}

function usedKey(id: string): string {
  return `key:{${id}}:used`;
}

/** All keys, in as many sets as there are first characters: no set and no node of a cluster holds all. */
function shardKey(id: string): string {
  return `keys:{${id.charAt(0)}}`;
}

function partnerKey(partner: string): string {
  return `keys-of:{${partner}}`;
}

function pinKey(partner: string): string {
  return `version-of:{${partner}}`;
}

/** A record that cannot be read proves nothing about the key: it is no 401. */
function read<T>(schema: ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    const cause = new Error('the record of a key cannot be read'); // what stands in it stays out of logs
    throw new GatewayError('dependency-unavailable', { retryAfterMs: 1_000, cause });
  }
}
