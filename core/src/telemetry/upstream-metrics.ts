/**
 * Metrics of upstreams: calls by operation and outcome, the requests sent for them, and how breakers, targets,
 * places, sockets and the retry budget are at every scrape.
 *
 * @module
 */
import type { BreakerFact, BreakerState, CallFact } from '../context/events.ts';
import { durationBounds } from './request-metrics.ts';
import {
  type CounterCell,
  counterTally,
  type HistogramCell,
  histogramTally,
  type Reading,
  readAtScrape,
  type TallyPlace,
} from './tally.ts';

/** What of an upstream is read at every scrape. */
export interface UpstreamGauges {
  readonly upstream: string;
  readonly breakers: readonly { readonly operation?: string; readonly state: BreakerState }[];
  readonly targets: readonly { readonly health: string; readonly ejectedForMs: number }[];
  readonly bulkhead: { readonly running: number; readonly waiting: number; readonly limit: number };
  readonly retryBudget: { readonly spent: number; readonly allowed: number };
  /** Absent where the transport has none to count. */
  readonly sockets?: SocketGauges;
}

/** Connections to the targets of one upstream. */
export interface SocketGauges {
  /** With a request on them. */
  readonly running: number;
  /** Open and idle. */
  readonly free: number;
  /** Requests that wait for one. */
  readonly queued: number;
  /** How many there may be. */
  readonly limit: number;
}

const openness: Readonly<Record<BreakerState, number>> = {
  closed: 0,
  'half-open': 0.5,
  open: 1,
  isolated: 1,
};

/** Registers the gauges; `upstreams` is asked at every scrape. */
export function registerUpstreamGauges(
  registers: TallyPlace,
  upstreams: () => readonly UpstreamGauges[],
): void {
  readAtScrape(
    {
      name: 'bff_breaker_open',
      help: 'Circuit breakers: 0 closed, 0.5 half-open, 1 open or isolated.',
      type: 'gauge',
      labelNames: ['upstream', 'operation'],
      registers,
    },
    () =>
      upstreams().flatMap(({ upstream, breakers }) =>
        breakers.map(({ operation = '', state }): Reading => [[upstream, operation], openness[state]]),
      ),
  );
  gaugeOf(
    'bff_upstream_targets',
    'Targets that may get calls, and those that may not.',
    'state',
    ({ targets }) => {
      const bad = targets.filter(
        ({ health, ejectedForMs }) => health === 'unhealthy' || ejectedForMs > 0,
      ).length;
      return { good: targets.length - bad, bad };
    },
  );
  gaugeOf(
    'bff_upstream_places',
    'Calls that run and wait, and the limit.',
    'kind',
    ({ bulkhead }) => bulkhead,
  );
  gaugeOf(
    'bff_upstream_retry_budget',
    'Extra requests of the last ten seconds, spent and allowed.',
    'kind',
    ({ retryBudget }) => retryBudget,
  );
  gaugeOf(
    'bff_upstream_sockets',
    'Connections that are used and that are free, requests that wait for one, and the limit.',
    'state',
    ({ sockets }) => sockets ?? {},
  );

  function gaugeOf(
    name: string,
    help: string,
    label: string,
    read: (gauges: UpstreamGauges) => object,
  ): void {
    readAtScrape({ name, help, type: 'gauge', labelNames: ['upstream', label], registers }, () =>
      upstreams().flatMap((gauges) =>
        Object.entries(read(gauges)).map(([kind, value]): Reading => [[gauges.upstream, kind], value]),
      ),
    );
  }
}

/** What the calls of one operation add to. */
interface OperationCells {
  readonly outcomes: Map<string, HistogramCell>;
  first: CounterCell | undefined;
  retry: CounterCell | undefined;
  hedge: CounterCell | undefined;
}

/** Registers the metrics of calls; returns what counts one. */
export function countCalls(registers: TallyPlace): (fact: CallFact) => void {
  const durations = histogramTally({
    name: 'bff_upstream_call_duration_seconds',
    help: 'Time of one upstream call, by operation and outcome.',
    labelNames: ['upstream', 'operation', 'outcome'],
    bounds: durationBounds,
    registers,
  });
  const attempts = counterTally({
    name: 'bff_upstream_attempts_total',
    help: 'Requests sent to upstreams: first attempts, retries, hedges.',
    labelNames: ['upstream', 'operation', 'kind'],
    registers,
  });
  const byUpstream = new Map<string, Map<string, OperationCells>>();
  const cellsOf = (upstream: string, operation: string): OperationCells => {
    const operations = byUpstream.get(upstream) ?? new Map<string, OperationCells>();
    byUpstream.set(upstream, operations);
    const made = { outcomes: new Map(), first: undefined, retry: undefined, hedge: undefined };
    operations.set(operation, made);
    return made;
  };
  return function countCall({ upstream, operation, outcome, durationMs, attempts: sent, hedges }) {
    const cells = byUpstream.get(upstream)?.get(operation) ?? cellsOf(upstream, operation);
    let duration = cells.outcomes.get(outcome);
    if (duration === undefined) {
      duration = durations(upstream, operation, outcome);
      cells.outcomes.set(outcome, duration);
    }
    duration.observe(durationMs / 1_000);
    if (sent === 0) return;
    cells.first ??= attempts(upstream, operation, 'first');
    cells.first.value += 1;
    if (sent === 1) return;
    if (hedges > 0) {
      cells.hedge ??= attempts(upstream, operation, 'hedge');
      cells.hedge.value += hedges;
    }
    if (sent - hedges > 1) {
      cells.retry ??= attempts(upstream, operation, 'retry');
      cells.retry.value += sent - hedges - 1;
    }
  };
}

/** Registers the changes of breakers, which a scrape may miss; returns what counts one. */
export function countBreakerChanges(registers: TallyPlace): (fact: BreakerFact) => void {
  const changes = counterTally({
    name: 'bff_breaker_changes_total',
    help: 'Changes of circuit breakers, by the state they changed to.',
    labelNames: ['upstream', 'operation', 'to'],
    registers,
  });
  return ({ upstream, operation = '', to }) => {
    changes(upstream, operation, to).value += 1;
  };
}
