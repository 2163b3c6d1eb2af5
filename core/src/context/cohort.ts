/**
 * Work of one kind, done together once per turn of the event loop rather than one by one as it comes. Between two
 * reads from sockets the processor forgets the code of a step; in a row it is there for all but the first. Under
 * load that is a fourth of the CPU time of a request (docs/reference/performance.md); alone it costs a microsecond.
 *
 * @see {@link https://www.usenix.org/conference/2002-usenix-annual-technical-conference/using-cohort-scheduling-enhance-server
 *   Larus and Parkes, Using Cohort Scheduling to Enhance Server Performance}
 * @module
 */

/** @param run Does it for one item, in the order in which they came. Must not throw. */
export function cohort<Item>(run: (item: Item) => void): (item: Item) => void {
  let waiting: Item[] = [];
  const runAll = (): void => {
    const together = waiting;
    waiting = [];
    for (const item of together) run(item);
  };
  return function add(item) {
    waiting.push(item);
    if (waiting.length === 1) setImmediate(runAll);
  };
}
