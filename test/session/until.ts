/**
 * Waiting for something to become true in other tasks of this process, turn by turn, without a clock.
 *
 * @module
 */
import { setImmediate as turn } from 'node:timers/promises';

/** @throws {Error} when `isTrue` stays false for 20 000 turns. */
export async function until(isTrue: () => boolean, what = 'it'): Promise<void> {
  for (let turns = 0; turns < 20_000; turns += 1) {
    if (isTrue()) return;
    await turn();
  }
  throw new Error(`waited in vain until ${what}`);
}
