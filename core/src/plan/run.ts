/**
 * Runs a plan for one request. A node starts the moment what it names is ready; there are no
 * stages. When a required call fails, everything still running is cancelled, and the run ends only
 * after all of it has ended.
 *
 * @module
 */
import { lastGoodKey } from '../cache/last-good.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Call, CallNode } from '../upstream/call.ts';
import { type OperationContract, operationId } from '../upstream/operation.ts';
import type { CallRequest } from '../upstream/request.ts';
import type { PlanGraph, PlanNode } from './graph.ts';
import type { AnyScope, NodeSpec } from './node.ts';

/** The part of every scope that does not depend on nodes. */
export interface BaseScope {
  readonly input: unknown;
  readonly principal: unknown;
}

/** Runs the plan: the values of the returned nodes, by name, with `input` and `principal`. */
export type RunPlan = (context: RequestContext, base: BaseScope) => Promise<AnyScope>;

/** Computes one node's value from the values before it. */
type Step = (context: RequestContext, base: BaseScope, values: readonly unknown[]) => unknown;

/** Compiles a plan at boot. `prepare` compiles one operation. */
export function compilePlan(graph: PlanGraph, prepare: (contract: OperationContract) => Call): RunPlan {
  const steps = graph.nodes.map((node) => compileStep(node, graph, prepare));
  const waitsFor = graph.nodes.map(({ dependencies }) => dependencies.length);
  const wakes = graph.nodes.map((_, index) =>
    graph.nodes.flatMap(({ dependencies }, other) => (dependencies.includes(index) ? [other] : [])),
  );
  const readReturned = compileScope(graph.returned);

  return function runPlan(context, base) {
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

type ReadScope = (base: BaseScope, values: readonly unknown[]) => AnyScope;

/** Compiles the function that gathers named values into a scope. */
function compileScope(positions: Readonly<Record<string, number>>): ReadScope {
  const entries = Object.entries(positions);
  if (entries.length === 0) return (base) => base as unknown as AnyScope;
  return function readScope(base, values) {
    const scope: Record<string, unknown> = { input: base.input, principal: base.principal };
    for (const [name, index] of entries) scope[name] = values[index];
    return scope;
  };
}

function compileStep(node: PlanNode, graph: PlanGraph, prepare: (contract: OperationContract) => Call): Step {
  const { spec, name } = node;
  const scopeOf = (dependencies: NodeSpec['dependencies']): ReadScope =>
    compileScope(
      Object.fromEntries(
        Object.entries(dependencies).map(([key, dependency]) => [key, graph.positionOf(dependency)]),
      ),
    );
  const read = scopeOf(spec.dependencies);
  const step = compileKind(name, spec, read, graph, prepare);
  if (spec.guard === undefined) return step;
  const { predicate, dependencies } = spec.guard;
  const readGuard = scopeOf(dependencies);
  return (context, base, values) =>
    predicate(readGuard(base, values)) ? step(context, base, values) : undefined;
}

function compileKind(
  name: string,
  spec: NodeSpec,
  read: ReadScope,
  graph: PlanGraph,
  prepare: (contract: OperationContract) => Call,
): Step {
  if (spec.kind === 'derive') return (_context, base, values) => atOnce(spec.compute(read(base, values)));
  const call = prepare(spec.operation);
  if (spec.kind === 'each') return eachStep(name, spec, call, { read, keysAt: graph.positionOf(spec.keys) });
  return callStep(name, spec, call, read);
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
  name: string,
  spec: Extract<NodeSpec, { kind: 'call' }>,
  call: Call,
  read: ReadScope,
): Step {
  const node = callNode(name, spec);
  const { request, required, fallback, staleMs } = spec;
  const place = `${name} ${operationId(spec.operation)} ${JSON.stringify(spec.operation.mask)}`;
  const start = (context: RequestContext, callRequest: CallRequest): Promise<unknown> =>
    staleMs === undefined
      ? call(context, node, callRequest)
      : callOrStandIn(
          context,
          lastGoodKey(context.subject, place, callRequest),
          staleMs,
          call(context, node, callRequest),
          name,
        );
  if (required) return (context, base, values) => start(context, request(read(base, values)) as CallRequest);
  const onFailure = (context: RequestContext, thrown: unknown): unknown => {
    const error = GatewayError.from(thrown);
    if (error === context.cancellation.reason) throw error; // the client left or a sibling failed: no answer to save
    context.degraded.set(name, error);
    return fallback === undefined ? { ok: false, code: error.code } : fallback({ code: error.code });
  };
  return function runOptional(context, base, values) {
    return start(context, request(read(base, values)) as CallRequest).then(
      (value) => (fallback === undefined ? { ok: true, value } : value),
      (thrown: unknown) => onFailure(context, thrown),
    );
  };
}

/** Waits for a call; when it fails, the caller's last good answer stands in, if it is not too old. */
async function callOrStandIn(
  context: RequestContext,
  key: string,
  staleMs: number,
  call: Promise<unknown>,
  name: string,
): Promise<unknown> {
  try {
    const value = await call;
    context.lastGood.keep(key, value);
    return value;
  } catch (thrown) {
    const error = GatewayError.from(thrown);
    const isAboutService = error.status >= 502 && error !== context.cancellation.reason;
    const standIn = isAboutService ? context.lastGood.find(key, staleMs) : undefined;
    if (standIn === undefined) throw error;
    context.degraded.set(name, error);
    return standIn.value;
  }
}

/** Where a batch finds its keys and the rest of what its request reads. */
interface EachSource {
  readonly read: ReadScope;
  readonly keysAt: number;
}

function eachStep(
  name: string,
  spec: Extract<NodeSpec, { kind: 'each' }>,
  call: Call,
  { read, keysAt }: EachSource,
): Step {
  const node = callNode(name, spec);
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
        return (await call(context, node, chunkRequest)) as readonly unknown[];
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
