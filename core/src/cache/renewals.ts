/**
 * Renewing stale answers beside the requests that got them, once per key on all instances. One that cannot be
 * renewed stays stale, and is tried again a moment later.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5861#section-3 RFC 5861, section 3}, `stale-while-revalidate`
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { RequestContext } from '../context/request-context.ts';
import { type Entry, freshnessOf } from './entry.ts';
import type { Flights } from './flights.ts';
import { type Making, newer } from './making.ts';
import type { MemoryTier } from './memory-tier.ts';
import type { SharedTier } from './shared-tier.ts';
import type { Landed, Wanted } from './wanted.ts';

export interface RenewalsParts {
  readonly clock: Clock;
  readonly memory: MemoryTier;
  readonly shared: SharedTier | undefined;
  readonly flights: Flights;
  readonly making: Making;
}

/** While another instance renews an answer, this one looks again so often. */
const retryMs = 1_000;
const maxPostponed = 10_000;

export class Renewals {
  readonly #parts: RenewalsParts;
  /** By key: when it may be tried again. */
  readonly #notBeforeMs = new Map<string, number>();

  constructor(parts: RenewalsParts) {
    this.#parts = parts;
  }

  /** Renews `old`, unless that is under way or was tried just now. */
  renew(context: RequestContext, wanted: Wanted, old: Entry): void {
    const { flights, clock } = this.#parts;
    const { key } = wanted;
    if (flights.isUnderWay(key)) return;
    const notBeforeMs = this.#notBeforeMs.get(key);
    if (notBeforeMs !== undefined && clock.monotonicMs() < notBeforeMs) return;
    this.#notBeforeMs.delete(key);
    flights.startBeside(context, wanted, (own) => this.#renewOnce(own, wanted, old));
  }

  async #renewOnce(context: RequestContext, wanted: Wanted, old: Entry): Promise<Landed> {
    const { making, memory, shared: tier, clock } = this.#parts;
    const unlock = tier === undefined ? async (): Promise<void> => {} : await tier.lock(wanted);
    try {
      // Only now: whoever had the lock before has written what is here.
      const { entry: shared, ticket } = await making.lookElsewhere(wanted);
      if (shared !== undefined && freshnessOf(shared, clock.monotonicMs()) === 'fresh') {
        memory.keep(wanted, shared);
        return { entry: shared, outcome: 'hit', isForAll: true };
      }
      if (unlock === undefined) {
        this.#postpone(wanted.key);
        return { entry: old, outcome: 'stale', isForAll: false }; // who needs a fresh one gets it elsewhere
      }
      const { landed, kept } = await making.make(context, wanted, { old: newer(shared, old), ticket });
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
    if (this.#notBeforeMs.size >= maxPostponed) this.#notBeforeMs.clear();
    this.#notBeforeMs.set(key, this.#parts.clock.monotonicMs() + retryMs);
  }
}
