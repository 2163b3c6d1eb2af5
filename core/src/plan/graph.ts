/**
 * The graph of a plan: checked at boot, known before any traffic, plain data for whoever asks
 * (`bff.graph`, documents, the console).
 *
 * @module
 */
import { type CacheDescription, describeCache } from '../cache/describe-cache.ts';
import { maxDeadlineMs } from '../context/deadline.ts';
import { requireInteger, requireRange } from '../context/options.ts';
import { type Mask, readPaths } from '../upstream/mask.ts';
import { type OperationContract, operationId } from '../upstream/operation.ts';
import { type Building, type PlanBuilder, startBuilding } from './builder.ts';
import { checkCallCache } from './cached-call.ts';
import { type Node, type NodeSpec, type Nodes, specOf } from './node.ts';

const maxNodes = 20;
const maxDepth = 4;
const maxKeys = 10_000;
const reserved = new Set(['input', 'principal']);
/** Names go into `Bff-Degraded` and `Proxy-Status`. */
const headerSafe = /^[A-Za-z][\w-]*$/;

/** One node of a checked plan. */
export interface PlanNode {
  readonly name: string;
  readonly spec: NodeSpec;
  /** Positions of the nodes this one waits for. */
  readonly dependencies: readonly number[];
}

/** A checked plan, in an order in which every node follows what it needs. */
export interface PlanGraph {
  readonly nodes: readonly PlanNode[];
  /** Position of each node the plan returned, by its name. */
  readonly returned: Readonly<Record<string, number>>;
  /** Position of a node of this plan. */
  positionOf(node: Node<unknown>): number;
  /** Upstream calls one request makes at most. */
  readonly maxCalls: number;
  /** Upstream calls that wait for each other, at most. */
  readonly depth: number;
}

/** One node as plain data. */
export interface GraphNode {
  readonly name: string;
  readonly kind: 'call' | 'each' | 'derive';
  /** `upstream.operation`; absent for `derive`. */
  readonly operation?: string;
  /** The fields read; `true` for all. */
  readonly mask?: Mask;
  /** The same as paths, such as `items.total`, whole answers spelt out. */
  readonly fields?: readonly string[];
  /** True when the answer is passed as the service wrote it: these fields leave unread, and whatever else it says. */
  readonly whole?: true;
  /** False when the endpoint survives its failure. */
  readonly required: boolean;
  readonly fallback: boolean;
  /** True when it runs only under a condition. */
  readonly conditional: boolean;
  readonly dependencies: readonly string[];
  /** What bounds one call, in milliseconds; the deadline may leave less. Absent for `derive`. */
  readonly timeoutMs?: number;
  /** How its answer is kept; absent when it is not. */
  readonly cache?: CacheDescription;
  readonly maxCalls: number;
}

/**
 * Runs `plan` once and checks what it declared.
 *
 * @param where Names the endpoint in errors.
 * @throws {RangeError} for more than 20 nodes, more than 4 calls in a row, an `each` without `max`,
 * a value out of range, or a node that cannot be used where it is.
 * @throws {TypeError} when the plan reads a property of a node.
 */
export function buildGraph(
  where: string,
  plan: (builder: PlanBuilder<unknown, unknown>) => Nodes,
): PlanGraph {
  const building = startBuilding();
  const returned = runPlanFunction(where, plan, building);
  const { nodes } = building;
  if (nodes.length === 0) throw new RangeError(`${where}: the plan declares no node`);
  if (nodes.length > maxNodes) {
    throw new RangeError(`${where}: a plan may have at most ${maxNodes} nodes, this one has ${nodes.length}`);
  }
  const names = nameNodes(where, nodes, returned);
  const positions = new Map(nodes.map((node, index) => [node, index]));
  const position = (user: string, node: unknown): number => {
    const index = positions.get(node as Node<unknown>);
    if (index !== undefined) return index;
    const why = building.guarded.has(node)
      ? 'a node that runs under when(); use the node when() returned'
      : 'something that is not a node of this plan';
    throw new RangeError(`${where}: ${user} uses ${why}`);
  };
  const planNodes = nodes.map((node, index): PlanNode => {
    const name = names[index] ?? '';
    const spec = checkedSpec(where, name, node);
    const needed = neededBy(spec).map((dependency) => position(`node '${name}'`, dependency));
    return { name, spec, dependencies: [...new Set(needed)] };
  });
  requireOneForwarder(where, planNodes);
  const depth = Math.max(...depths(planNodes));
  if (depth > maxDepth) {
    throw new RangeError(
      `${where}: at most ${maxDepth} calls may wait for each other, this plan has ${depth} in a row`,
    );
  }
  return {
    nodes: planNodes,
    returned: Object.fromEntries(
      Object.entries(returned).map(([key, node]) => [key, position(`the returned '${key}'`, node)]),
    ),
    positionOf: (node) => position('the plan', node),
    maxCalls: planNodes.reduce((sum, { spec }) => sum + maxCallsOf(spec), 0),
    depth,
  };
}

