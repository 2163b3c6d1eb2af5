/**
 * How the connections of a transport are used, for whoever watches them.
 *
 * @module
 */
import type { SocketCount } from './transport.ts';

/** Adds up the counts of all origins; with none there may still be `connections`. */
export function sumSockets(counts: readonly SocketCount[], connections: number): SocketCount {
  const sum = (of: (count: SocketCount) => number): number =>
    counts.reduce((total, count) => total + of(count), 0);
  return {
    running: sum(({ running }) => running),
    free: sum(({ free }) => free),
    queued: sum(({ queued }) => queued),
    limit: counts.length === 0 ? connections : sum(({ limit }) => limit),
  };
}
