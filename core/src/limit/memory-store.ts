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
  const keys = claims.map(({ limit, subject }) => `${limit.kind}:${limit.name}:${subject}`);
  const takes = claims.map((claim, index) => takeOne(states, claim, keys[index] ?? '', moment.atMs));
  const allowed = takes.every((take) => take.allowed);
  const admissions = claims.map((claim, index): Admission => {
    const key = keys[index] ?? '';
    const first = takes[index] as Take<object>;
    if (allowed && claim.cost > 0) states.set(key, first.state); // like the script: only what was taken is saved
    const take = allowed || !first.allowed ? first : takeOne(states, { ...claim, cost: 0 }, key, moment.atMs);
    const { remaining, retryAfterMs, resetAfterMs } = take;
    return { limit: claim.limit.name, allowed: first.allowed, remaining, retryAfterMs, resetAfterMs };
  });
  return { allowed, admissions, ...moment };
}

function takeOne(states: States, { limit, cost }: Claim, key: string, nowMs: number): Take<object> {
  return takeFrom(limit, states.get(key), cost, nowMs) as Take<object>;
}
