/**
 * A service with a capacity: so many requests at once, each for so long, the rest waits in its own
 * endless queue, so that latency grows with whatever is sent too much.
 *
 * @module
 */
import * as faults from './faults.ts';
import type { Fault } from './faulty-upstream.ts';

export interface LimitedOptions {
  readonly concurrency: number;
  readonly serviceMs: number;
}

/** Answers with `value`; a request whose connection is closed while it waits still takes its turn, like in a real service. */
export function limited(value: unknown, { concurrency, serviceMs }: LimitedOptions): Fault {
  const queue: (() => void)[] = [];
  let running = 0;
  const next = (): void => {
    const work = queue.shift();
    if (work === undefined) return;
    running += 1;
    setTimeout(() => {
      running -= 1;
      work();
      next();
    }, serviceMs);
  };
  return (socket, request) => {
    queue.push(() => {
      if (!socket.destroyed) faults.ok(value)(socket, request);
    });
    if (running < concurrency) next();
  };
}
