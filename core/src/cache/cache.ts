/**
 * The answers a BFF keeps. Looks in this process, then in what all instances share, then makes the answer
 * once for everybody who waits for the same key. The key decides who shares: see `cache-key.ts`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111 RFC 9111}, HTTP caching
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { CacheOutcome, EventBus } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type CachePolicy, requireTag } from './cache-options.ts';
import type { EntryPlace } from './cache-tier.ts';
import type { Terms } from './directives.ts';
import { type Entry, freshnessOf, lifetimeMs, mayStandIn } from './entry.ts';
import { Flight } from './flight.ts';
import { flightContext } from './flight-context.ts';
import type { MemoryTier } from './memory-tier.ts';
import type { Purges } from './purges.ts';
import { settleValue } from './settle-value.ts';
import type { SharedTier } from './shared-tier.ts';

/** An answer that was just made. */
export interface Made {
  readonly value: unknown;
  /** Headers of the service that go to the client. */
  readonly headers: readonly (readonly [string, string])[];
  /** Nothing when it must not be kept. */
  readonly terms: Terms | undefined;
  /** The service said that the old answer is still good; `value` is the one of it. */
  readonly isUnchanged?: boolean;
}

/** One question to the cache. */
export interface Wanted extends EntryPlace {
  readonly policy: CachePolicy;
  /** Which declaration asks, such as `catalog.get`: a label of metrics. */
  readonly part: string;
  /** What it is worth to the one who asks; what is worth more never waits for what is worth less. */
  readonly rank: number;
  /** Milliseconds the one who asks waits at most. */
  readonly timeoutMs: number;
  /** Milliseconds more for one whose deadline is over: what can be said without the missing parts is on its way. Default 0. */
  readonly graceMs?: number;
  /** Makes the answer in a context of its own; `old` is one to revalidate. */
  make(context: RequestContext, old: Entry | undefined): Promise<Made>;
}

/** The answer to the question. */
export interface Found {
  readonly value: unknown;
  readonly headers: readonly (readonly [string, string])[];
  readonly outcome: CacheOutcome;
  readonly ageMs: number;
  /** How long it stays fresh; negative since when it is stale, `undefined` when it may not be kept. */
  readonly freshForMs: number | undefined;
  /** Why a stale one stands in. */
  readonly failure?: GatewayError;
}

/** What a flight brings. */
interface Landed {
  readonly entry: Entry;
  /** How the leader came to it. */
  readonly outcome: 'hit' | 'stale' | 'miss';
  /** Whether others may have it, too. */
  readonly isForAll: boolean;
}

export interface CacheParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly memory: MemoryTier;
  readonly shared: SharedTier | undefined;
  readonly purges: Purges;
  /** Whether the answers of one caller may be kept wherever answers are kept. */
  readonly mayKeepPersonal: boolean;
}

