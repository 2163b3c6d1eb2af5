/**
 * What the console says of a BFF once: its endpoints with their plans, and its limits.
 *
 * @module
 */
import type { Bff } from '../bff.ts';
import type { Limit } from '../limit/limit.ts';
import { boundsMs } from './latency-ring.ts';
import type { AboutBff, AboutEndpoint, AboutLimit, Slo } from './wire.ts';

export function aboutBff({ name, owner, graph, declared }: Bff): AboutBff {
  const slos = new Map<string, Slo>();
  for (const { endpoint } of declared.endpoints) {
    const { slo } = endpoint.options as { readonly slo?: Slo };
    if (slo !== undefined) slos.set(`${endpoint.method} ${endpoint.path}`, slo);
  }
  const endpoints = graph.endpoints.map(({ nodes, ...endpoint }): AboutEndpoint => {
    const key = `${endpoint.method} ${endpoint.path}`;
    const slo = slos.get(key);
    return {
      key,
      ...endpoint,
      nodes: nodes.map(({ mask: _mask, ...node }) => node),
      ...(slo === undefined ? {} : { slo }),
    };
  });
  const { limits = [], plans = {} } = declared.limits;
  return {
    name,
    owner,
    endpoints,
    boundsMs: boundsMs.map((ms) => Math.round(ms * 100) / 100),
    limits: [
      ...listOf(limits).map((limit) => aboutLimit(limit)),
      ...Object.entries(plans).flatMap(([plan, planned]) =>
        listOf(planned).map((limit) => aboutLimit(limit, plan)),
      ),
    ],
  };
}

function aboutLimit(limit: Limit, plan?: string): AboutLimit {
  const figures = Object.entries(limit).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return {
    name: limit.name,
    kind: limit.kind,
    ...(plan === undefined ? {} : { plan }),
    figures: Object.fromEntries(figures),
  };
}

function listOf(limits: Limit | readonly Limit[]): readonly Limit[] {
  return 'kind' in limits ? [limits] : limits;
}
