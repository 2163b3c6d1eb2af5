/**
 * Time that passes only while nobody works: real services take none of it, a call that hangs takes all
 * it may have, and no test waits for either.
 *
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ManualClock } from 'bffkit/testing';

const stepMs = 5;
const mostMs = 60_000;

/**
 * Settles as `pending` does, moving `clock` whenever `isBusy` says that nothing is on its way.
 *
 * @throws {Error} when it has not settled after a minute of the clock.
 */
export async function settleInVirtualTime<T>(
  pending: Promise<T>,
  clock: ManualClock,
  isBusy: () => boolean,
): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  pending.then(settle, settle);
  const endMs = clock.monotonicMs() + mostMs;
  while (!isSettled) {
    await nextTurn();
    if (isSettled || isBusy()) continue;
    if (clock.monotonicMs() >= endMs) throw new Error(`nothing was settled within ${mostMs} ms`);
    clock.advance(stepMs);
  }
  return pending;
}