/** While another instance renews an answer, this one looks again so often. */
const retryMs = 1_000;
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
  readonly #clock: Clock;
  readonly #events: EventBus;
  readonly #memory: MemoryTier;
  readonly #shared: SharedTier | undefined;
  readonly #purges: Purges;
  readonly #mayKeepPersonal: boolean;
  readonly #flights = new Map<string, Flight<Landed>>();
  readonly #renewals = new Map<string, number>();
  readonly #unshareable = new Set<string>();

  constructor(parts: CacheParts) {
    const { clock, events, memory, shared, purges } = parts;
    this.#clock = clock;
    this.#events = events;
    this.#memory = memory;
    this.#shared = shared;
    this.#purges = purges;
    this.#mayKeepPersonal = parts.mayKeepPersonal;
  }

  /** @throws {RangeError} when answers of one caller would be shared unsealed. */
  requireKeepable(where: string, { scope }: Pick<CachePolicy, 'scope'>): void {
    if (scope === 'public' || this.#mayKeepPersonal) return;
    throw new RangeError(
      `${where}: cache of scope 'principal' is shared sealed only; add cache.sealKeys to defineBff, 32 bytes as base64 each`,
    );
  }

  /** Finds the answer or makes it. Answers at once when it is in memory. */
  find(context: RequestContext, wanted: Wanted): Found | Promise<Found> {
    if (this.#unshareable.has(wanted.part)) return this.#bypass(context, wanted);
    const nowMs = this.#clock.monotonicMs();
    const { entry } = this.#memory.find(wanted);
    if (entry !== undefined) {
      const freshness = freshnessOf(entry, nowMs);
      if (freshness === 'stale') this.#renew(context, wanted, entry);
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
   * Ends every answer with this tag, on all instances.
   *
   * @throws {GatewayError} `dependency-unavailable` when only this instance could be told.
   * @throws {RangeError} when it is no tag.
   */
  async purge(tag: string): Promise<void> {
    requireTag('purge', tag);
    this.#purges.purge(tag);
    await this.#shared?.purge(tag);
  }

  /** Bytes kept in this process. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Cancels what is under way and forgets everything in this process. */
  close(): void {
    for (const flight of this.#flights.values())
      flight.cancellation.cancel(new GatewayError('shutting-down'));
    this.#flights.clear();
    this.#memory.clear();
  }

  async #wait(context: RequestContext, wanted: Wanted, old: Entry | undefined): Promise<Found> {
    if (context.cancellation.reason !== undefined) throw context.cancellation.reason;
    const [flight, isLeader] = this.#board(context, wanted, old);
    try {
      const landed = await flight.wait(context, wanted);
      if (isLeader) {
        if (landed.outcome === 'stale') this.#renew(context, wanted, landed.entry);
        return this.#told(wanted, landed.entry, landed.outcome, landed.isForAll);
      }
      if (!landed.isForAll) return await this.#bypass(context, wanted);
      return this.#told(wanted, landed.entry, 'collapsed');
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      const known = this.#memory.find(wanted).entry ?? old; // a flight may have found one elsewhere
      const hasLeft = error === context.cancellation.reason;
      if (hasLeft || known === undefined || !standInCodes.has(error.code)) throw error;
      if (!mayStandIn(known, this.#clock.monotonicMs())) throw error;
      return { ...this.#told(wanted, known, 'stale'), failure: error };
    }
  }

  /** The flight to wait for, and whether it began for this caller. */
  #board(context: RequestContext, wanted: Wanted, old: Entry | undefined): [Flight<Landed>, boolean] {
    const known = this.#flights.get(wanted.key);
    const isGood =
      known?.isOpen === true &&
      known.rank >= wanted.rank &&
      !this.#purges.hasEnded(wanted.tags, known.startedMs);
    if (isGood) return [known, false];
    return [this.#start(context, wanted, false, (flight) => this.#fly(flight, wanted, old)), true];
  }

  #start(
    leader: RequestContext,
    { key, policy, rank }: Wanted,
    keepsGoing: boolean,
    work: (context: RequestContext) => Promise<Landed>,
  ): Flight<Landed> {
    const flight: Flight<Landed> = new Flight(this.#clock, { rank, keepsGoing }, async (self) => {
      const context = flightContext(leader, policy, { key, cancellation: self.cancellation });
      try {
        await Promise.resolve(); // it is on the map before it begins
        return await work(context);
      } finally {
        if (this.#flights.get(key) === self) this.#flights.delete(key);
        if (!keepsGoing && leader.cancellation.reason === undefined) leader.calls.push(...context.calls);
      }
    });
    this.#flights.set(key, flight);
    return flight;
  }

  /** Looks in the shared tier, then makes the answer. */
  async #fly(context: RequestContext, wanted: Wanted, old: Entry | undefined): Promise<Landed> {
    const { entry: shared, ticket } = (await this.#shared?.find(wanted)) ?? {
      entry: undefined,
      ticket: undefined,
    };
    if (shared !== undefined) {
      this.#memory.keep(wanted, shared);
      const freshness = freshnessOf(shared, this.#clock.monotonicMs());
      if (freshness === 'fresh' || freshness === 'stale') {
        return { entry: shared, outcome: freshness === 'fresh' ? 'hit' : 'stale', isForAll: true };
      }
    }
    const { landed } = await this.#make(context, wanted, newer(shared, old), ticket);
    return landed;
  }

  async #make(
    context: RequestContext,
    wanted: Wanted,
    old: Entry | undefined,
    ticket: string | undefined,
  ): Promise<{ landed: Landed; kept: void | Promise<void> }> {
    const askedMs = this.#clock.monotonicMs();
    const { value, headers, terms, isUnchanged } = await wanted.make(context, old);
    const bytes = isUnchanged === true && old !== undefined ? old.bytes : settleValue(value);
    if (bytes === undefined) this.#unshareableIs(wanted.part);
    const isForAll = bytes !== undefined && terms?.isStorable === true;
    const entry = { value, headers, tags: wanted.tags, askedMs, bytes: bytes ?? 0, terms: terms ?? noTerms };
    const landed: Landed = { entry, outcome: 'miss', isForAll };
    if (!isForAll || lifetimeMs(entry.terms) === 0) return { landed, kept: undefined };
    this.#memory.keep(wanted, entry);
    return { landed, kept: this.#shared?.keep(wanted, entry, ticket) };
  }

  /** Renews a stale answer beside the request, once per key on all instances. */
  #renew(context: RequestContext, wanted: Wanted, old: Entry): void {
    const { key } = wanted;
    if (this.#flights.get(key)?.isOpen === true) return;
    const notBeforeMs = this.#renewals.get(key);
    if (notBeforeMs !== undefined && this.#clock.monotonicMs() < notBeforeMs) return;
    this.#renewals.delete(key);
    this.#start(context, wanted, true, (flight) => this.#renewOnce(flight, wanted, old));
  }

  async #renewOnce(context: RequestContext, wanted: Wanted, old: Entry): Promise<Landed> {
    const unlock =
      this.#shared === undefined ? async (): Promise<void> => {} : await this.#shared.lock(wanted);
    try {
      // Only now: whoever had the lock before has written what is here.
      const { entry: shared, ticket } = (await this.#shared?.find(wanted)) ?? {
        entry: undefined,
        ticket: undefined,
      };
      if (shared !== undefined && freshnessOf(shared, this.#clock.monotonicMs()) === 'fresh') {
        this.#memory.keep(wanted, shared);
        return { entry: shared, outcome: 'hit', isForAll: true };
      }
      if (unlock === undefined) {
        this.#postpone(wanted.key);
        return { entry: old, outcome: 'stale', isForAll: false }; // who needs a fresh one gets it elsewhere
      }
      const { landed, kept } = await this.#make(context, wanted, newer(shared, old), ticket);
      await kept;
      return landed;
    } catch (thrown) {
      this.#postpone(wanted.key); // it stays stale; who has to wait for a fresh one hears why there is none
      throw thrown;
    } finally {
      await unlock?.();
    }
  }

  #postpone(key: string): void {
    if (this.#renewals.size >= maxPostponed) this.#renewals.clear();
    this.#renewals.set(key, this.#clock.monotonicMs() + retryMs);
  }

  async #bypass(context: RequestContext, wanted: Wanted): Promise<Found> {
    const { policy, key } = wanted;
    const flight = new Flight<Landed>(this.#clock, { rank: wanted.rank, keepsGoing: false }, async (self) => {
      const own = flightContext(context, policy, { key, cancellation: self.cancellation });
      try {
        const { value, headers } = await wanted.make(own, undefined);
        const entry = {
          value,
          headers,
          tags: [],
          askedMs: this.#clock.monotonicMs(),
          bytes: 0,
          terms: noTerms,
        };
        return { entry, outcome: 'miss', isForAll: false };
      } finally {
        context.calls.push(...own.calls);
      }
    });
    const { entry } = await flight.wait(context, wanted);
    return this.#told(wanted, entry, 'bypass', false);
  }

  #told(
    { part }: Wanted,
    { value, headers, askedMs, terms }: Entry,
    outcome: CacheOutcome,
    isKept = true,
  ): Found {
    this.#events.emit('cache', { part, outcome });
    const ageMs = Math.max(0, this.#clock.monotonicMs() - askedMs);
    return { value, headers, outcome, ageMs, freshForMs: isKept ? terms.freshMs - ageMs : undefined };
  }

  /** Answers of this declaration can never be shared: nobody waits for another's from now on. */
  #unshareableIs(part: string): void {
    if (this.#unshareable.has(part)) return;
    this.#unshareable.add(part);
    const error = new TypeError(
      'its answers have values that are no plain JSON, such as dates, and are not kept',
    );
    this.#events.emit('problem', { part: `cache of ${part}`, error });
  }
}

const maxPostponed = 10_000;

const noTerms: Terms = {
  isStorable: false,
  freshMs: 0,
  swrMs: 0,
  staleIfErrorMs: 0,
  etag: undefined,
  lastModified: undefined,
};

function newer(one: Entry | undefined, other: Entry | undefined): Entry | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.askedMs >= other.askedMs ? one : other;
}
