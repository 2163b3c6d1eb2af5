/**
 * What a plan can say before it has ended: required calls have their values, optional ones that are still
 * under way count as if they had not answered in time, and everything derived follows from that. Pure: it is
 * worked out again for every look.
 *
 * @module
 */
import type { PlanGraph, PlanNode } from './graph.ts';
import type { AnyScope, NodeSpec } from './node.ts';
import { type BaseScope, type CallerView, compileScope, scopeOf } from './run.ts';

/** A plan that can be looked at while it runs. */
export interface PartialPlan {
  /** The nodes that may come later, by position. Without any, nothing is gained by looking. */
  readonly optional: ReadonlyMap<number, string>;
  /** Starts watching one run. */
  watch(): PartialRun;
}

/** What one run knows so far. */
export interface PartialRun {
  /** Takes a value. */
  settle(index: number, value: unknown): void;
  /** Whether every required call has its value. */
  isReady(): boolean;
  /** The names of the optional calls that have none. */
  pending(): string[];
  /** The values of the returned nodes as they are now. Call it when {@link isReady}. */
  look(base: BaseScope): AnyScope;
}

type StandIn = (base: BaseScope, values: readonly unknown[]) => unknown;

/** Compiles a plan for looking at it. @param view As the plan itself is compiled with. */
export function compilePartial(graph: PlanGraph, view: CallerView = 'with'): PartialPlan {
  const readReturned = compileScope(graph.returned, view);
  const standIns = graph.nodes.map((node) => compileStandIn(node, graph, view));
  const isOptional = ({ spec }: PlanNode): boolean => spec.kind !== 'derive' && !spec.required;
  const optional = new Map(
    graph.nodes.flatMap((node, index) => (isOptional(node) ? [[index, node.name] as const] : [])),
  );
  const required = graph.nodes.flatMap(({ spec }, index) =>
    spec.kind !== 'derive' && spec.required ? [index] : [],
  );
  return {
    optional,
    watch() {
      const known = new Map<number, unknown>();
      return {
        settle: (index, value) => void known.set(index, value),
        isReady: () => required.every((index) => known.has(index)),
        pending: () => [...optional].flatMap(([index, name]) => (known.has(index) ? [] : [name])),
        look(base) {
          const values: unknown[] = [];
          // In the order of the graph every node follows what it names.
          for (const [index, standIn] of standIns.entries()) {
            values.push(known.has(index) ? known.get(index) : standIn(base, values));
          }
          return readReturned(base, values);
        },
      };
    },
  };
}

/** What stands for a node that is still under way. */
function compileStandIn({ spec }: PlanNode, graph: PlanGraph, view: CallerView): StandIn {
  const standIn = compileKind(spec, graph, view);
  if (spec.guard === undefined) return standIn;
  const { predicate, dependencies } = spec.guard;
  const readGuard = scopeOf(graph, dependencies, view);
  return (base, values) => (predicate(readGuard(base, values)) ? standIn(base, values) : undefined);
}

function compileKind(spec: NodeSpec, graph: PlanGraph, view: CallerView): StandIn {
  if (spec.kind === 'each') return () => new Map();
  if (spec.kind === 'derive') {
    const read = scopeOf(graph, spec.dependencies, view);
    return (base, values) => spec.compute(read(base, values));
  }
  const { fallback } = spec;
  const code = 'upstream-timeout';
  return fallback === undefined ? () => ({ ok: false, code }) : () => fallback({ code });
}
