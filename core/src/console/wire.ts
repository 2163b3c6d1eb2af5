/**
 * What the console's page gets: `GET /console/data` answers a {@link ConsoleData}, `GET /console/events` sends a
 * {@link BffView} per BFF and from then on what changed. Everything that could name a person is a pseudonym.
 *
 * @module
 */
import type { CacheOutcome, CallOutcome } from '../context/events.ts';
import type { GraphEndpoint } from '../graph.ts';
import type { UpstreamStatus } from '../upstream/upstream.ts';
import type { Happened } from './observations.ts';

/** Everything there is to show at one moment. */
export interface ConsoleData {
  readonly bffs: readonly BffView[];
}

/** One BFF: what it is, and how it does. */
export interface BffView {
  readonly about: AboutBff;
  readonly tick: Tick;
}

/** What does not change while a BFF runs. */
export interface AboutBff {
  readonly name: string;
  readonly owner: string;
  readonly endpoints: readonly AboutEndpoint[];
  readonly limits: readonly AboutLimit[];
  /** The upper bounds of the buckets of {@link Times}, in milliseconds. */
  readonly boundsMs: readonly number[];
}

/** Durations by bucket: the first bucket that has any, then how many each has up to the last that has any. */
export type Times = readonly number[];

export interface AboutEndpoint extends Omit<GraphEndpoint, 'nodes'> {
  /** `GET /api/home`, as in the ticks. */
  readonly key: string;
  readonly nodes: readonly Omit<GraphEndpoint['nodes'][number], 'mask'>[];
  readonly slo?: Slo;
}

/** What an endpoint promises; see `docs/console.md`. */
export interface Slo {
  /** Percent of the answers that are no failure. */
  readonly availability?: number;
  readonly latency?: { readonly p: number; readonly ms: number };
}

export interface AboutLimit {
  readonly name: string;
  readonly kind: string;
  /** Of principals with this plan; absent for everybody else. */
  readonly plan?: string;
  /** Its figures, as declared. */
  readonly figures: Readonly<Record<string, number>>;
}

/** How a BFF does, over the window that was asked for. */
export interface Tick {
  readonly bff: string;
  readonly atMs: number;
  /** Seconds of the window. */
  readonly window: number;
  /** Requests under way. */
  readonly live: number;
  /** Of all its answers. */
  readonly times: Times;
  readonly routes: Readonly<Record<string, RouteNumbers>>;
  readonly operations: Readonly<Record<string, CallNumbers>>;
  readonly upstreams: readonly UpstreamStatus[];
  readonly limits: Readonly<Record<string, LimitNumbers>>;
  readonly callers: readonly CallerLine[];
  readonly cache: Readonly<Record<string, Readonly<Record<CacheOutcome, number>>>>;
  readonly problems: readonly ProblemLine[];
  readonly happened: readonly HappenedLine[];
  /** The requests that were kept since the tick before; in a first tick all there are. */
  readonly requests: readonly RequestLine[];
}

export interface RouteNumbers {
  readonly count: number;
  readonly errors: number;
  readonly degraded: number;
  readonly limited: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Bytes that came from upstreams, and that went out. */
  readonly up: number;
  readonly out: number;
  /** Of the second before this tick. */
  readonly last: Last;
  /** Second by second, up to the last; in a first tick only. */
  readonly history?: History;
  readonly times: Times;
  readonly nodes: Readonly<Record<string, NodeNumbers>>;
  /** What an answer waits for when every node takes its median time; absent while no node called. */
  readonly typical?: { readonly path: readonly string[]; readonly slackMs: Readonly<Record<string, number>> };
  /** How many times faster than allowed the budget of errors burns, over five minutes. */
  readonly burn?: { readonly availability?: number; readonly latency?: number };
}

/** Requests, errors and degraded answers of one second; calls have none of the latter. */
export type Last = readonly [count: number, errors: number, degraded?: number];

/** The same, second by second up to the last, without the zeros each begins with. */
export interface History {
  readonly count: readonly number[];
  readonly errors: readonly number[];
  readonly degraded?: readonly number[];
}

export interface NodeNumbers {
  readonly count: number;
  readonly errors: number;
  /** How often the cache was asked, and had something. */
  readonly lookups: number;
  readonly found: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface CallNumbers extends Omit<NodeNumbers, 'lookups' | 'found'> {
  readonly bytes: number;
  readonly retries: number;
  readonly hedges: number;
  readonly last: Last;
  readonly history?: History;
}

export interface LimitNumbers {
  readonly allowed: number;
  readonly refused: number;
  readonly standIn: number;
}

export interface CallerLine {
  /** Hashed where it is a person or an address. */
  readonly name: string;
  readonly plan?: string;
  readonly count: number;
  readonly refused: number;
  /** How their limits stand. */
  readonly standing: readonly StandingLine[];
}

export interface StandingLine {
  readonly limit: string;
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetAfterMs: number;
}

export interface ProblemLine {
  readonly kind: 'answer' | 'part' | 'background';
  readonly code: string;
  readonly place: string;
  readonly node?: string;
  readonly operation?: string;
  readonly status?: number;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** What failed inside, without what looks like a secret. */
  readonly cause?: string;
  readonly requestId: string;
}

export interface HappenedLine {
  readonly atMs: number;
  readonly kind: Happened['what']['kind'];
  /** What it happened to, such as `orders` or `orders.list`. */
  readonly subject: string;
  /** Such as `closed → open`. */
  readonly change: string;
  readonly isBad: boolean;
}

export interface RequestLine {
  readonly id: string;
  readonly route: string;
  readonly atMs: number;
  readonly status: number;
  readonly code?: string;
  readonly cause?: string;
  readonly ms: number;
  readonly bytesIn: number;
  /** Bytes that came from upstreams, and that went out. */
  readonly up: number;
  readonly out: number;
  readonly caller: string;
  readonly traceId: string;
  readonly degraded: readonly string[];
  readonly calls: readonly CallLine[];
  readonly lookups: readonly {
    readonly node?: string;
    readonly outcome: CacheOutcome;
    readonly startMs: number;
  }[];
  readonly standing: readonly StandingLine[];
  /** The nodes the answer waited for, and how much later each of the others could have ended. */
  readonly critical: readonly string[];
  readonly slackMs: Readonly<Record<string, number>>;
}

export interface CallLine {
  readonly node: string;
  readonly operation: string;
  readonly outcome: CallOutcome;
  readonly startMs: number;
  readonly ms: number;
  readonly bytes: number;
  readonly cause?: string;
  readonly sent: readonly AttemptLine[];
}

export interface AttemptLine {
  readonly reason: 'first' | 'retry' | 'hedge';
  readonly target: string;
  readonly startMs: number;
  readonly ms: number;
  readonly status?: number;
  readonly outcome: CallOutcome;
}
