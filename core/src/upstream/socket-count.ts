/**
 * How the connections of an agent are used, for whoever watches the pool.
 *
 * @see {@link https://github.com/nodejs/undici/blob/main/docs/docs/api/PoolStats.md undici, PoolStats}
 * @module
 */
import type { Agent } from 'undici';
import type { SocketCount } from './transport.ts';

/** Counts over all origins; `connections` is how many each may have. */
export function countSockets(agent: Pick<Agent, 'stats'>, connections: number): SocketCount {
  const origins = Object.values(agent.stats);
  const sum = (of: (origin: (typeof origins)[number]) => number): number =>
    origins.reduce((total, origin) => total + of(origin), 0);
  return {
    running: sum(({ running }) => running),
    // One request on each; with one connection an origin has no pool, and `connected` is true or false.
    free: sum(({ connected, running }) => Math.max(0, Number(connected) - running)),
    queued: sum(({ pending }) => pending),
    limit: connections * Math.max(1, origins.length),
  };
}
