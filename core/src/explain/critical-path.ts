/**
 * Where the time of one request went: which calls it waited for, and how much later every other one could have
 * ended without the answer being later.
 *
 * The forward pass is given by the clock: every node knows when it ended. The backward pass asks, from the last
 * end towards the first, what each node could have wasted.
 *
 * @see {@link https://en.wikipedia.org/wiki/Critical_path_method Critical path method}, total float
 * @module
 */
import type { CallFact } from '../context/events.ts';
import type { GraphNode } from '../plan/graph.ts';

/** The nodes of an endpoint, each after those it needs, as in `bff.graph`. */
export interface NodeOrder {
  readonly nodes: readonly Pick<GraphNode, 'name' | 'dependencies'>[];
}

export type TimedCall = Pick<CallFact, 'node' | 'startMs' | 'durationMs'>;

export interface CriticalPath {
  /**
   * Names of the nodes the answer waited for, first to last. It begins and ends with a node that called; between
   * two of them there may be one that did not, such as `derive`. Empty when nothing was called, and for an opaque
   * endpoint, of which nobody knows what waits for what.
   */
  readonly path: readonly string[];
  /** For every node that called: milliseconds it could have ended later, without a later answer. 0 on the path. */
  readonly slackMs: Readonly<Record<string, number>>;
}

interface Timed {
  readonly name: string;
  /** What it waited for. */
  readonly waitedFor: readonly Timed[];
  readonly hasCalled: boolean;
  /** When all of that was there. */
  readonly readyMs: number;
  readonly endMs: number;
  slackMs: number;
}

/**
 * Finds the critical path and the slack of one request. Several calls of one node, such as the chunks of `each`, count
 * as one from the first start to the last end; a node that called nobody takes no time.
 *
 * @param calls Milliseconds from the start of the request. Calls of nodes that `graph` does not have are left out.
 */
export function criticalPath(graph: NodeOrder, calls: readonly TimedCall[]): CriticalPath {
  const nodes = timedNodes(graph, calls);
  const called = nodes.filter(({ hasCalled }) => hasCalled);
  const last = called.reduce<Timed | undefined>(laterOf, undefined);
  if (last === undefined) return { path: [], slackMs: {} };
  for (const node of nodes) node.slackMs = Math.max(0, last.endMs - node.endMs);
  for (const { slackMs, readyMs, waitedFor } of nodes.toReversed()) {
    for (const needed of waitedFor) {
      needed.slackMs = Math.min(needed.slackMs, slackMs + readyMs - needed.endMs);
    }
  }
  return {
    path: pathTo(last),
    slackMs: Object.fromEntries(called.map(({ name, slackMs }) => [name, slackMs])),
  };
}

function timedNodes({ nodes }: NodeOrder, calls: readonly TimedCall[]): Timed[] {
  const spans = new Map<string, { startMs: number; endMs: number }>();
  for (const { node, startMs, durationMs } of calls) {
    const span = spans.get(node);
    const endMs = startMs + durationMs;
    if (span === undefined) spans.set(node, { startMs, endMs });
    else {
      span.startMs = Math.min(span.startMs, startMs);
      span.endMs = Math.max(span.endMs, endMs);
    }
  }
  const timed = new Map<string, Timed>();
  for (const { name, dependencies: names } of nodes) {
    const span = spans.get(name);
    // What ends after the start of who needs it was refreshed behind a stale answer: nobody waited.
    const waitedFor = names
      .flatMap((needed) => timed.get(needed) ?? [])
      .filter(({ endMs }) => span === undefined || endMs <= span.startMs);
    const readyMs = Math.max(0, ...waitedFor.map(({ endMs }) => endMs));
    const endMs = span?.endMs ?? readyMs;
    timed.set(name, { name, waitedFor, hasCalled: span !== undefined, readyMs, endMs, slackMs: 0 });
  }
  return [...timed.values()];
}

/** The node that ended last; of two that ended together, the one further down the plan. */
function laterOf(one: Timed | undefined, other: Timed): Timed {
  return one === undefined || other.endMs >= one.endMs ? other : one;
}

/** Back from the end, each time to what was waited for longest. */
function pathTo(last: Timed): string[] {
  const path: Timed[] = [];
  for (let node: Timed | undefined = last; node !== undefined; ) {
    path.unshift(node);
    node = node.waitedFor.reduce<Timed | undefined>(laterOf, undefined);
  }
  const first = path.findIndex(({ hasCalled }) => hasCalled);
  return path.slice(first).map(({ name }) => name);
}
