/**
 * The five words of a plan: `call`, `optional`, `each`, `when`, `derive`. They run once, at boot,
 * and only write down what a request will do.
 *
 * @module
 */
import type { CacheOptions } from '../cache/cache-options.ts';
import { requireKnown } from '../context/options.ts';
import { type Operation, operationId } from '../upstream/operation.ts';
import {
  type AnyScope,
  type CallFailure,
  type Node,
  type NodeSpec,
  type Nodes,
  nodeOf,
  type Scope,
  type Settled,
  specOf,
} from './node.ts';

export interface CallOptions {
  /** Milliseconds this call may take. Default: the operation's timeout, at most what the deadline leaves. */
  readonly timeoutMs?: number;
  /** Keeps the answer, and asks once for all who want the same at the same time; for GET only. Default none. */
  readonly cache?: CacheOptions;
}

export interface OptionalOptions<Answer> extends CallOptions {
  /** Worth under pressure, 1 to 10: what is worth least is left out first. Default 5. */
  readonly value?: number;
  /** The value when the call fails. With it the node is an `Answer`, without it a {@link Settled}. */
  readonly fallback?: (failure: CallFailure) => Answer;
}

export interface EachOptions<Key, Request, Item, Scoped> extends CallOptions {
  /** The field of an item that holds its key, or a function that finds it. */
  readonly by: (keyof Item & string) | ((item: Item) => Key);
  /** Keys per call. Default 50. */
  readonly chunk?: number;
  /** Keys per request. Further keys are left out and the node counts as degraded. No default: the worst case is yours to say. */
  readonly max: number;
  /** The request for one chunk of keys. */
  readonly request: (keys: Key[], scope: Scoped) => NoInfer<Request>;
  /** A chunk that fails leaves its keys out of the map instead of failing the endpoint. Default false. */
  readonly optional?: boolean;
  /** Worth of an optional one under pressure, 1 to 10. Default 5. */
  readonly value?: number;
}

type NoNodes = Record<never, never>;
type NodeOfOptional<Answer, Options> = Options extends { readonly fallback: unknown }
  ? Node<Answer>
  : Node<Settled<Answer>>;

/** What `plan` is called with. */
export interface PlanBuilder<Input, Caller> {
  /** A required call: when it fails, the rest is cancelled and the endpoint fails with the mapped status. */
  call<Request, Answer>(
    operation: Operation<Request, Answer>,
    request: (scope: Scope<NoNodes, Input, Caller>) => NoInfer<Request>,
    options?: CallOptions,
  ): Node<Answer>;
  call<Request, Answer, const N extends Nodes>(
    operation: Operation<Request, Answer>,
    dependencies: N,
    request: (scope: Scope<N, Input, Caller>) => NoInfer<Request>,
    options?: CallOptions,
  ): Node<Answer>;

  /** A call that may fail: the answer goes out without it, with `Bff-Degraded` naming it. */
  optional<Request, Answer, const O extends OptionalOptions<NoInfer<Answer>>>(
    operation: Operation<Request, Answer>,
    request: (scope: Scope<NoNodes, Input, Caller>) => NoInfer<Request>,
    options?: O,
  ): NodeOfOptional<Answer, O>;
  optional<Request, Answer, const N extends Nodes, const O extends OptionalOptions<NoInfer<Answer>>>(
    operation: Operation<Request, Answer>,
    dependencies: N,
    request: (scope: Scope<N, Input, Caller>) => NoInfer<Request>,
    options?: O,
  ): NodeOfOptional<Answer, O>;

  /** Reads many items by key in few calls: drops double keys, cuts into chunks, caps, answers with a map. */
  each<Key extends string | number, Request, Item>(
    keys: Node<readonly Key[]>,
    operation: Operation<Request, Item[]>,
    options: EachOptions<Key, Request, Item, Scope<NoNodes, Input, Caller>>,
  ): Node<ReadonlyMap<Key, Item>>;
  each<Key extends string | number, Request, Item, const N extends Nodes>(
    keys: Node<readonly Key[]>,
    operation: Operation<Request, Item[]>,
    dependencies: N,
    options: EachOptions<Key, Request, Item, Scope<N, Input, Caller>>,
  ): Node<ReadonlyMap<Key, Item>>;

  /** Runs `node` only if `predicate` holds; else its value is `undefined`. Use what `when` returns, not `node`. */
  when<const N extends Nodes, T>(
    dependencies: N,
    predicate: (scope: Scope<N, Input, Caller>) => boolean,
    node: Node<T>,
  ): Node<T | undefined>;

