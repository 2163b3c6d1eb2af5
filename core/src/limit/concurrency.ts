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

interface Count {
  running: number;
}

/** So many counters may be those of callers of whom nothing runs. */
const leastKept = 1_024;

const leaveNothing = (): void => {};

/** Counters of what runs; their number is bounded by twice the callers of whom something runs. */
export function runningCounts(): Running {
  const counts = new Map<string, Count>();
  let emptyAt = leastKept;
  /** Counters of nobody stay for who comes again soon: a table that never rests is expensive. */
  const forgetIdle = (): void => {
    for (const [key, { running }] of counts) if (running === 0) counts.delete(key);
    emptyAt = Math.max(leastKept, counts.size * 2);
  };
  const countOf = (key: string): Count => {
    let count = counts.get(key);
    if (count === undefined) {
      if (counts.size >= emptyAt) forgetIdle();
      count = { running: 0 };
      counts.set(key, count);
    }
    return count;
  };
  return {
    enter(limits, caller) {
      if (limits.length === 0) return leaveNothing;
      const keys = limits.map((limit) => `${limit.name}:${subjectOf(limit.by, caller)}`);
      const full = limits.find((limit, index) => (counts.get(keys[index] ?? '')?.running ?? 0) >= limit.max);
      if (full !== undefined) return full;
      const taken = keys.map(countOf);
      for (const count of taken) count.running += 1;
      return function leave(): void {
        for (const count of taken.splice(0)) count.running -= 1;
      };
    },
  };
}
