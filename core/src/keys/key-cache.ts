/**
 * What this process remembers of keys: a known one for five seconds, an unknown one for one. A change is
 * told to all instances at once; where the telling was interrupted, everything is forgotten. So a
 * revocation holds everywhere within a second, and within five when telling fails.
 *
 * @module
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../context/clock.ts';
import type { Principal } from '../context/principal.ts';
import { type AddressList, addressList } from '../ingress/address-list.ts';
import { endOf, type KeyRecord } from './key-record.ts';

/** A key, with all that judging it needs. */
export interface KnownKey {
  readonly record: KeyRecord;
  readonly principal: Principal;
  /** Epoch milliseconds from which it is refused; infinite without an end. */
  readonly endMs: number;
  readonly ipAllow: AddressList | undefined;
}

interface Remembered {
  readonly key: KnownKey | undefined;
  /** Monotonic milliseconds. */
  readonly untilMs: number;
}

const knownMs = 5_000;
const unknownMs = 1_000;
const maxRemembered = 10_000;

export class KeyCache {
  readonly #find: (id: string) => Promise<KeyRecord | undefined>;
  readonly #clock: Clock;
  readonly #known = new LRUCache<string, Remembered>({ max: maxRemembered });
  /** Apart, so that made-up ids push no known key out. */
  readonly #unknown = new LRUCache<string, Remembered>({ max: maxRemembered });
  readonly #asking = new Map<string, Promise<KnownKey | undefined>>();

  constructor(find: (id: string) => Promise<KeyRecord | undefined>, clock: Clock) {
    this.#find = find;
    this.#clock = clock;
  }

  /** At once when it is remembered. Whoever asks for the same key meanwhile gets the same answer. */
  get(id: string): KnownKey | undefined | Promise<KnownKey | undefined> {
    const remembered = this.#known.get(id) ?? this.#unknown.get(id);
    if (remembered !== undefined && this.#clock.monotonicMs() < remembered.untilMs) return remembered.key;
    return this.#asking.get(id) ?? this.#askOnce(id);
  }

  /** Forgets one key. */
  forget(id: string): void {
    this.#known.delete(id);
    this.#unknown.delete(id);
    this.#asking.delete(id);
  }

  /** Forgets everything. */
  flush(): void {
    this.#known.clear();
    this.#unknown.clear();
    this.#asking.clear();
  }

  /** What was asked before a change is neither shared nor remembered after it: by then it is not in `#asking`. */
  #askOnce(id: string): Promise<KnownKey | undefined> {
    const askedMs = this.#clock.monotonicMs();
    const asked: Promise<KnownKey | undefined> = this.#find(id)
      .then((record) => {
        const key = record === undefined ? undefined : knownKey(record);
        if (this.#asking.get(id) === asked) this.#remember(id, key, askedMs);
        return key;
      })
      .finally(() => {
        if (this.#asking.get(id) === asked) this.#asking.delete(id);
      });
    this.#asking.set(id, asked);
    return asked;
  }

  #remember(id: string, key: KnownKey | undefined, askedMs: number): void {
    this.#known.delete(id);
    this.#unknown.delete(id);
    if (key === undefined) this.#unknown.set(id, { key, untilMs: askedMs + unknownMs });
    else this.#known.set(id, { key, untilMs: askedMs + knownMs });
  }
}

function knownKey(record: KeyRecord): KnownKey {
  const { id, partner, scopes, tenant, plan, version, ipAllow } = record;
  return {
    record,
    principal: {
      kind: 'partner',
      subject: partner,
      clientId: id,
      scopes: new Set(scopes),
      tenant,
      ...(plan === undefined ? {} : { plan }),
      ...(version === undefined ? {} : { version }),
    },
    endMs: endOf(record),
    ipAllow: ipAllow === undefined ? undefined : addressList('ipAllow', ipAllow),
  };
}
