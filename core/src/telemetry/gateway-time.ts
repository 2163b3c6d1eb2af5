/**
 * What of a request's time was the gateway's own: the time in which no call to an upstream was running.
 *
 * @module
 */
import type { CallFact, RequestFact } from '../context/events.ts';

/**
 * Milliseconds of a request in which none of its calls was running, at least 0. Waiting for a queue, for an identity
 * provider outside a call, or for somebody else's call of the same cache entry is the gateway's.
 *
 * The calls are in the order in which they ended, so one pass from the last to the first is enough: everything from
 * the earliest start seen so far to the end of the call at hand is known to be covered.
 */
export function gatewayTimeMs({ durationMs, calls }: Pick<RequestFact, 'durationMs' | 'calls'>): number {
  let coveredMs = 0;
  let earliestMs = durationMs;
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const { startMs, durationMs: lastedMs } = calls[index] as CallFact;
    if (startMs >= earliestMs) continue;
    const endMs = startMs + lastedMs;
    coveredMs += (endMs < earliestMs ? endMs : earliestMs) - startMs;
    earliestMs = startMs;
  }
  return coveredMs > durationMs ? 0 : durationMs - coveredMs;
}
