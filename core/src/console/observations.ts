/**
 * What the console remembers of the facts, bounded in every direction: five minutes, the declared routes and
 * operations, two hundred requests. On the hot path it adds numbers and keeps references; text is made when
 * somebody looks.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type {
  BreakerFact,
  CallFact,
  LimitStoreFact,
  RequestFact,
  SwitchFact,
  TargetFact,
} from '../context/events.ts';
import { type KeptRequest, LatestRequests, SlowestRequests } from './kept-requests.ts';
import { ProblemGroups } from './problem-groups.ts';
import { SecondRing } from './second-ring.ts';
import {
  countCall,
  countNodes,
  expected,
  newCallSeries,
  ofCache,
  ofLimit,
  ofRoute,
  placeOf,
  RouteSeries,
  type Series,
} from './series.ts';
import { TopCallers } from './top-callers.ts';

/** Something that happened, for the time line. */
export type Happening =
  | ({ readonly kind: 'breaker' } & BreakerFact)
  | ({ readonly kind: 'target' } & TargetFact)
  | ({ readonly kind: 'switch' } & SwitchFact)
  | ({ readonly kind: 'limitStore' } & Pick<LimitStoreFact, 'state' | 'standIn' | 'decisions'>)
  | { readonly kind: 'problem'; readonly part: string; readonly error: Error };

export interface Happened {
  readonly atMs: number;
  readonly what: Happening;
}

const keptRequests = 200;
const keptPerSecond = 4;
const maxHappened = 200;
const maxUncounted = 64;
const unmatched = '*';

