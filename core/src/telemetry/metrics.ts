/**
 * Metrics: requests, errors and durations per route template and per upstream operation, the state of
 * breakers, decisions of limits. Labels come from declarations only, so their number is fixed at boot.
 *
 * @see {@link https://prometheus.io/docs/practices/naming/ Prometheus naming}
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EventBus } from '../context/events.ts';
import { registerAttempts, registerUpstreamGauges, type UpstreamGauges } from './upstream-metrics.ts';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

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
  const requests = new Histogram({
    name: 'bff_http_request_duration_seconds',
    help: 'Time from arrival to answer, by route template and status.',
    labelNames: ['method', 'route', 'status'],
    buckets,
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
  const calls = new Histogram({
    name: 'bff_upstream_call_duration_seconds',
    help: 'Time of one upstream call, by operation and outcome.',
    labelNames: ['upstream', 'operation', 'outcome'],
    buckets,
    registers,
  });
  const limits = new Counter({
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
  registerUpstreamGauges(registers, upstreams);
  const countAttempts = registerAttempts(registers);
  const childOf = remember((method: string, route: string, status: string) =>
    requests.labels(method, route, status),
  );
  const callChildOf = remember((upstream: string, operation: string, outcome: string) =>
    calls.labels(upstream, operation, outcome),
  );
  const stops = [
    events.on('request', (fact) => {
      const method = knownMethods.has(fact.method) ? fact.method : 'other';
      childOf(method, fact.route, String(fact.status)).observe(fact.durationMs / 1_000);
      if (fact.code !== undefined) failures.inc({ method, route: fact.route, code: fact.code });
      for (const node of fact.degraded) degraded.inc({ route: fact.route, node });
    }),
    events.on('call', (fact) => {
      callChildOf(fact.upstream, fact.operation, fact.outcome).observe(fact.durationMs / 1_000);
      countAttempts(fact);
    }),
    events.on('limit', ({ limit, allowed, standIn }) => {
      limits.inc({ limit, decision: allowed ? 'allowed' : 'refused' });
      if (standIn !== undefined) standIns.inc({ limit, stand_in: standIn });
    }),
    events.on('limitStore', ({ state }) => storeUp.set(state === 'up' ? 1 : 0)),
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

/** Keeps what `make` made for each triple; the number of triples is bounded by the declarations. */
function remember<T>(make: (a: string, b: string, c: string) => T): (a: string, b: string, c: string) => T {
  const known = new Map<string, T>();
  return (a, b, c) => {
    const key = `${a}\n${b}\n${c}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(a, b, c);
    known.set(key, made);
    return made;
  };
}
