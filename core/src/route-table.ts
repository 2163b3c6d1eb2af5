/**
 * Which endpoint a route belongs to, decided by the declarations and not by their order: no route has
 * two, and a literal segment wins over a parameter.
 *
 * @module
 */
import { endpointName } from './endpoint/check-options.ts';
import type { Endpoint } from './endpoint/endpoint.ts';

const parameter = /:[^/]+/g;

/**
 * The endpoints in the order in which a router must try them: `/orders/new` before `/orders/:id`.
 *
 * @throws {RangeError} when two differ at most in the names of their parameters.
 */
export function routeOrder(endpoints: readonly Endpoint[]): Endpoint[] {
  const seen = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const route = `${endpoint.method} ${endpoint.path.replaceAll(parameter, ':')}`;
    const other = seen.get(route);
    if (other !== undefined) {
      throw new RangeError(
        `defineBff: two endpoints on one route: '${endpointName(other)}' and '${endpointName(endpoint)}'`,
      );
    }
    seen.set(route, endpoint);
  }
  return endpoints
    .map((endpoint) => ({ endpoint, rank: rankOf(endpoint) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : Number(one.rank > other.rank)))
    .map(({ endpoint }) => endpoint);
}

/** Finds the methods a path has, `HEAD` beside every `GET`. */
export function methodsOf(endpoints: readonly Endpoint[]): (path: string) => string[] {
  const routes = endpoints.map(({ method, path }) => ({
    methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
    pattern: new RegExp(
      `^${path.replaceAll('.', '\\.').replaceAll(parameter, '[^/]+').replace(/\/\*$/, '(?:/.*)?')}$`,
    ),
  }));
  return function methodsAt(path) {
    const matching = routes.filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => methods))];
  };
}

/** Sorts parameters behind every literal segment in the same place, and what takes all the rest behind both. */
function rankOf({ path }: Endpoint): string {
  return path.replaceAll(parameter, '\ufffe').replace(/\*$/, '\uffff');
}
