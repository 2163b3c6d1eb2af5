/**
 * The last good answers of calls that declare how old a stand-in may be. Kept per caller, so that one
 * caller's answer can never stand in for another's; bounded in bytes; used only when the call fails.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5861#section-4 RFC 5861, section 4}, `stale-if-error`
 * @module
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../context/clock.ts';

const maxBytes = 16 * 1_024 * 1_024;
const maxEntryBytes = 256 * 1_024;

interface Entry {
  readonly value: unknown;
  readonly atMs: number;
}

export class LastGood {
  readonly #clock: Clock;
  readonly #entries = new LRUCache<string, Entry>({ maxSize: maxBytes, maxEntrySize: maxEntryBytes });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a good answer. It is frozen: from now on several requests may see it. */
  keep(key: string, value: unknown): void {
    const size = key.length + (JSON.stringify(value)?.length ?? 0);
    this.#entries.set(key, { value: freeze(value), atMs: this.#clock.monotonicMs() }, { size });
  }

  /** The last good answer when it is at most `maxAgeMs` old. */
  find(key: string, maxAgeMs: number): { readonly value: unknown } | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#clock.monotonicMs() - entry.atMs > maxAgeMs) return undefined;
    return entry;
  }
}

/** The key of a stand-in: who asked, what for, where. A tuple, so that no two can run together. */
export function lastGoodKey(subject: string, place: string, request: unknown): string {
  return JSON.stringify([subject, place, request]);
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
