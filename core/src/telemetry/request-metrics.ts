/**
 * Metrics of requests, by method and route template: how many, how they ended, how long they took and how much of
 * that was the gateway's own time, how many bytes went where, what was refused and why.
 *
 * Everything a request needs is found by two look-ups; what it adds to are plain numbers.
 *
 * @module
 */
import type { RequestFact } from '../context/events.ts';
import { type ProblemCode, problemCodes } from '../problem/codes.ts';
import { gatewayTimeMs } from './gateway-time.ts';
import { type CountSlo, registerSlos, type SloTarget } from './slo-metrics.ts';
import {
  type CounterCell,
  counterTally,
  type HistogramCell,
  histogramTally,
  type TallyPlace,
} from './tally.ts';

/** Upper bounds of durations, in seconds. */
export const durationBounds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
/** Finer below, and with a bound at the target of 200 ms. */
const overheadBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5];

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Where no endpoint answered. */
const noRoute = '*';

const authCodes = (Object.keys(problemCodes) as ProblemCode[]).filter((code) =>
  [401, 403].includes(problemCodes[code].status),
);

/** What one method of one route adds to. */
interface RouteCells {
  readonly durations: Map<number, HistogramCell>;
  /** Absent where there is no endpoint whose time it could be. */
  readonly overhead: HistogramCell | undefined;
  readonly received: CounterCell;
  readonly sent: CounterCell;
  readonly fetched: CounterCell;
  readonly countSlo: CountSlo | undefined;
}

/** Registers the metrics of requests; returns what counts one. */
export function countRequests(
  registers: TallyPlace,
  slos: readonly SloTarget[],
): (fact: RequestFact) => void {
  const route = ['method', 'route'];
  const durations = histogramTally({
    name: 'bff_http_request_duration_seconds',
    help: 'Time from arrival to answer, by route template and status.',
    labelNames: [...route, 'status'],
    bounds: durationBounds,
    registers,
  });
  const overheads = histogramTally({
    name: 'bff_gateway_overhead_seconds',
    help: 'The part of that time in which no call to an upstream was running.',
    labelNames: route,
    bounds: overheadBounds,
    registers,
  });
  const received = counterTally({
    name: 'bff_http_request_bytes_total',
    help: 'Bytes of the bodies of requests.',
    labelNames: route,
    registers,
  });
  const sent = counterTally({
    name: 'bff_http_response_bytes_total',
    help: 'Bytes of the bodies of answers, as sent.',
    labelNames: route,
    registers,
  });
  const fetched = counterTally({
    name: 'bff_http_upstream_bytes_total',
    help: 'Bytes of the answers of upstreams that went into them.',
    labelNames: route,
    registers,
  });
  const problems = counterTally({
    name: 'bff_http_request_problems_total',
    help: 'Answers that are problem details, by code.',
    labelNames: [...route, 'code'],
    registers,
  });
  const degraded = counterTally({
    name: 'bff_degraded_nodes_total',
    help: 'Optional parts that an answer went out without.',
    labelNames: ['route', 'node'],
    registers,
  });
  const authFailures = counterTally({
    name: 'bff_auth_failures_total',
    help: 'Requests refused with 401 or 403, by code.',
    labelNames: ['code'],
    registers,
  });
  const authCells = new Map<ProblemCode, CounterCell>(authCodes.map((code) => [code, authFailures(code)]));
  const sheds = counterTally({
    name: 'bff_sheds_total',
    help: 'What was not begun because the process is overloaded: requests of endpoints, optional calls.',
    labelNames: ['what'],
    registers,
  });
  const [shedEndpoints, shedOptional] = [sheds('endpoint'), sheds('optional')];
  const sloOf = registerSlos(registers, slos);

  const byMethod = new Map<string, Map<string, RouteCells>>();
  const cellsOf = (method: string, template: string): RouteCells => {
    const routes = byMethod.get(method) ?? new Map<string, RouteCells>();
    byMethod.set(method, routes);
    const made = {
      durations: new Map(),
      overhead: template === noRoute ? undefined : overheads(method, template),
      received: received(method, template),
      sent: sent(method, template),
      fetched: fetched(method, template),
      countSlo: sloOf(method, template),
    };
    routes.set(template, made);
    return made;
  };

  return function countRequest(fact) {
    const { status, code, durationMs, calls } = fact;
    const method = knownMethods.has(fact.method) ? fact.method : 'other';
    const cells = byMethod.get(method)?.get(fact.route) ?? cellsOf(method, fact.route);
    let duration = cells.durations.get(status);
    if (duration === undefined) {
      duration = durations(method, fact.route, String(status));
      cells.durations.set(status, duration);
    }
    duration.observe(durationMs / 1_000);
    cells.overhead?.observe(gatewayTimeMs(fact) / 1_000);
    cells.received.value += fact.bytesIn;
    cells.sent.value += fact.bytes;
    for (const call of calls) {
      cells.fetched.value += call.bytes;
      if (call.outcome === 'shed') shedOptional.value += 1;
    }
    cells.countSlo?.(fact);
    for (const node of fact.degraded) degraded(fact.route, node).value += 1;
    if (code === undefined) return;
    problems(method, fact.route, code).value += 1;
    if (code === 'overloaded') shedEndpoints.value += 1;
    const refused = authCells.get(code);
    if (refused !== undefined) refused.value += 1;
  };
}
