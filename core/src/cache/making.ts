/**
 * Coming to an answer that is not in this process: from what all instances share, else by making it. What may be
 * kept is kept on the way.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { TierFind } from './cache-tier.ts';
import type { Terms } from './directives.ts';
import { type Entry, freshnessOf, lifetimeMs } from './entry.ts';
import type { MemoryTier } from './memory-tier.ts';
import { settleValue } from './settle-value.ts';
import type { SharedTier } from './shared-tier.ts';
import type { Landed, Wanted } from './wanted.ts';

export interface MakingParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly memory: MemoryTier;
  readonly shared: SharedTier | undefined;
}

/** What came, and when it was written down for all instances. */
export interface Stored {
  readonly landed: Landed;
  readonly kept: void | Promise<void>;
}

const nothing: TierFind = { entry: undefined, ticket: undefined };

const noTerms: Terms = {
  isStorable: false,
  freshMs: 0,
  swrMs: 0,
  staleIfErrorMs: 0,
  etag: undefined,
  lastModified: undefined,
};

export class Making {
  readonly #parts: MakingParts;
  readonly #unshareable = new Set<string>();

  constructor(parts: MakingParts) {
    this.#parts = parts;
  }

  /** Whether answers of this declaration turned out to be nothing that can be shared. */
  isUnshareable(part: string): boolean {
    return this.#unshareable.has(part);
  }

  /** Looks in the shared tier, then makes the answer. */
  async findOrMake(context: RequestContext, wanted: Wanted, old: Entry | undefined): Promise<Landed> {
    const { entry: shared, ticket } = await this.lookElsewhere(wanted);
    if (shared !== undefined) {
      const { memory, clock } = this.#parts;
      memory.keep(wanted, shared);
      const freshness = freshnessOf(shared, clock.monotonicMs());
      if (freshness === 'fresh' || freshness === 'stale') {
        return { entry: shared, outcome: freshness === 'fresh' ? 'hit' : 'stale', isForAll: true };
      }
    }
    const { landed } = await this.make(context, wanted, { old: newer(shared, old), ticket });
    return landed;
  }

  /** What all instances share. */
  async lookElsewhere(wanted: Wanted): Promise<TierFind> {
    return this.#parts.shared?.find(wanted) ?? nothing;
  }

  /** Makes the answer, and keeps it when it may be kept. @param source What can be revalidated, and the leave to write. */
  async make(
    context: RequestContext,
    wanted: Wanted,
    { old, ticket }: { readonly old: Entry | undefined; readonly ticket: string | undefined },
  ): Promise<Stored> {
    const { clock, memory, shared } = this.#parts;
    const askedMs = clock.monotonicMs();
    const { value, headers, terms, isUnchanged } = await wanted.make(context, old);
    const bytes = isUnchanged === true && old !== undefined ? old.bytes : settleValue(value);
    if (bytes === undefined) this.#unshareableIs(wanted.part);
    const isForAll = bytes !== undefined && terms?.isStorable === true;
    const entry = { value, headers, tags: wanted.tags, askedMs, bytes: bytes ?? 0, terms: terms ?? noTerms };
    const landed: Landed = { entry, outcome: 'miss', isForAll };
    if (!isForAll || lifetimeMs(entry.terms) === 0) return { landed, kept: undefined };
    memory.keep(wanted, entry);
    return { landed, kept: shared?.keep(wanted, entry, ticket) };
  }

  /** Makes the answer for one caller, and keeps nothing. */
  async makeAlone(context: RequestContext, wanted: Wanted): Promise<Landed> {
    const { value, headers } = await wanted.make(context, undefined);
    const askedMs = this.#parts.clock.monotonicMs();
    const entry = { value, headers, tags: [], askedMs, bytes: 0, terms: noTerms };
    return { entry, outcome: 'miss', isForAll: false };
  }

  /** Nobody waits for another's from now on. */
  #unshareableIs(part: string): void {
    if (this.#unshareable.has(part)) return;
    this.#unshareable.add(part);
    const error = new TypeError(
      'its answers have values that are no plain JSON, such as dates, and are not kept',
    );
    this.#parts.events.emit('problem', { part: `cache of ${part}`, error });
  }
}

/** The one that was asked for later. */
export function newer(one: Entry | undefined, other: Entry | undefined): Entry | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.askedMs >= other.askedMs ? one : other;
}
