/**
 * Counters of one key as plain data: pure functions, so that every store that is no server of its own counts alike.
 *
 * @module
 */
import { requireInteger } from '../context/options.ts';
import { requireValue } from './check.ts';

/** Counters that a key keeps at most; what is added to one more is added to {@link overflow}. */
export const maxCounters = 10_000;
/** Who counts is remembered for this many at most: those with the highest turns. */
export const maxTurns = 1_000;
/** The counter of what found no room. */
export const overflow = '';

const maxNameLength = 512;
const maxAmount = 2 ** 40;

/** What makes repeating an addition harmless. */
export interface Turn {
  /** Who adds; one string per process. */
  readonly by: string;
  /** Grows with every addition of `by`: one that is not above the last is a repetition. */
  readonly turn: number;
}

export interface Counters {
  readonly counts: ReadonlyMap<string, number>;
  /** The last turn of everybody who counted. */
  readonly turns: ReadonlyMap<string, number>;
}

export const noCounters: Counters = { counts: new Map(), turns: new Map() };

/**
 * The counters after an addition; nothing when it was a repetition.
 *
 * @example
 * counted(noCounters, new Map([['a', 2]]), { by: 'one', turn: 1 })?.counts.get('a'); // => 2
 */
export function counted(
  { counts, turns }: Counters,
  amounts: ReadonlyMap<string, number>,
  once: Turn | undefined,
): Counters | undefined {
  if (once !== undefined && (turns.get(once.by) ?? Number.NEGATIVE_INFINITY) >= once.turn) return undefined;
  const sums = new Map(counts);
  for (const [wanted, amount] of amounts) {
    const name = sums.has(wanted) || sums.size < maxCounters ? wanted : overflow;
    sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return { counts: sums, turns: once === undefined ? turns : remembered(turns, once) };
}

function remembered(turns: ReadonlyMap<string, number>, { by, turn }: Turn): ReadonlyMap<string, number> {
  const all = new Map(turns).set(by, turn);
  if (all.size <= maxTurns) return all;
  const [[lowest = ''] = []] = [...all].sort(([, one], [, other]) => one - other);
  all.delete(lowest);
  return all;
}

/** @throws {RangeError} for a name that is too long, an amount that is no whole number from 1 to 2^40, or such a turn. */
export function requireAmounts(amounts: ReadonlyMap<string, number>, once: Turn | undefined): void {
  for (const [name, amount] of amounts) {
    if (name.length > maxNameLength) {
      throw new RangeError(
        `records: a counter's name must have at most ${maxNameLength} characters, got ${name.length}`,
      );
    }
    requireInteger('records', 'amount', amount, 1, maxAmount);
  }
  if (amounts.size > maxCounters) {
    throw new RangeError(
      `records: one addition must name at most ${maxCounters} counters, got ${amounts.size}`,
    );
  }
  if (once === undefined) return;
  requireValue(once.by);
  requireInteger('records', 'turn', once.turn, 0, Number.MAX_SAFE_INTEGER);
}
