/**
 * Limits remembered in one process, bounded: when there are too many callers, the one seen longest ago
 * is forgotten, which is one that had the most time to recover.
 *
 * Time is the wall clock at the start plus what passed since by the monotonic clock, so windows begin
 * where they should and setting the machine's date gives nothing back.
 *
 * @module
 */
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../context/clock.ts';
import { requireInteger } from '../context/options.ts';
import type { Take } from './algorithm.ts';
import { takeFrom } from './limit.ts';
import type { Admission, Claim, Decision, LimitStore } from './store.ts';

export interface MemoryStoreOptions {
  /** Counters kept at most: one per limit and caller. Default 100 000 (about 20 MB). */
  readonly maxBuckets?: number;
  readonly clock?: Clock;
}

/**
 * Keeps limits in this process.
 *
 * @throws {RangeError} when `maxBuckets` is not a whole number from 1 to 10 000 000.
 */
export function memoryStore(options: MemoryStoreOptions = {}): LimitStore {
  const { maxBuckets = 100_000, clock = systemClock } = options;
  requireInteger('memoryStore', 'maxBuckets', maxBuckets, 1, 10_000_000);
  const states = new LRUCache<string, object>({ max: maxBuckets });
  const offsetMs = clock.wallMs() - clock.monotonicMs();
  let order = 0;
  return {
    take(claims: readonly Claim[]): Decision {
      order += 1;
      return takeAll(states, claims, { atMs: Math.floor(offsetMs + clock.monotonicMs()), order });
    },
  };
}

/** A place for states by key: a bounded cache, or a plain map in a simulation. */
export interface States {
  get(key: string): object | undefined;
  set(key: string, state: object): unknown;
}

/** Tests every claim, then takes from all of them or from none. */
export function takeAll(
  states: States,
  claims: readonly Claim[],
  moment: { readonly atMs: number; readonly order: number },
): Decision {
  const { atMs, order } = moment;
  let allowed = true;
  const tested = claims.map((claim) => {
    const { limit, subject } = claim;
    const key = `${limit.kind}:${limit.name}:${subject}`;
    const take = takeOne(states, claim, key, atMs);
    if (!take.allowed) allowed = false;
    return { claim, key, take };
  });
  const admissions = tested.map(({ claim, key, take }): Admission => {
    if (allowed && claim.cost > 0) states.set(key, take.state); // like the script: only what was taken is saved
    const told = allowed || !take.allowed ? take : takeOne(states, { ...claim, cost: 0 }, key, atMs);
    const { remaining, retryAfterMs, resetAfterMs } = told;
    return { limit: claim.limit.name, allowed: take.allowed, remaining, retryAfterMs, resetAfterMs };
  });
  return { allowed, admissions, atMs, order };
}

function takeOne(states: States, { limit, cost }: Claim, key: string, nowMs: number): Take<object> {
  return takeFrom(limit, states.get(key), cost, nowMs) as Take<object>;
}
