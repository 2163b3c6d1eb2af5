/**
 * `bff.graph`: what a BFF is, as plain data, known before any traffic.
 *
 * @module
 */
import { type CacheDescription, describeCache } from './cache/describe-cache.ts';
import type { EdgeOptions } from './edge.ts';
import type { Budget } from './endpoint/budget.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import type { SloOptions } from './endpoint/slo.ts';
import type { CorsOptions } from './http/cors.ts';
import type { Access } from './identity/access.ts';
import type { AddressOptions } from './ingress/address-rules.ts';
import { describeNodes, type GraphNode, type PlanGraph } from './plan/graph.ts';
import type { UpstreamBinding } from './upstream/binding.ts';
import type { OperationContract } from './upstream/operation.ts';

export interface GraphEndpoint {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly access: Pick<Access, 'kind' | 'scopes' | 'roles'>;
  readonly deadlineMs: number;
  readonly cost: number;
  /** What its answer may weigh; absent where nothing was promised. */
  readonly budget?: Budget;
  /** What it promises of its availability and speed; absent where nothing was promised. */
  readonly slo?: SloOptions;
  /** How the whole answer is kept; absent where it is not. */
  readonly cache?: CacheDescription;
  /** Present where `?fields=` is taken. */
  readonly fields?: true;
  /** Whether it takes an `Idempotency-Key`; absent where it does not. */
  readonly idempotency?: 'required' | 'optional';
  /** True for `.handle()`: there is no graph of it. */
  readonly opaque: boolean;
  /** `upstream.operation` of a proxy route. */
  readonly proxy?: string;
  readonly nodes: readonly GraphNode[];
  /** Upstream calls of one request, at most; an opaque endpoint may make 20. */
  readonly maxCalls: number;
  /** Upstream calls that wait for each other, at most. */
  readonly depth: number;
}

export interface BffGraph {
  readonly name: string;
  readonly owner: string;
  readonly publicOrigin?: string;
  /** Which addresses may call; absent where every one may. */
  readonly addresses?: AddressOptions;
  /** Which pages of other origins may read answers; absent where none may. */
  readonly cors?: CorsOptions;
  readonly upstreams: readonly string[];
  /** How the gateway shows who it is, by upstream, such as `internal-jwt`; upstreams it shows nothing are not in it. */
  readonly identities: Readonly<Record<string, string>>;
  readonly endpoints: readonly GraphEndpoint[];
}

const opaqueCalls = 20;

/** Describes who reaches the BFF at all, where that was said. */
export function describeEdge({
  publicOrigin,
  addresses,
  cors,
}: EdgeOptions): Pick<BffGraph, 'publicOrigin' | 'addresses' | 'cors'> {
  return {
    ...(publicOrigin === undefined ? {} : { publicOrigin }),
    ...(addresses === undefined ? {} : { addresses }),
    ...(cors === undefined ? {} : { cors }),
  };
}

/** Describes one endpoint. `timeoutOf` gives an operation's own timeout in milliseconds. */
export function describeEndpoint(
  endpoint: Endpoint,
  graph: PlanGraph | undefined,
  timeoutOf: (contract: OperationContract) => number,
): GraphEndpoint {
  const { summary, access, deadlineMs, cost = 1, budget, slo, cache, fields = false } = endpoint.options;
  const { idempotency } = endpoint.options;
  return {
    method: endpoint.method,
    path: endpoint.path,
    summary,
    access: { kind: access.kind, scopes: access.scopes, roles: access.roles },
    deadlineMs,
    cost,
    ...(budget === undefined ? {} : { budget }),
    ...(slo === undefined ? {} : { slo }),
    ...(cache === undefined ? {} : { cache: describeCache(cache) }),
    ...(fields ? { fields } : {}),
    ...(idempotency === undefined ? {} : { idempotency }),
    opaque: endpoint.behaviour.kind === 'opaque',
    ...(endpoint.behaviour.kind === 'stream'
      ? { proxy: `${endpoint.behaviour.operation.upstream}.${endpoint.behaviour.operation.name}` }
      : {}),
    nodes:
      graph === undefined
        ? []
        : describeNodes(graph, (contract) => Math.min(timeoutOf(contract), deadlineMs)),
    maxCalls: graph?.maxCalls ?? callsWithoutPlan(endpoint),
    depth: graph?.depth ?? callsWithoutPlan(endpoint),
  };
}

/** The names of the identities towards services, by upstream. */
export function identitiesOf(bindings: readonly UpstreamBinding[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    bindings.flatMap(({ name, identity }) => (identity === undefined ? [] : [[name, identity.name]])),
  );
}

function callsWithoutPlan({ behaviour }: Endpoint): number {
  if (behaviour.kind === 'stream') return 1;
  return behaviour.kind === 'opaque' ? (behaviour.maxCalls ?? opaqueCalls) : 0;
}

/** One field an endpoint reads. */
export interface FieldUse {
  readonly endpoint: string;
  readonly node: string;
  readonly operation: string;
  /** `items.total`, or `*` for the whole answer. */
  readonly field: string;
}

/** Every field every endpoint reads: the manifest that falls out of the masks. */
export function fieldUses(graph: BffGraph): FieldUse[] {
  return graph.endpoints.flatMap(({ method, path, nodes }) =>
    nodes.flatMap(({ name, operation, fields = [] }) =>
      fields.map((field) => ({
        endpoint: `${method} ${path}`,
        node: name,
        operation: operation ?? '',
        field,
      })),
    ),
  );
}
