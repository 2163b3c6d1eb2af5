/**
 * Runs a plan for one request. A node starts the moment what it names is ready; there are no
 * stages. When a required call fails, everything still running is cancelled, and the run ends only
 * after all of it has ended.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Call, CallNode } from '../upstream/call.ts';
import type { OperationContract } from '../upstream/operation.ts';
import type { CallRequest } from '../upstream/request.ts';
import { type Ask, compileCachedCall, type PlanCaching } from './cached-call.ts';
import { withoutCaller } from './caller-view.ts';
import type { PlanGraph, PlanNode } from './graph.ts';
import type { AnyScope, NodeSpec } from './node.ts';

/** The part of every scope that does not depend on nodes. */
export interface BaseScope {
  readonly input: unknown;
  readonly principal: unknown;
}

/**
 * Runs the plan: the values of the returned nodes, by name, with `input` and `principal`. `watch` hears of
 * each value as it comes; it must not throw.
 */
export type RunPlan = (context: RequestContext, base: BaseScope, watch?: WatchNode) => Promise<AnyScope>;

/** Hears the value of the node at a position of the graph. */
export type WatchNode = (index: number, value: unknown) => void;

/** Computes one node's value from the values before it. */
type Step = (context: RequestContext, base: BaseScope, values: readonly unknown[]) => unknown;

/** What plans are compiled with. */
export interface PlanParts {
  /** Compiles one operation. */
  prepare(contract: OperationContract): Call;
  /** Needed when a node declares `cache`. */
  readonly caching: PlanCaching;
  /** Functions see the caller through the `principal` of the base scope, when they read it; else they get it. */
  readonly readsCallerLate?: boolean;
}

/** Compiles a plan at boot. */
export function compilePlan(graph: PlanGraph, parts: PlanParts): RunPlan {
  const steps = graph.nodes.map((node) => compileStep(node, graph, parts));
  const waitsFor = graph.nodes.map(({ dependencies }) => dependencies.length);
  const wakes = graph.nodes.map((_, index) =>
    graph.nodes.flatMap(({ dependencies }, other) => (dependencies.includes(index) ? [other] : [])),
  );
  const readReturned = compileScope(graph.returned, viewOf(parts));

  return function runPlan(context, base, watch) {
    const { promise, resolve, reject } = Promise.withResolvers<AnyScope>();
    const values = new Array<unknown>(steps.length);
    const waiting = [...waitsFor];
    let running = 0;
    let failure: GatewayError | undefined;

    const end = (): void => {
      running -= 1;
      if (running > 0) return;
      if (failure === undefined) resolve(readReturned(base, values));
      else reject(failure);
    };
    const fail = (thrown: unknown): void => {
      failure ??= GatewayError.from(thrown);
      context.cancellation.cancel(failure);
      end();
    };
    const settle = (index: number, value: unknown): void => {
      values[index] = value;
      watch?.(index, value);
      for (const dependent of wakes[index] ?? []) {
        waiting[dependent] = (waiting[dependent] ?? 0) - 1;
        if (waiting[dependent] === 0 && failure === undefined) start(dependent);
      }
      end();
    };
    const start = (index: number): void => {
      running += 1;
      try {
        const value = steps[index]?.(context, base, values);
        if (value instanceof Promise) value.then((settled) => settle(index, settled), fail);
        else settle(index, value);
      } catch (thrown) {
        fail(thrown);
      }
    };

    running += 1; // holds the run open until every root has started
    for (let index = 0; index < steps.length; index += 1) {
      if (waitsFor[index] === 0 && failure === undefined) start(index);
    }
    end();
    return promise;
  };
}

export type ReadScope = (base: BaseScope, values: readonly unknown[]) => AnyScope;

/**
 * How a scope gets its `principal`: with its values, from the base when it is read, or from an object that says
 * that it cannot be read.
 */
export type CallerView = 'with' | 'late' | object;

function viewOf({ readsCallerLate = false }: PlanParts): CallerView {
  return readsCallerLate ? 'late' : 'with';
}

/** Compiles the function that gathers named values into a scope. */
export function compileScope(
  positions: Readonly<Record<string, number>>,
  view: CallerView = 'with',
): ReadScope {
  const entries = Object.entries(positions);
  if (typeof view === 'object') {
    return function readScopeOfNobody(base, values) {
      const scope: Record<string, unknown> = Object.create(view);
      scope.input = base.input;
      for (const [name, index] of entries) scope[name] = values[index];
      return scope;
    };
  }
  if (entries.length === 0) return (base) => base as unknown as AnyScope;
  if (view === 'late') {
    return function readScopeLate(base, values) {
      const scope: Record<string, unknown> = Object.create(base);
      for (const [name, index] of entries) scope[name] = values[index];
      return scope;
    };
  }
  return function readScope(base, values) {
    const scope: Record<string, unknown> = { input: base.input, principal: base.principal };
    for (const [name, index] of entries) scope[name] = values[index];
    return scope;
  };
}

/** Compiles the scope of a function that names `dependencies`. */
export function scopeOf(
  graph: PlanGraph,
  dependencies: NodeSpec['dependencies'],
  view: CallerView = 'with',
): ReadScope {
  const entries = Object.entries(dependencies);
  return compileScope(
    Object.fromEntries(entries.map(([key, dependency]) => [key, graph.positionOf(dependency)])),
    view,
  );
}

