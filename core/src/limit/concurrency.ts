/**
 * How many requests of one caller run at once, on this instance.
 *
 * @module
 */
import type { Caller } from '../context/caller.ts';
import type { ConcurrencyLimit } from './limit.ts';
import { subjectOf } from './subject.ts';

export interface Running {
  /** Counts a request in, under all limits or none: how to count it out, or the limit that is full. */
  enter(limits: readonly ConcurrencyLimit[], caller: Caller): (() => void) | ConcurrencyLimit;
}

/** Counters of what runs; a caller of whom nothing runs takes no memory. */
export function runningCounts(): Running {
  const counts = new Map<string, number>();
  return {
    enter(limits, caller) {
      const keys = limits.map((limit) => `${limit.name}:${subjectOf(limit.by, caller)}`);
      const full = limits.find((limit, index) => (counts.get(keys[index] ?? '') ?? 0) >= limit.max);
      if (full !== undefined) return full;
      for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
      return function leave(): void {
        for (const key of keys.splice(0)) {
          const rest = (counts.get(key) ?? 0) - 1;
          if (rest > 0) counts.set(key, rest);
          else counts.delete(key);
        }
      };
    },
  };
}