/** The plan as plain data. `timeoutOf` gives what bounds a call that has no timeout of its own. */
export function describeNodes(
  graph: PlanGraph,
  timeoutOf: (contract: OperationContract) => number,
): GraphNode[] {
  return graph.nodes.map(({ name, spec, dependencies }) => ({
    name,
    kind: spec.kind,
    required: spec.kind === 'derive' || spec.required,
    fallback: spec.kind === 'call' && spec.fallback !== undefined,
    conditional: spec.guard !== undefined,
    dependencies: dependencies.map((index) => graph.nodes[index]?.name ?? ''),
    maxCalls: maxCallsOf(spec),
    ...(spec.kind === 'derive' ? {} : describeCall(spec, timeoutOf(spec.operation))),
  }));
}

function describeCall(
  { operation, timeoutMs, cache }: Exclude<NodeSpec, { kind: 'derive' }>,
  boundMs: number,
): Pick<GraphNode, 'operation' | 'mask' | 'fields' | 'whole' | 'timeoutMs' | 'cache'> {
  return {
    operation: operationId(operation),
    mask: operation.mask,
    fields: operation.response === undefined ? [] : readPaths(operation.response, operation.mask),
    ...(operation.isWhole ? { whole: true } : {}),
    timeoutMs: Math.min(timeoutMs ?? boundMs, boundMs),
    ...(cache === undefined ? {} : { cache: describeCache(cache) }),
  };
}

function runPlanFunction(
  where: string,
  plan: (builder: PlanBuilder<unknown, unknown>) => Nodes,
  building: Building,
): Nodes {
  let returned: unknown;
  try {
    returned = plan(building.builder);
  } catch (error) {
    if (error instanceof Error) error.message = `${where}: ${error.message}`;
    throw error;
  }
  if (typeof returned === 'object' && returned !== null) return returned as Nodes;
  throw new RangeError(`${where}: plan must return an object of nodes, got ${String(returned)}`);
}

function nameNodes(where: string, nodes: readonly Node<unknown>[], returned: Nodes): string[] {
  const names = new Map<unknown, string>();
  for (const [name, node] of Object.entries(returned)) {
    if (reserved.has(name)) throw new RangeError(`${where}: a node may not be called '${name}'`);
    if (!headerSafe.test(name)) {
      throw new RangeError(`${where}: a node's name must be letters, digits, _ or -, got '${name}'`);
    }
    if (!names.has(node)) names.set(node, name);
  }
  return nodes.map((node, index) => {
    const spec = specOf(node);
    const kind = spec === undefined || spec.kind === 'derive' ? 'derive' : operationId(spec.operation);
    return names.get(node) ?? `${kind}#${index + 1}`;
  });
}

function checkedSpec(where: string, name: string, node: Node<unknown>): NodeSpec {
  const spec = specOf(node);
  if (spec === undefined) throw new RangeError(`${where}: '${name}' is not a node`);
  for (const dependency of [
    ...Object.keys(spec.dependencies),
    ...Object.keys(spec.guard?.dependencies ?? {}),
  ]) {
    if (reserved.has(dependency))
      throw new RangeError(`${where}: node '${name}' may not call a dependency '${dependency}'`);
  }
  const place = `${where}: node '${name}'`;
  if (spec.kind !== 'derive' && spec.timeoutMs !== undefined)
    requireRange(place, 'timeoutMs', spec.timeoutMs, 1, maxDeadlineMs);
  if (spec.kind !== 'derive' && spec.cache !== undefined) checkCallCache(place, spec.operation, spec.cache);
  if (spec.kind !== 'derive') requireInteger(place, 'value', spec.value, 1, 10);
  if (spec.kind === 'each') {
    requireInteger(place, 'max', spec.max, 1, maxKeys);
    requireInteger(place, 'chunk', spec.chunk, 1, maxKeys);
    if (spec.operation.isWhole)
      throw new RangeError(`${place}: each reads its items by key; leave out whole()`);
  }
  return spec;
}

function neededBy(spec: NodeSpec): Node<unknown>[] {
  return [
    ...(spec.kind === 'each' ? [spec.keys] : []),
    ...Object.values(spec.dependencies),
    ...Object.values(spec.guard?.dependencies ?? {}),
  ];
}

/** Answers arrive in any order, so a header that two of them may set would have no fixed value. */
function requireOneForwarder(where: string, nodes: readonly PlanNode[]): void {
  const forwarders = new Map<string, string>();
  for (const { name, spec } of nodes) {
    for (const header of spec.kind === 'derive' ? [] : spec.operation.forwardResponseHeaders) {
      const other = maxCallsOf(spec) > 1 ? name : forwarders.get(header);
      if (other !== undefined) {
        throw new RangeError(
          `${where}: nodes '${other}' and '${name}' both forward the header '${header}'; which one wins would depend on which answers last`,
        );
      }
      forwarders.set(header, name);
    }
  }
}

function maxCallsOf(spec: NodeSpec): number {
  if (spec.kind === 'derive') return 0;
  return spec.kind === 'call' ? 1 : Math.ceil(spec.max / spec.chunk);
}

/** Calls in a row up to and with each node. Nodes follow what they need, so one pass is enough. */
function depths(nodes: readonly PlanNode[]): number[] {
  const found: number[] = [];
  for (const { spec, dependencies } of nodes) {
    const before = Math.max(0, ...dependencies.map((index) => found[index] ?? 0));
    found.push(before + (spec.kind === 'derive' ? 0 : 1));
  }
  return found;
}