export class Observations {
  readonly routes = new Map<string, RouteSeries>();
  readonly operations = new Map<string, Series>();
  readonly limits = new Map<string, SecondRing>();
  readonly cache = new Map<string, SecondRing>();
  readonly latest = new LatestRequests(keptRequests);
  readonly slowest = new SlowestRequests(50);
  readonly problems = new ProblemGroups();
  readonly callers = new TopCallers();
  readonly happened: Happened[] = [];
  /** The order of the request that was kept last. */
  lastKept = 0;
  /** Hears of breakers and problems at once. */
  onHappening: ((happened: Happened) => void) | undefined;
  readonly #clock: Clock;
  readonly #routeTree = new Map<string, Map<string, RouteSeries>>();
  readonly #callTree = new Map<string, Map<string, Series>>();
  readonly #uncounted: CallFact[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Listens; returns how to stop. */
  watch(events: EventBus): () => void {
    const stops = [
      events.on('request', (fact) => this.#request(fact)),
      events.on('call', (fact) => this.#call(fact)),
      events.on('limit', ({ limit, allowed, standIn }) => {
        const ring = placeOf(this.limits, limit, () => new SecondRing(3));
        const offset = ring.at(this.second());
        (ring.values[offset + (allowed ? ofLimit.allowed : ofLimit.refused)] as number) += 1;
        if (standIn !== undefined) (ring.values[offset + ofLimit.standIn] as number) += 1;
      }),
      events.on('cache', ({ part, outcome }) => {
        const ring = placeOf(this.cache, part, () => new SecondRing(5));
        (ring.values[ring.at(this.second()) + ofCache[outcome]] as number) += 1;
      }),
      events.on('breaker', (fact) => this.#happened({ kind: 'breaker', ...fact })),
      events.on('target', (fact) => this.#happened({ kind: 'target', ...fact })),
      events.on('switch', (fact) => this.#happened({ kind: 'switch', ...fact })),
      events.on('limitStore', ({ state, standIn, decisions }) =>
        this.#happened({ kind: 'limitStore', state, standIn, decisions }),
      ),
      events.on('problem', ({ part, error }) => {
        const place = { kind: 'background', code: 'background', place: part, requestId: '' } as const;
        this.problems.note({ ...place, cause: error }, this.#clock.monotonicMs());
        this.#happened({ kind: 'problem', part, error });
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  second(): number {
    return Math.floor(this.#clock.monotonicMs() / 1_000);
  }

  #request(fact: RequestFact): void {
    const nowMs = this.#clock.monotonicMs();
    const second = Math.floor(nowMs / 1_000);
    this.settle(second);
    const route = this.#routeOf(fact);
    let up = 0;
    for (const { bytes } of fact.calls) up += bytes;
    const { values } = route.counts;
    const offset = route.counts.at(second);
    (values[offset + ofRoute.count] as number) += 1;
    (values[offset + ofRoute.up] as number) += up;
    (values[offset + ofRoute.out] as number) += fact.bytes;
    route.times.add(second, fact.durationMs);
    const isError = fact.status >= 500;
    if (isError) (values[offset + ofRoute.errors] as number) += 1;
    if (fact.degraded.length > 0) (values[offset + ofRoute.degraded] as number) += 1;
    if (fact.status === 429) (values[offset + ofRoute.limited] as number) += 1;
    if (fact.code !== undefined || fact.degraded.length > 0) this.#problem(fact, nowMs);
    this.#keep(fact, route, nowMs, second);
    if (fact.limit !== undefined) {
      const { principal, address } = fact.limit.caller;
      this.callers.note(principal ?? address, fact, second);
    }
  }

  /** Counts the calls that were not counted yet: they wait for their request, which knows the time. */
  settle(second = this.second()): void {
    for (const call of this.#uncounted) countCall(this.#operationOf(call), call, second);
    this.#uncounted.length = 0;
  }

  #call(fact: CallFact): void {
    this.#uncounted.push(fact);
    if (this.#uncounted.length >= maxUncounted) this.settle();
  }

  #operationOf({ upstream, operation }: CallFact): Series {
    let operations = this.#callTree.get(upstream);
    if (operations === undefined) {
      operations = new Map();
      this.#callTree.set(upstream, operations);
    }
    let series = operations.get(operation);
    if (series === undefined) {
      series = placeOf(this.operations, `${upstream}.${operation}`, newCallSeries);
      operations.set(operation, series);
    }
    return series;
  }

  #routeOf({ method, route }: RequestFact): RouteSeries {
    let methods = this.#routeTree.get(route);
    if (methods === undefined) {
      methods = new Map();
      this.#routeTree.set(route, methods);
    }
    const known = methods.get(method);
    if (known !== undefined) return known;
    const name = route === unmatched ? unmatched : `${method} ${route}`;
    const made = placeOf(this.routes, name, () => new RouteSeries());
    methods.set(method, made);
    return made;
  }

  /** Of busy routes a few each second, of troubled requests twice as many, of the slow ones all. */
  #keep(fact: RequestFact, route: RouteSeries, nowMs: number, second: number): void {
    if (route.keptIn !== second) {
      route.keptIn = second;
      route.keptCount = 0;
    }
    const isSample = route.keptCount < keptPerSecond;
    if (isSample) countNodes(route.nodes, fact, second);
    const isTroubled = fact.status >= 500 || fact.degraded.length > 0;
    const isWanted = isSample || (isTroubled && route.keptCount < 2 * keptPerSecond);
    const isSlow = route.slowest.wants(fact.durationMs, nowMs);
    const isSlowest = this.slowest.wants(fact.durationMs, nowMs);
    if (!isWanted && !isSlow && !isSlowest) return;
    this.lastKept += 1;
    if (isWanted) route.keptCount += 1;
    const kept: KeptRequest = { fact, order: this.lastKept, endedMs: nowMs };
    this.latest.add(kept);
    if (isSlow) route.slowest.add(kept);
    if (isSlowest) this.slowest.add(kept);
  }

  #problem(fact: RequestFact, nowMs: number): void {
    const { code, status, requestId, cause, method, route } = fact;
    const place = route === unmatched ? unmatched : `${method} ${route}`;
    if (code !== undefined) {
      this.problems.note({ kind: 'answer', code, place, status, cause, requestId }, nowMs);
    }
    for (const node of fact.degraded) {
      const call = fact.calls.find((one) => one.node === node && !expected.has(one.outcome));
      const part = { kind: 'part', code: call?.outcome ?? 'degraded', place, node, requestId } as const;
      const operation = call === undefined ? {} : { operation: `${call.upstream}.${call.operation}` };
      this.problems.note({ ...part, ...operation, cause: call?.cause }, nowMs);
    }
  }

  #happened(what: Happening): void {
    const happened = { atMs: this.#clock.wallMs(), what };
    this.happened.push(happened);
    if (this.happened.length > maxHappened) this.happened.shift();
    this.onHappening?.(happened);
  }
}
