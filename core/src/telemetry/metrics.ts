/**
 * Metrics of one BFF: counts its facts, and reads at every scrape what is a state. Labels come from declarations
 * only, so their number is fixed at boot.
 *
 * @see {@link https://prometheus.io/docs/practices/naming/ Prometheus naming}
 * @module
 */
import { Registry } from 'prom-client';
import type { EventBus } from '../context/event-bus.ts';
import { auditPart } from './access-log.ts';
import { type ServerGauges, watchProcess } from './process-metrics.ts';
import { countRequests } from './request-metrics.ts';
import type { SloTarget } from './slo-metrics.ts';
import { counterTally, readAtScrape, type TallyPlace } from './tally.ts';
import {
  countBreakerChanges,
  countCalls,
  registerUpstreamGauges,
  type UpstreamGauges,
} from './upstream-metrics.ts';

export interface Metrics {
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Adds the figures of this process and its server; the first call counts. `serve` does so. */
  watchProcess(server: ServerGauges): void;
  /** Stops counting. */
  stop(): void;
}

/** What a BFF tells its metrics beside its facts. */
export interface MetricsParts {
  /** Asked at every scrape. */
  upstreams(): readonly UpstreamGauges[];
  /** Requests under way; asked at every scrape. */
  liveRequests(): number;
  /** The objectives of its endpoints. */
  readonly slos: readonly SloTarget[];
}

/** Counts the facts of one BFF. */
export function countFacts(bff: string, events: EventBus, parts: MetricsParts): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ bff });
  const registers: TallyPlace = [registry];
  const stops = [
    events.on('request', countRequests(registers, parts.slos)),
    events.on('call', countCalls(registers)),
    events.on('breaker', countBreakerChanges(registers)),
    ...countLimits(registers, events),
    ...countRest(registers, events),
  ];
  registerUpstreamGauges(registers, () => parts.upstreams());
  readAtScrape(
    {
      name: 'bff_live_requests',
      help: 'Requests under way.',
      type: 'gauge',
      labelNames: [],
      registers,
    },
    () => [[[], parts.liveRequests()]],
  );
  let isWatched = false;
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    watchProcess(server) {
      if (isWatched) return;
      isWatched = true;
      stops.push(watchProcess(registers, server));
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Decisions of limits, and how well they could be made. */
function countLimits(registers: TallyPlace, events: EventBus): (() => void)[] {
  const limits = counterTally({
    name: 'bff_limit_decisions_total',
    help: 'Decisions of limits.',
    labelNames: ['limit', 'decision'],
    registers,
  });
  const standIns = counterTally({
    name: 'bff_limit_stand_in_total',
    help: 'Decisions made while the store of the limits could not be asked, by what decided instead.',
    labelNames: ['limit', 'stand_in'],
    registers,
  });
  let isUp = true;
  readAtScrape(
    {
      name: 'bff_limit_store_up',
      help: 'Whether the store of the limits answers: 1, or 0 while something stands in for it.',
      type: 'gauge',
      labelNames: [],
      registers,
    },
    () => [[[], isUp ? 1 : 0]],
  );
  const quotas = counterTally({
    name: 'bff_limit_quota_crossings_total',
    help: 'Callers that passed 80 or 100 percent of a monthly quota.',
    labelNames: ['limit', 'percent'],
    registers,
  });
  return [
    events.on('limit', ({ limit, allowed, standIn }) => {
      limits(limit, allowed ? 'allowed' : 'refused').value += 1;
      if (standIn !== undefined) standIns(limit, standIn).value += 1;
    }),
    events.on('limitStore', ({ state }) => {
      isUp = state === 'up';
    }),
    events.on('quota', ({ limit, percent }) => {
      quotas(limit, String(percent)).value += 1;
    }),
  ];
}

/** The cache, budgets, what operators do, and what went wrong behind the requests. */
function countRest(registers: TallyPlace, events: EventBus): (() => void)[] {
  const cached = counterTally({
    name: 'bff_cache_lookups_total',
    help: 'What the cache did, by declaration: hit, stale, miss, collapsed, bypass.',
    labelNames: ['part', 'outcome'],
    registers,
  });
  const overBudget = counterTally({
    name: 'bff_over_budget_answers_total',
    help: 'Answers that weigh more than the budget of their endpoint.',
    labelNames: ['method', 'route'],
    registers,
  });
  const audits = counterTally({
    name: 'bff_audit_actions_total',
    help: 'Changes of who may do what, by action.',
    labelNames: ['action'],
    registers,
  });
  const problems = counterTally({
    name: 'bff_problems_total',
    help: 'Problems of parts that work beside the requests, by part. The log says which.',
    labelNames: ['part'],
    registers,
  });
  const deliveries = counterTally({
    name: 'bff_webhook_deliveries_total',
    help: 'Attempts to deliver events to partners, by type and outcome: delivered, retried, failed, dropped.',
    labelNames: ['event', 'outcome'],
    registers,
  });
  problems(auditPart); // from 0 on: the first one must be seen to be one more
  return [
    events.on('cache', ({ part, outcome }) => {
      cached(part, outcome).value += 1;
    }),
    events.on('overBudget', ({ method, route }) => {
      overBudget(method, route).value += 1;
    }),
    events.on('problem', ({ part }) => {
      problems(part).value += 1;
    }),
    events.on('audit', ({ action }) => {
      audits(action).value += 1;
    }),
    events.on('webhook', ({ event, outcome }) => {
      deliveries(event, outcome).value += 1;
    }),
  ];
}
