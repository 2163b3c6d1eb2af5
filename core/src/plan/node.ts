/**
 * Nodes: what a plan is made of. In `plan` a node is only a name for a value that will exist; the
 * small functions inside a plan see the values. That is the one idea to learn: nodes now, values later.
 *
 * @module
 */
import type { CacheOptions } from '../cache/cache-options.ts';
import type { ProblemCode } from '../problem/codes.ts';
import type { OperationContract } from '../upstream/operation.ts';

declare const valueType: unique symbol;

/** A value of type `T` that a request will have. It has no readable properties. */
export interface Node<out T> {
  readonly [valueType]: T;
}

/** The outcome of an optional call without a fallback. Check `ok` before reading `value`. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ProblemCode };

/** Nodes by the names under which a function reads their values. */
export type Nodes = Readonly<Record<string, Node<unknown>>>;

/** The values of `N`'s nodes. */
export type ValuesOf<N> = { readonly [K in keyof N]: N[K] extends Node<infer T> ? T : never };

/** What every function of a plan sees: the values it named, the checked input, the caller. */
export type Scope<N, Input, Caller> = ValuesOf<N> & { readonly input: Input; readonly principal: Caller };

/** A scope whose types were erased: how the runtime passes it. */
export type AnyScope = Readonly<Record<string, unknown>>;

/** Why an optional call failed. */
export interface CallFailure {
  readonly code: ProblemCode;
}

/** What a node was declared as. */
export type NodeSpec = NodeBase &
  (
    | {
        readonly kind: 'call';
        readonly operation: OperationContract;
        readonly request: (scope: AnyScope) => unknown;
        readonly required: boolean;
        /** What an optional one is worth under pressure, 1 to 10. */
        readonly value: number;
        readonly timeoutMs: number | undefined;
        readonly cache: CacheOptions | undefined;
        readonly fallback: ((failure: CallFailure) => unknown) | undefined;
      }
    | {
        readonly kind: 'each';
        readonly operation: OperationContract;
        readonly keys: Node<unknown>;
        readonly request: (keys: readonly unknown[], scope: AnyScope) => unknown;
        readonly by: string | ((item: unknown) => unknown);
        readonly chunk: number;
        readonly max: number;
        readonly required: boolean;
        /** What an optional one is worth under pressure, 1 to 10. */
        readonly value: number;
        readonly timeoutMs: number | undefined;
        readonly cache: CacheOptions | undefined;
      }
    | { readonly kind: 'derive'; readonly compute: (scope: AnyScope) => unknown }
  );

interface NodeBase {
  readonly dependencies: Nodes;
  /** Set by `when`. */
  readonly guard: Guard | undefined;
}

export interface Guard {
  readonly dependencies: Nodes;
  readonly predicate: (scope: AnyScope) => boolean;
}

const specs = new WeakMap<object, NodeSpec>();

/** Makes the opaque handle of a node. Reading anything of it explains what to do instead. */
export function nodeOf(spec: NodeSpec): Node<never> {
  const handle = new Proxy(Object.freeze({}), {
    get(_target, property) {
      if (typeof property === 'symbol') return undefined;
      throw new TypeError(
        `plan read '.${property}' of a node. A node has no value while the plan is built: name it as a ` +
          `dependency and read '.${property}' inside the function of the next call, derive or respond`,
      );
    },
  }) as unknown as Node<never>;
  specs.set(handle, spec);
  return handle;
}

/** The declaration behind a handle; `undefined` for anything that is not a node. */
export function specOf(node: unknown): NodeSpec | undefined {
  return typeof node === 'object' && node !== null ? specs.get(node) : undefined;
}
