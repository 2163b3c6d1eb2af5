/**
 * What service level objectives are made of: for each endpoint that has one, how many requests count and how
 * many of them were bad. Two plain counters per objective, so that the limit is exact, whatever the buckets of
 * the histograms are.
 *
 * @see {@link https://sre.google/workbook/implementing-slos/ Google SRE workbook}, implementing SLOs
 * @module
 */
import type { RequestFact } from '../context/events.ts';
import {
  type CellOf,
  type CounterCell,
  counterTally,
  type Reading,
  readAtScrape,
  type TallyPlace,
} from './tally.ts';

/** The objectives of one endpoint, as shares in (0, 1). */
export interface SloTarget {
  readonly method: string;
  readonly route: string;
  readonly availability?: number;
  readonly latency?: { readonly share: number; readonly ms: number };
}

/** Counts a request of the endpoint. */
export type CountSlo = (fact: Pick<RequestFact, 'status' | 'durationMs' | 'degraded'>) => void;

/** Registers the counters of all objectives, at 0; finds the count of one endpoint. */
export function registerSlos(
  registers: TallyPlace,
  targets: readonly SloTarget[],
): (method: string, route: string) => CountSlo | undefined {
  const labelNames = ['method', 'route', 'sli'];
  const requests = counterTally({
    name: 'bff_slo_requests_total',
    help: 'Requests that count for an objective of their endpoint.',
    labelNames,
    registers,
  });
  const bad = counterTally({
    name: 'bff_slo_bad_requests_total',
    help: 'Those of them that were bad: failed (availability), too slow (latency), or without an optional part (degraded).',
    labelNames,
    registers,
  });
  readAtScrape(
    {
      name: 'bff_slo_objective_ratio',
      help: 'The share of requests that an endpoint promises to be good.',
      type: 'gauge',
      labelNames,
      registers,
    },
    () => targets.flatMap(objectivesOf),
  );
  const counts = targets.map((target) => ({ ...target, count: compileCount(target, requests, bad) }));
  return (method, route) =>
    counts.find((target) => target.method === method && target.route === route)?.count;
}

function objectivesOf({ method, route, availability, latency }: SloTarget): Reading[] {
  return [
    ...(availability === undefined ? [] : [[[method, route, 'availability'], availability] as const]),
    ...(latency === undefined ? [] : [[[method, route, 'latency'], latency.share] as const]),
  ];
}

/**
 * Answers of the client's own making (4xx) count nowhere: a flood of them would hide an outage. A client that left
 * counts as too slow when it had waited for longer than promised.
 */
function compileCount(
  { method, route, availability, latency }: SloTarget,
  requests: CellOf<CounterCell>,
  bad: CellOf<CounterCell>,
): CountSlo {
  const pair = (sli: string): Pair => ({ all: requests(method, route, sli), bad: bad(method, route, sli) });
  const available = availability === undefined ? undefined : pair('availability');
  const fast = latency === undefined ? undefined : pair('latency');
  const whole = pair('degraded');
  const limitMs = latency?.ms ?? Number.POSITIVE_INFINITY;
  return function countSlo({ status, durationMs, degraded }) {
    if (status >= 500) {
      add(available, true);
    } else if (status < 400) {
      add(available, false);
      add(fast, durationMs > limitMs);
      add(whole, degraded.length > 0);
    } else if (status === clientGone && durationMs > limitMs) {
      add(fast, true);
    }
  };
}

const clientGone = 499;

interface Pair {
  readonly all: CounterCell;
  readonly bad: CounterCell;
}

function add(pair: Pair | undefined, isBad: boolean): void {
  if (pair === undefined) return;
  pair.all.value += 1;
  if (isBad) pair.bad.value += 1;
}
