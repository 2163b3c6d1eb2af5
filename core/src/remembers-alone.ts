/**
 * What a BFF remembers in this process only: with several instances each has its own.
 *
 * @module
 */
import type { BffOptions } from './bff-options.ts';
import type { PlanGraph } from './plan/graph.ts';

/** The names of such things. A store that cannot go away is one of this process. */
export function remembersAlone(options: BffOptions, graphs: readonly (PlanGraph | undefined)[]): string[] {
  const { limitStore, cache, endpoints, identity = [] } = options;
  const keeps =
    endpoints.some((endpoint) => endpoint.options.cache !== undefined) ||
    graphs.some((graph) =>
      graph?.nodes.some(({ spec }) => spec.kind !== 'derive' && spec.cache !== undefined),
    );
  return [
    ...(limitStore?.watch === undefined ? ['limits'] : []),
    ...(keeps && (cache?.records === undefined || cache.records.isLocal === true) ? ['cached answers'] : []),
    ...identity.flatMap((way) => way.remembersAlone ?? []),
    ...(options.meter?.remembersAlone ?? []),
    ...(options.webhooks?.remembersAlone ?? []),
  ];
}
