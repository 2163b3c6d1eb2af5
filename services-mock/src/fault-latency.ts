/**
 * How late a late answer is: always the same, somewhere between two bounds, or the way real services are
 * slow, mostly a little and sometimes a lot.
 *
 * @see {@link https://en.wikipedia.org/wiki/Log-normal_distribution Log-normal distribution}
 * @module
 */
import type { Random } from './data/random.ts';
import { FaultError, parseDuration } from './fault-units.ts';

/** A distribution of delays in milliseconds. */
export type Latency =
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'lognormal'; readonly p50Ms: number; readonly p99Ms: number };

/** The standard normal distribution has 99 % of its mass below this. */
const Z99 = 2.3263;

/** Reads `300ms`, `100ms-800ms` or `p50=20ms,p99=900ms`. */
export function parseLatency(argument = ''): Latency {
  const [, p50, p99] = /^p50=([^,]+),p99=([^,]+)$/.exec(argument) ?? [];
  if (p50 !== undefined && p99 !== undefined) {
    const latency = { kind: 'lognormal', p50Ms: parseDuration(p50), p99Ms: parseDuration(p99) } as const;
    if (latency.p50Ms > 0 && latency.p99Ms >= latency.p50Ms) return latency;
    throw new FaultError('invalid_argument', `latency needs 0 < p50 <= p99, got "${argument}"`);
  }
  const [min = '', max = min] = argument.split('-');
  const latency = { kind: 'uniform', minMs: parseDuration(min), maxMs: parseDuration(max) } as const;
  if (latency.minMs <= latency.maxMs) return latency;
  throw new FaultError('invalid_argument', `latency needs its bounds in order, got "${argument}"`);
}

/** Draws a delay. A log-normal one is cut at four times its p99, so that a test never waits for ever. */
export function drawDelayMs(latency: Latency, random: Random): number {
  if (latency.kind === 'uniform') {
    return latency.minMs + random.next() * (latency.maxMs - latency.minMs);
  }
  const { p50Ms, p99Ms } = latency;
  const sigma = Math.log(p99Ms / p50Ms) / Z99;
  return Math.min(p50Ms * Math.exp(sigma * drawNormal(random)), p99Ms * 4);
}

/** @see {@link https://en.wikipedia.org/wiki/Box%E2%80%93Muller_transform Box–Muller transform} */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
