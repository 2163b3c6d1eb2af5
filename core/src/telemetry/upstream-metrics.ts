/**
 * Metrics of upstreams beyond the calls themselves: breakers, targets, places in the bulkhead, the
 * retry budget, and how many requests were sent for the calls.
 *
 * @module
 */
import { Gauge, type Registry } from 'prom-client';
import type { BreakerState, CallFact } from '../context/events.ts';
import { counterTally } from './tally.ts';

/** What of an upstream is read at every scrape. */
export interface UpstreamGauges {
  readonly upstream: string;
  readonly breakers: readonly { readonly operation?: string; readonly state: BreakerState }[];
  readonly targets: readonly { readonly health: string; readonly ejectedForMs: number }[];
  readonly bulkhead: { readonly running: number; readonly waiting: number; readonly limit: number };
  readonly retryBudget: { readonly spent: number; readonly allowed: number };
}

const openness: Readonly<Record<BreakerState, number>> = {
  closed: 0,
  'half-open': 0.5,
  open: 1,
  isolated: 1,
};

/** Registers the gauges; `upstreams` is asked at every scrape. */
export function registerUpstreamGauges(
  registers: Registry[],
  upstreams: () => readonly UpstreamGauges[],
): void {
  new Gauge({
    name: 'bff_breaker_open',
    help: 'Circuit breakers: 0 closed, 0.5 half-open, 1 open or isolated.',
    labelNames: ['upstream', 'operation'],
    registers,
    collect() {
      for (const { upstream, breakers } of upstreams()) {
        for (const { operation = '', state } of breakers) this.set({ upstream, operation }, openness[state]);
      }
    },
  });
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
  gaugeOf('bff_upstream_places', 'Calls that run and wait, and the limit.', 'kind', ({ bulkhead }) => ({
    ...bulkhead,
  }));
  gaugeOf(
    'bff_upstream_retry_budget',
    'Extra requests of the last ten seconds, spent and allowed.',
    'kind',
    ({ retryBudget }) => ({
      ...retryBudget,
    }),
  );

  function gaugeOf(
    name: string,
    help: string,
    label: string,
    read: (gauges: UpstreamGauges) => Record<string, number>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ['upstream', label],
      registers,
      collect() {
        for (const gauges of upstreams()) {
          for (const [kind, value] of Object.entries(read(gauges)))
            this.set({ upstream: gauges.upstream, [label]: kind }, value);
        }
      },
    });
  }
}

/** Counts the requests that were sent for calls: first attempts, retries, hedges. */
export function registerAttempts(registers: Registry[]): (fact: CallFact) => void {
  const attempts = counterTally({
    name: 'bff_upstream_attempts_total',
    help: 'Requests sent to upstreams: first attempts, retries, hedges.',
    labelNames: ['upstream', 'operation', 'kind'],
    registers,
  });
  return function countAttempts({ upstream, operation, attempts: sent, hedges }) {
    if (sent === 0) return;
    attempts(upstream, operation, 'first').value += 1;
    if (hedges > 0) attempts(upstream, operation, 'hedge').value += hedges;
    if (sent - hedges > 1) attempts(upstream, operation, 'retry').value += sent - hedges - 1;
  };
}
