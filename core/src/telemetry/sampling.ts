/**
 * Which requests get a line when not all do. What somebody will look for is always written: failures, slow ones,
 * degraded ones, refusals that say something. Of what is ordinary, a share, chosen by the trace, so that all
 * instances choose the same and a request that is traced has a line.
 *
 * @module
 */
import type { RequestFact } from '../context/events.ts';
import { requireRange } from '../context/options.ts';
import type { ProblemCode } from '../problem/codes.ts';
import { isInShare } from './trace-share.ts';

export interface SampleOptions {
  /** The share of ordinary requests that get a line, from 0 to 1. Default 1: all. */
  readonly sample?: number;
  /** Milliseconds from which a request is slow, 0 to 600 000. Default 1 000. */
  readonly slowMs?: number;
}

/** Refusals that everybody causes all day, some of them as often as they like: as ordinary as a good answer. */
const ordinary: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'not-found',
  'method-not-allowed',
  'not-signed-in',
  'rate-limited',
  'client-gone',
]);

/**
 * Makes the function that says for how much a request counts: 1 is always written, 0 never; a share between is
 * written and stands for `1 / share` requests.
 *
 * @throws {RangeError} when an option is out of range.
 */
export function sampling({ sample = 1, slowMs = 1_000 }: SampleOptions): (fact: RequestFact) => number {
  requireRange('log', 'sample', sample, 0, 1);
  requireRange('log', 'slowMs', slowMs, 0, 600_000);
  if (sample === 1) return () => 1;
  return function shareOf(fact) {
    const { status, code, durationMs, degraded } = fact;
    if (status >= 500 || durationMs >= slowMs || degraded.length > 0) return 1;
    if (code !== undefined && !ordinary.has(code)) return 1;
    return isInShare(fact.traceId, sample) ? sample : 0;
  };
}