function compileStep(node: PlanNode, graph: PlanGraph, parts: PlanParts): Step {
  const { spec, name } = node;
  const isPublic = spec.kind !== 'derive' && spec.cache?.scope === 'public';
  const read = scopeOf(graph, spec.dependencies, isPublic ? withoutCaller(`node '${name}'`) : viewOf(parts));
  const step = compileKind({ name, spec, read, graph }, parts);
  if (spec.guard === undefined) return step;
  const { predicate, dependencies } = spec.guard;
  const readGuard = scopeOf(graph, dependencies, viewOf(parts));
  return (context, base, values) =>
    predicate(readGuard(base, values)) ? step(context, base, values) : undefined;
}

interface StepParts {
  readonly name: string;
  readonly spec: NodeSpec;
  readonly read: ReadScope;
  readonly graph: PlanGraph;
}

function compileKind({ name, spec, read, graph }: StepParts, parts: PlanParts): Step {
  if (spec.kind === 'derive') return (_context, base, values) => atOnce(spec.compute(read(base, values)));
  const node = callNode(name, spec);
  const ask = compileAsk(node, spec, parts);
  if (spec.kind === 'each') return eachStep(node, spec, ask, { read, keysAt: graph.positionOf(spec.keys) });
  return callStep(node, spec, ask, read);
}

/** The call of a node, with its cache if it has one. */
function compileAsk(node: CallNode, spec: Exclude<NodeSpec, { kind: 'derive' }>, parts: PlanParts): Ask {
  const { operation: contract, cache: options } = spec;
  const call = parts.prepare(contract);
  if (options !== undefined) return compileCachedCall({ node, options, contract, call }, parts.caching);
  return (context, request) => call(context, node, request);
}

/** A promise would outlive the deadline, which ends calls only. */
function atOnce(value: unknown): unknown {
  if (!(value instanceof Promise)) return value;
  value.catch(() => {}); // refused, not awaited
  throw new TypeError('derive must return its value, not a promise of it');
}

function callNode(name: string, spec: Exclude<NodeSpec, { kind: 'derive' }>): CallNode {
  const { required, value, timeoutMs = Number.POSITIVE_INFINITY } = spec;
  return { name, timeoutMs, worth: required ? 'required' : value };
}

function callStep(
  node: CallNode,
  spec: Extract<NodeSpec, { kind: 'call' }>,
  ask: Ask,
  read: ReadScope,
): Step {
  const { request, required, fallback } = spec;
  if (required) return (context, base, values) => ask(context, request(read(base, values)) as CallRequest);
  const onAnswer = (value: unknown): unknown => (fallback === undefined ? { ok: true, value } : value);
  const onFailure = (context: RequestContext, thrown: unknown): unknown => {
    const error = GatewayError.from(thrown);
    if (error === context.cancellation.reason) throw error; // the client left or a sibling failed: no answer to save
    context.degraded.set(node.name, error);
    return fallback === undefined ? { ok: false, code: error.code } : fallback({ code: error.code });
  };
  return function runOptional(context, base, values) {
    const answer = ask(context, request(read(base, values)) as CallRequest);
    if (!(answer instanceof Promise)) return onAnswer(answer);
    return answer.then(onAnswer, (thrown: unknown) => onFailure(context, thrown));
  };
}

/** Where a batch finds its keys and the rest of what its request reads. */
interface EachSource {
  readonly read: ReadScope;
  readonly keysAt: number;
}

function eachStep(
  { name }: CallNode,
  spec: Extract<NodeSpec, { kind: 'each' }>,
  ask: Ask,
  { read, keysAt }: EachSource,
): Step {
  const { by, chunk, max, request, required } = spec;
  const keyOf = typeof by === 'function' ? by : (item: unknown) => (item as Record<string, unknown>)[by];
  return async function runEach(context, base, values) {
    const all = [...new Set(values[keysAt] as readonly unknown[])];
    const keys = all.slice(0, max);
    if (keys.length < all.length) {
      const cause = new RangeError(`${all.length} keys, max is ${max}`);
      context.degraded.set(name, new GatewayError('upstream-rejected', { cause }));
    }
    const requests: CallRequest[] = [];
    const scope = read(base, values);
    for (let from = 0; from < keys.length; from += chunk) {
      requests.push(request(keys.slice(from, from + chunk), scope) as CallRequest);
    }
    const readChunk = async (chunkRequest: CallRequest): Promise<readonly unknown[] | GatewayError> => {
      try {
        return (await ask(context, chunkRequest)) as readonly unknown[];
      } catch (thrown) {
        const error = GatewayError.from(thrown);
        if (required) context.cancellation.cancel(error);
        return error;
      }
    };
    // From here on in the order of the keys: nothing may depend on which chunk ended first.
    const chunks = await Promise.all(requests.map(readChunk));
    const failures = chunks.filter((outcome) => outcome instanceof GatewayError);
    const { reason } = context.cancellation;
    const fatal = failures.find((error) => required || error === reason);
    if (fatal !== undefined) throw fatal;
    const [failure] = failures;
    if (failure !== undefined) context.degraded.set(name, failure);
    const items = chunks.flatMap((outcome) => (outcome instanceof GatewayError ? [] : outcome));
    return new Map(items.map((item) => [keyOf(item), item]));
  };
}
