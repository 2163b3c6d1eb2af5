/**
 * Counts and durations of one place, a route, an operation or a node, and how a call is counted there.
 *
 * @module
 */
import type { CallFact, CallOutcome, RequestFact } from '../context/events.ts';
import { SlowestRequests } from './kept-requests.ts';
import { LatencyRing } from './latency-ring.ts';
import { SecondRing } from './second-ring.ts';

/** Counters of a route. */
export const ofRoute = { count: 0, errors: 1, degraded: 2, limited: 3, up: 4, out: 5 } as const;
/** Counters of an operation. */
export const ofCall = { count: 0, errors: 1, bytes: 2, retries: 3, hedges: 4 } as const;
/** Counters of a node of a plan: those of its calls, and what the cache was asked. */
export const ofNode = { ...ofCall, lookups: 5, found: 6 } as const;
/** Counters of a limit. */
export const ofLimit = { allowed: 0, refused: 1, standIn: 2 } as const;
/** Counters of a cached part. */
export const ofCache = { hit: 0, stale: 1, miss: 2, collapsed: 3, bypass: 4 } as const;

/** Counts and durations of one place. */
export class Series {
  readonly counts: SecondRing;
  readonly times = new LatencyRing();

  constructor(width: number) {
    this.counts = new SecondRing(width);
  }
}

export class RouteSeries extends Series {
  /** Of a sample of the requests. */
  readonly nodes = new Map<string, Series>();
  readonly slowest = new SlowestRequests(5);
  /** The second in which requests of this route were kept last, and how many. */
  keptIn = -1;
  keptCount = 0;

  constructor() {
    super(6);
  }
}

const maxPlaces = 2_000;

/** Answers of a service that are no failure of it. */
export const expected: ReadonlySet<CallOutcome> = new Set<CallOutcome>([
  'ok',
  'cancelled',
  'skipped',
  'shed',
  'not-found',
  'conflict',
  'unprocessable',
  'validation-failed',
]);

export function newCallSeries(): Series {
  return new Series(5);
}

function newNodeSeries(): Series {
  return new Series(7);
}

/** The first few requests of a second stand for all: shares and times are the same, and it costs nothing more. */
export function countNodes(
  nodes: Map<string, Series>,
  { calls, lookups }: RequestFact,
  second: number,
): void {
  for (const call of calls) countCall(placeOf(nodes, call.node, newNodeSeries), call, second);
  for (const { node, outcome } of lookups) {
    if (node === undefined) continue;
    const { counts } = placeOf(nodes, node, newNodeSeries);
    const offset = counts.at(second);
    (counts.values[offset + ofNode.lookups] as number) += 1;
    if (outcome !== 'miss' && outcome !== 'bypass') (counts.values[offset + ofNode.found] as number) += 1;
  }
}

export function countCall({ counts, times }: Series, call: CallFact, second: number): void {
  const { values } = counts;
  const offset = counts.at(second);
  (values[offset + ofCall.count] as number) += 1;
  (values[offset + ofCall.bytes] as number) += call.bytes;
  if (!expected.has(call.outcome)) (values[offset + ofCall.errors] as number) += 1;
  if (call.hedges > 0) (values[offset + ofCall.hedges] as number) += call.hedges;
  const retries = call.attempts - call.hedges - 1;
  if (retries > 0) (values[offset + ofCall.retries] as number) += retries;
  if (call.outcome !== 'skipped' && call.outcome !== 'shed') times.add(second, call.durationMs);
}

/** Names come from declarations; should there ever be too many, the rest share one. */
export function placeOf<Place>(places: Map<string, Place>, name: string, make: () => Place): Place {
  const known = places.get(name);
  if (known !== undefined) return known;
  const shared = places.size < maxPlaces ? name : 'everything else';
  const made = places.get(shared) ?? make();
  places.set(shared, made);
  return made;
}
