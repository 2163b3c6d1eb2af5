/**
 * What the functions of a plan read to build their requests: to see in a test that the request of a `public`
 * call depends on nothing personal.
 *
 * @module
 */
import { endpointName } from '../endpoint/check-options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { buildGraph } from '../plan/graph.ts';
import type { AnyScope } from '../plan/node.ts';

/**
 * Runs the request function of every call of an endpoint's plan once, and records which paths of `scope` it
 * read, such as `principal.subject`. A function that needs more than `scope` has throws as it does in the gateway.
 *
 * @param scope `input`, `principal` and the values of the nodes by name, as an example.
 * @param keys What an `each` gets. Default one key, `'1'`.
 * @returns The paths by name of the node, sorted.
 *
 * @throws {RangeError} for an endpoint without a plan.
 *
 * @example
 * recordReads(home, { principal: { subject: 'usr_1' } }).profile; // => ['principal', 'principal.subject']
 */
export function recordReads(
  endpoint: Endpoint,
  scope: AnyScope,
  keys: readonly unknown[] = ['1'],
): Readonly<Record<string, readonly string[]>> {
  const where = endpointName(endpoint);
  if (endpoint.behaviour.kind !== 'plan') throw new RangeError(`recordReads: ${where} has no plan`);
  const { nodes } = buildGraph(where, endpoint.behaviour.plan);
  const reads = nodes.flatMap(({ name, spec }) => {
    if (spec.kind === 'derive') return [];
    const paths = new Set<string>();
    const watched = recorded(scope, '', paths);
    const request = spec.kind === 'call' ? spec.request(watched) : spec.request(keys, watched);
    touch(request); // what was only passed on counts as well
    return [[name, [...paths].sort()] as const];
  });
  return Object.fromEntries(reads);
}

function recorded<T extends object>(target: T, path: string, paths: Set<string>): T {
  return new Proxy(target, {
    get(from, property) {
      const value: unknown = Reflect.get(from, property);
      if (typeof property === 'symbol' || typeof value === 'function') return value;
      const at = path === '' ? property : `${path}.${property}`;
      paths.add(at);
      return isOpen(value) ? recorded(value, at, paths) : value;
    },
  });
}

/** A proxy of anything else would not work as what it stands for. */
function isOpen(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function touch(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) touch((value as Record<string, unknown>)[key]);
}
