/**
 * What happened, as numbers and lines for the page: made once a second while somebody looks.
 *
 * @module
 */
import type { Bff } from '../bff.ts';
import type { Clock } from '../context/clock.ts';
import { criticalPath, type NodeOrder } from '../explain/critical-path.ts';
import { happenedLine } from './happened-line.ts';
import { quantiles, shareAbove, trimmed } from './latency-ring.ts';
import type { Observations } from './observations.ts';
import { callerName } from './pseudonym.ts';
import { causeField, type LineParts, requestLine, standingLine } from './request-line.ts';
import { keptSeconds, type SecondRing } from './second-ring.ts';
import { ofCache, ofCall, ofLimit, ofNode, ofRoute, type RouteSeries, type Series } from './series.ts';
import type {
  AboutEndpoint,
  CallNumbers,
  LimitNumbers,
  NodeNumbers,
  ProblemLine,
  RequestLine,
  RouteNumbers,
  Slo,
  Tick,
} from './wire.ts';

export interface TickParts {
  readonly bff: Pick<Bff, 'name' | 'liveRequests' | 'upstreams' | 'pseudonyms'>;
  readonly endpoints: readonly AboutEndpoint[];
  readonly seen: Observations;
  readonly clock: Clock;
}

export interface TickOptions {
  /** Seconds, at most 300. */
  readonly window: number;
  /** Order of the last request the page has; absent for a first tick. */
  readonly after?: number;
}

const maxRequestsPerTick = 40;
const shares = [0.5, 0.95, 0.99];

/** Makes ticks of one BFF. */
export function tickMaker({ bff, endpoints, seen, clock }: TickParts): (options: TickOptions) => Tick {
  const plans = new Map<string, AboutEndpoint>(endpoints.map((endpoint) => [endpoint.key, endpoint]));
  const planOf = (key: string): NodeOrder | undefined => plans.get(key);
  return function makeTick({ window, after }) {
    const isFirst = after === undefined;
    seen.settle();
    const second = seen.second();
    const over: Window = { second, seconds: window, isFirst };
    const wallOffsetMs = clock.wallMs() - clock.monotonicMs();
    return {
      bff: bff.name,
      atMs: clock.wallMs(),
      window,
      live: bff.liveRequests(),
      times: trimmed(timesOfAll(seen, over)),
      routes: numbersOf(
        seen.routes,
        ({ counts }) => counts,
        over,
        (route, key) => routeNumbers(route, over, plans.get(key)),
      ),
      operations: numbersOf(
        seen.operations,
        ({ counts }) => counts,
        over,
        (series) => callNumbers(series, over),
      ),
      upstreams: bff.upstreams.status(),
      limits: numbersOf(
        seen.limits,
        (ring) => ring,
        over,
        (ring) => limitNumbers(ring, over),
      ),
      callers: seen.callers.list(20, second).map(({ count, refused, latest }) => ({
        name: callerName(latest, bff.pseudonyms),
        ...(latest.limit?.caller.plan === undefined ? {} : { plan: latest.limit.caller.plan }),
        count,
        refused,
        standing: latest.standing.map(standingLine),
      })),
      cache: numbersOf(
        seen.cache,
        (ring) => ring,
        over,
        (ring) => sums(ring, ofCache, over),
      ),
      problems: seen.problems.list(60).map(
        ({ firstMs, lastMs, cause, ...group }): ProblemLine => ({
          ...group,
          firstMs: Math.round(firstMs + wallOffsetMs),
          lastMs: Math.round(lastMs + wallOffsetMs),
          ...causeField(cause),
        }),
      ),
      happened: seen.happened.slice(-60).map(happenedLine),
      requests: requestsOf(seen, after, { planOf, wallOffsetMs, pseudonyms: bff.pseudonyms }),
    };
  };
}

interface Window {
  /** The last second. */
  readonly second: number;
  readonly seconds: number;
  readonly isFirst: boolean;
}

/** Of places where something happened in the last five minutes; in a first tick of all. */
function numbersOf<Place, Numbers>(
  places: ReadonlyMap<string, Place>,
  ringOf: (place: Place) => SecondRing,
  { second, isFirst }: Window,
  make: (place: Place, key: string) => Numbers,
): Record<string, Numbers> {
  const recent = [...places].filter(
    ([, place]) => isFirst || second - ringOf(place).lastSecond <= keptSeconds + 1,
  );
  return Object.fromEntries(recent.map(([key, place]) => [key, make(place, key)]));
}

function routeNumbers(route: RouteSeries, over: Window, plan: AboutEndpoint | undefined): RouteNumbers {
  const { counts, times } = route;
  const nodes = Object.fromEntries(
    [...route.nodes].map(([node, series]) => [node, nodeNumbers(series, over)]),
  );
  const typical = plan === undefined ? undefined : typicalPath(plan, nodes);
  const slo = plan?.slo;
  return {
    ...sums(counts, ofRoute, over),
    ...timesOf(route, over),
    ...routeHistory(counts, over),
    times: trimmed(times.counts(over.second, over.seconds)),
    nodes,
    ...(typical === undefined ? {} : { typical }),
    ...(slo === undefined ? {} : { burn: burnOf(route, slo, over.second) }),
  };
}

