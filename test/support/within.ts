/**
 * Time bounds on a machine that is busy with other things: a bound holds if one of a few measurements
 * keeps it.
 *
 * @module
 */

/**
 * Runs `measure` until it takes at most `limitMs`, `attempts` times at most. Resolves to the shortest
 * of the times, in milliseconds; compare it with the limit.
 */
export async function shortest(
  limitMs: number,
  attempts: number,
  measure: () => Promise<number>,
): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attempts && bestMs > limitMs; attempt += 1) {
    bestMs = Math.min(bestMs, await measure());
  }
  return bestMs;
}
