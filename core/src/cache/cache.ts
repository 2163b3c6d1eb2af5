/**
 * The answers a BFF keeps. Looks in this process, then in what all instances share, then makes the answer
 * once for everybody who waits for the same key. The key decides who shares: see `cache-key.ts`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111 RFC 9111}, HTTP caching
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { CacheOutcome } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type CachePolicy, requireTag } from './cache-options.ts';
import { type Entry, freshnessOf, mayStandIn } from './entry.ts';
import { Flights } from './flights.ts';
import { Making } from './making.ts';
import type { MemoryTier } from './memory-tier.ts';
import type { Purges } from './purges.ts';
import { Renewals } from './renewals.ts';
import type { SharedTier } from './shared-tier.ts';
import type { Found, Wanted } from './wanted.ts';

export interface CacheParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly memory: MemoryTier;
  readonly shared: SharedTier | undefined;
  readonly purges: Purges;
  /** Whether the answers of one caller may be kept wherever answers are kept. */
  readonly mayKeepPersonal: boolean;
}

const standInCodes: ReadonlySet<string> = new Set([
  'upstream-error',
  'upstream-broken-answer',
  'upstream-unreachable',
  'upstream-busy',
  'upstream-timeout',
  'circuit-open',
  'dependency-unavailable',
]);

export class Cache {
  readonly #parts: CacheParts;
  readonly #flights: Flights;
  readonly #making: Making;
  readonly #renewals: Renewals;

  constructor(parts: CacheParts) {
    this.#parts = parts;
    this.#flights = new Flights(parts);
    this.#making = new Making(parts);
    const { clock, memory, shared } = parts;
    this.#renewals = new Renewals({ clock, memory, shared, flights: this.#flights, making: this.#making });
  }

  /** @throws {RangeError} when answers of one caller would be shared unsealed. */
  requireKeepable(where: string, { scope }: Pick<CachePolicy, 'scope'>): void {
    if (scope === 'public' || this.#parts.mayKeepPersonal) return;
    throw new RangeError(
      `${where}: cache of scope 'principal' is shared sealed only; add cache.sealKeys to defineBff, 32 bytes as base64 each`,
    );
  }

  /** Finds the answer or makes it. Answers at once when it is in memory. */
  find(context: RequestContext, wanted: Wanted): Found | Promise<Found> {
    if (this.#making.isUnshareable(wanted.part)) return this.#bypass(context, wanted);
    const { entry } = this.#parts.memory.find(wanted);
    if (entry !== undefined) {
      const freshness = freshnessOf(entry, this.#parts.clock.monotonicMs());
      if (freshness === 'stale') this.#renewals.renew(context, wanted, entry);
      if (freshness === 'fresh' || freshness === 'stale') {
        return this.#told(wanted, entry, freshness === 'fresh' ? 'hit' : 'stale');
      }
    }
    return this.#wait(context, wanted, entry);
  }

  /** Makes the answer for this caller alone, for a request that has no key. */
  async unkeyed(context: RequestContext, wanted: Wanted): Promise<Found> {
    return this.#bypass(context, wanted);
  }

  /**
   * Counts `bytes` more for the answer of `key`: something that was made of its `value` and is kept as long as
   * that. False when there is no room for it, or the value is kept no longer.
   */
  grow(key: string, value: unknown, bytes: number): boolean {
    return this.#parts.memory.grow(key, value, bytes);
  }

  /**
   * Ends every answer with this tag, on all instances.
   *
   * @throws {GatewayError} `dependency-unavailable` when only this instance could be told.
   * @throws {RangeError} when it is no tag.
   */
  async purge(tag: string): Promise<void> {
    requireTag('purge', tag);
    this.#parts.purges.purge(tag);
    await this.#parts.shared?.purge(tag);
  }

  /** Bytes kept in this process. */
  get bytes(): number {
    return this.#parts.memory.bytes;
  }

  /** Cancels what is under way and forgets everything in this process. */
  close(): void {
    this.#flights.close();
    this.#parts.memory.clear();
  }

  async #wait(context: RequestContext, wanted: Wanted, old: Entry | undefined): Promise<Found> {
    if (context.cancellation.reason !== undefined) throw context.cancellation.reason;
    const [flight, isLeader] = this.#flights.board(context, wanted, (own) =>
      this.#making.findOrMake(own, wanted, old),
    );
    try {
      const landed = await flight.wait(context, wanted);
      if (isLeader) {
        if (landed.outcome === 'stale') this.#renewals.renew(context, wanted, landed.entry);
        return this.#told(wanted, landed.entry, landed.outcome, landed.isForAll);
      }
      if (!landed.isForAll) return await this.#bypass(context, wanted);
      return this.#told(wanted, landed.entry, 'collapsed');
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      const known = this.#parts.memory.find(wanted).entry ?? old; // a flight may have found one elsewhere
      const hasLeft = error === context.cancellation.reason;
      if (hasLeft || known === undefined || !standInCodes.has(error.code)) throw error;
      if (!mayStandIn(known, this.#parts.clock.monotonicMs())) throw error;
      return { ...this.#told(wanted, known, 'stale'), failure: error };
    }
  }

  async #bypass(context: RequestContext, wanted: Wanted): Promise<Found> {
    const flight = this.#flights.startAlone(context, wanted, (own) => this.#making.makeAlone(own, wanted));
    const { entry } = await flight.wait(context, wanted);
    return this.#told(wanted, entry, 'bypass', false);
  }

  #told(
    { part }: Wanted,
    { value, headers, askedMs, terms }: Entry,
    outcome: CacheOutcome,
    isKept = true,
  ): Found {
    this.#parts.events.emit('cache', { part, outcome });
    const ageMs = Math.max(0, this.#parts.clock.monotonicMs() - askedMs);
    return { value, headers, outcome, ageMs, freshForMs: isKept ? terms.freshMs - ageMs : undefined };
  }
}