  /** A value computed from others: pure and synchronous. */
  derive<const N extends Nodes, T>(dependencies: N, compute: (scope: Scope<N, Input, Caller>) => T): Node<T>;
}

/** A builder, and the nodes it has made so far. */
export interface Building {
  readonly builder: PlanBuilder<unknown, unknown>;
  /** Nodes that were wrapped by `when` and must not be used directly. */
  readonly guarded: ReadonlySet<unknown>;
  readonly nodes: readonly Node<unknown>[];
}

const callOptions = ['timeoutMs', 'cache'];
const optionalOptions = [...callOptions, 'fallback', 'value'];
const defaultValue = 5;
const eachOptions = ['by', 'chunk', 'max', 'request', 'timeoutMs', 'cache', 'optional', 'value'];

type RequestFunction = (scope: AnyScope) => unknown;
type LooseCall = [request: RequestFunction, options?: OptionalOptions<unknown>];
type LooseCallWithNodes = [dependencies: Nodes, request: RequestFunction, options?: OptionalOptions<unknown>];

/** Starts a plan. */
export function startBuilding(): Building {
  const nodes: Node<unknown>[] = [];
  const guarded = new Set<unknown>();

  const add = (spec: NodeSpec): Node<never> => {
    const node = nodeOf(spec);
    nodes.push(node);
    return node;
  };
  const callWith =
    (required: boolean) =>
    (operation: Operation<unknown, unknown>, ...rest: LooseCall | LooseCallWithNodes): Node<never> => {
      const [dependencies, request, options] =
        typeof rest[0] === 'function' ? [{}, ...(rest as LooseCall)] : (rest as LooseCallWithNodes);
      const [word, known] = required ? ['call', callOptions] : ['optional', optionalOptions];
      check(`${word} ${operationId(operation.contract)}`, request, options, known);
      return add({
        kind: 'call',
        operation: operation.contract,
        dependencies,
        request,
        required,
        value: options?.value ?? defaultValue,
        timeoutMs: options?.timeoutMs,
        cache: options?.cache,
        fallback: options?.fallback,
        guard: undefined,
      });
    };

  const builder = {
    call: callWith(true),
    optional: callWith(false),
    each(keys: Node<unknown>, operation: Operation<unknown, unknown>, ...rest: LooseEachRest): Node<never> {
      const [dependencies, options] = rest.length === 1 ? [{}, rest[0]] : rest;
      check(`each ${operationId(operation.contract)}`, options.request, options, eachOptions);
      return add({
        kind: 'each',
        operation: operation.contract,
        dependencies,
        keys,
        request: options.request,
        by: options.by,
        chunk: options.chunk ?? 50,
        max: options.max,
        required: options.optional !== true,
        value: options.value ?? defaultValue,
        timeoutMs: options.timeoutMs,
        cache: options.cache,
        guard: undefined,
      });
    },
    when(dependencies: Nodes, predicate: (scope: AnyScope) => boolean, node: Node<unknown>): Node<never> {
      const spec = specOf(node);
      if (spec === undefined) throw new TypeError('when: the third argument must be a node, such as call(…)');
      if (spec.guard !== undefined || guarded.has(node))
        throw new TypeError('when: this node already has a condition; join the two predicates');
      const index = nodes.indexOf(node);
      if (index < 0) throw new TypeError('when: the third argument is not a node of this plan');
      guarded.add(node);
      nodes.splice(index, 1);
      return add({ ...spec, guard: { dependencies, predicate } });
    },
    derive: (dependencies: Nodes, compute: (scope: AnyScope) => unknown): Node<never> =>
      add({ kind: 'derive', dependencies, compute, guard: undefined }),
  };
  return { builder: builder as unknown as PlanBuilder<unknown, unknown>, guarded, nodes };
}

type LooseEachRest = [options: LooseEach] | [dependencies: Nodes, options: LooseEach];

interface LooseEach extends CallOptions {
  readonly by: string | ((item: unknown) => unknown);
  readonly chunk?: number;
  readonly max: number;
  readonly request: (keys: readonly unknown[], scope: AnyScope) => unknown;
  readonly optional?: boolean;
  readonly value?: number;
}

function check(where: string, request: unknown, options: object | undefined, known: readonly string[]): void {
  if (typeof request !== 'function') throw new RangeError(`${where}: the request function is missing`);
  requireKnown(where, options ?? {}, known);
}
