/**
 * Metrics: requests, errors and durations per route template and per upstream operation, the state of
 * breakers, decisions of limits. Labels come from declarations only, so their number is fixed at boot.
 *
 * @see {@link https://prometheus.io/docs/practices/naming/ Prometheus naming}
 * @module
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { EventBus } from '../context/events.ts';
import { counterTally, histogramTally } from './tally.ts';
import { registerAttempts, registerUpstreamGauges, type UpstreamGauges } from './upstream-metrics.ts';

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface Metrics {
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Stops counting. */
  stop(): void;
}

/** Counts the facts of one BFF. `upstreams` is asked at every scrape. */
export function countFacts(
  bff: string,
  events: EventBus,
  upstreams: () => readonly UpstreamGauges[],
): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  registry.setDefaultLabels({ bff });
  const requests = histogramTally({
    name: 'bff_http_request_duration_seconds',
    help: 'Time from arrival to answer, by route template and status.',
    labelNames: ['method', 'route', 'status'],
    bounds,
    registers,
  });
  const failures = new Counter({
    name: 'bff_http_request_problems_total',
    help: 'Answers that are problem details, by code.',
    labelNames: ['method', 'route', 'code'],
    registers,
  });
  const degraded = new Counter({
    name: 'bff_degraded_nodes_total',
    help: 'Optional parts that an answer went out without.',
    labelNames: ['route', 'node'],
    registers,
  });
  const calls = histogramTally({
    name: 'bff_upstream_call_duration_seconds',
    help: 'Time of one upstream call, by operation and outcome.',
    labelNames: ['upstream', 'operation', 'outcome'],
    bounds,
    registers,
  });
  const limits = counterTally({
    name: 'bff_limit_decisions_total',
    help: 'Decisions of limits.',
    labelNames: ['limit', 'decision'],
    registers,
  });
  const standIns = new Counter({
    name: 'bff_limit_stand_in_total',
    help: 'Decisions made while the store of the limits could not be asked, by what decided instead.',
    labelNames: ['limit', 'stand_in'],
    registers,
  });
  const storeUp = new Gauge({
    name: 'bff_limit_store_up',
    help: 'Whether the store of the limits answers: 1, or 0 while something stands in for it.',
    registers,
  });
  storeUp.set(1);
  const quotas = new Counter({
    name: 'bff_limit_quota_crossings_total',
    help: 'Callers that passed 80 or 100 percent of a monthly quota.',
    labelNames: ['limit', 'percent'],
    registers,
  });
  const audits = new Counter({
    name: 'bff_audit_actions_total',
    help: 'Changes of who may do what, by action.',
    labelNames: ['action'],
    registers,
  });
  const overBudget = new Counter({
    name: 'bff_over_budget_answers_total',
    help: 'Answers that weigh more than the budget of their endpoint.',
    labelNames: ['method', 'route'],
    registers,
  });
  const cached = counterTally({
    name: 'bff_cache_lookups_total',
    help: 'What the cache did, by declaration: hit, stale, miss, collapsed, bypass.',
    labelNames: ['part', 'outcome'],
    registers,
  });
  registerUpstreamGauges(registers, upstreams);
  const countAttempts = registerAttempts(registers);
  const stops = [
    events.on('request', (fact) => {
      const method = knownMethods.has(fact.method) ? fact.method : 'other';
      requests(method, fact.route, String(fact.status)).observe(fact.durationMs / 1_000);
      if (fact.code !== undefined) failures.inc({ method, route: fact.route, code: fact.code });
      for (const node of fact.degraded) degraded.inc({ route: fact.route, node });
    }),
    events.on('call', (fact) => {
      calls(fact.upstream, fact.operation, fact.outcome).observe(fact.durationMs / 1_000);
      countAttempts(fact);
    }),
    events.on('limit', ({ limit, allowed, standIn }) => {
      limits(limit, allowed ? 'allowed' : 'refused').value += 1;
      if (standIn !== undefined) standIns.inc({ limit, stand_in: standIn });
    }),
    events.on('cache', ({ part, outcome }) => {
      cached(part, outcome).value += 1;
    }),
    events.on('limitStore', ({ state }) => storeUp.set(state === 'up' ? 1 : 0)),
    events.on('overBudget', ({ method, route }) => overBudget.inc({ method, route })),
    events.on('audit', ({ action }) => audits.inc({ action })),
    events.on('quota', ({ limit, percent }) => quotas.inc({ limit, percent: String(percent) })),
  ];
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
