/**
 * Waiting for what has no event.
 *
 * @module
 */

const checkMs = 20;

/** Waits until `isOver`, at most `limitMs`. */
export async function until(isOver: () => boolean, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!isOver() && performance.now() < endMs) await sleep(checkMs);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