/** The critical path of a request in which every node takes its median time. */
function typicalPath(plan: NodeOrder, nodes: Readonly<Record<string, NodeNumbers>>): RouteNumbers['typical'] {
  const endsMs = new Map<string, number>();
  const calls = plan.nodes.flatMap(({ name, dependencies }) => {
    const startMs = Math.max(0, ...dependencies.map((needed) => endsMs.get(needed) ?? 0));
    const { count = 0, p50 = 0 } = nodes[name] ?? {};
    endsMs.set(name, startMs + p50);
    return count === 0 ? [] : [{ node: name, startMs, durationMs: p50 }];
  });
  return calls.length === 0 ? undefined : criticalPath(plan, calls);
}

function timesOfAll({ routes }: Observations, { second, seconds }: Window): number[] {
  const total: number[] = [];
  for (const { times } of routes.values()) {
    for (const [bucket, count] of times.counts(second, seconds).entries()) {
      total[bucket] = (total[bucket] ?? 0) + count;
    }
  }
  return total;
}

function callNumbers(series: Series, over: Window): CallNumbers {
  return { ...sums(series.counts, ofCall, over), ...timesOf(series, over), ...history(series.counts, over) };
}

function nodeNumbers(series: Series, over: Window): NodeNumbers {
  const { count, errors, lookups, found } = sums(series.counts, ofNode, over);
  return { count, errors, lookups, found, ...timesOf(series, over) };
}

function limitNumbers(ring: SecondRing, over: Window): LimitNumbers {
  return sums(ring, ofLimit, over);
}

function timesOf({ times }: Series, { second, seconds }: Window): { p50: number; p95: number; p99: number } {
  const [p50 = 0, p95 = 0, p99 = 0] = quantiles(times.counts(second, seconds), shares).map(
    (ms) => Math.round(ms * 100) / 100,
  );
  return { p50, p95, p99 };
}

/** The sum of every counter over the window. */
function sums<Counters extends Readonly<Record<string, number>>>(
  ring: SecondRing,
  counters: Counters,
  { second, seconds }: Window,
): Record<keyof Counters, number> {
  const entries = Object.entries(counters).map(([name, counter]) => [
    name,
    ring.sum(counter, second, seconds),
  ]);
  return Object.fromEntries(entries) as Record<keyof Counters, number>;
}

/** The second before the running one is complete. Routes and calls both count requests first and errors second. */
function history(ring: SecondRing, { second, isFirst }: Window): Pick<CallNumbers, 'last' | 'history'> {
  const done = second - 1;
  const { count, errors } = ofCall;
  return {
    last: [ring.sum(count, done, 1), ring.sum(errors, done, 1)],
    ...(isFirst ? { history: { count: ring.history(count, done), errors: ring.history(errors, done) } } : {}),
  };
}

function routeHistory(ring: SecondRing, over: Window): Pick<RouteNumbers, 'last' | 'history'> {
  const { last, history: known } = history(ring, over);
  const done = over.second - 1;
  const [count, errors] = last;
  return {
    last: [count, errors, ring.sum(ofRoute.degraded, done, 1)],
    ...(known === undefined ? {} : { history: { ...known, degraded: ring.history(ofRoute.degraded, done) } }),
  };
}

function burnOf(
  { counts, times }: RouteSeries,
  { availability, latency }: Slo,
  second: number,
): NonNullable<RouteNumbers['burn']> {
  const count = counts.sum(ofRoute.count, second, keptSeconds);
  const failed = count === 0 ? 0 : counts.sum(ofRoute.errors, second, keptSeconds) / count;
  const slow = latency === undefined ? 0 : shareAbove(times.counts(second, keptSeconds), latency.ms);
  const rate = (bad: number, percent: number): number => Math.round((bad / (1 - percent / 100)) * 100) / 100;
  return {
    ...(availability === undefined ? {} : { availability: rate(failed, availability) }),
    ...(latency === undefined ? {} : { latency: rate(slow, latency.p) }),
  };
}

function requestsOf(
  seen: Observations,
  after: number | undefined,
  { planOf, ...known }: LineParts & { planOf(key: string): NodeOrder | undefined },
): RequestLine[] {
  const slowest = after === undefined ? slowestOf(seen) : [];
  const latest = seen.latest.after(after ?? 0);
  const kept = [
    ...new Set([...slowest, ...(after === undefined ? latest : latest.slice(-maxRequestsPerTick))]),
  ];
  return kept.map((one) => requestLine(one, planOf(`${one.fact.method} ${one.fact.route}`), known));
}

function slowestOf(seen: Observations): ReturnType<Observations['slowest']['list']> {
  const nowMs = seen.nowMs();
  return [seen.slowest, ...[...seen.routes.values()].map(({ slowest }) => slowest)]
    .flatMap((slowest) => slowest.list(nowMs))
    .slice(0, 1_000);
}
