/**
 * bffkit as a team runs it: limiter, breakers, deadline, trim, metrics and access log on. The limit is
 * so large that nobody is refused, but every request is counted; log lines are written to nowhere.
 *
 * @module
 */
import { type BffOptions, defineBff, jsonLogger, type Logger, tokenBucket } from 'bffkit';
import { serve } from 'bffkit/node';
import type { Tracing } from 'bffkit/tracing';
import { announce } from '../gateway.ts';
import { answerPrimary, cpuOfAll, isWorker } from './cpu-of-all.ts';

const silence: Logger = { info() {}, warn() {}, error() {}, wants: () => false };

/** How the gateways by bffkit differ. */
export interface Variant extends Required<Pick<BffOptions, 'identity' | 'upstreams' | 'endpoints'>> {
  /** Without log lines and headers of limits; there is always a limit. Default false. */
  readonly isBare?: boolean;
  /** Processes that serve. Default 1. */
  readonly workers?: number;
  /** Who hears the facts. Default: metrics, console and log. */
  readonly observers?: Observers;
  readonly tracing?: Tracing;
}

/** Nobody; metrics; metrics and console; metrics, console and log. */
export type Observers = 'nobody' | 'metrics' | 'console' | 'log';

/** Serves the endpoints and tells the measurer. */
export async function serveBench({
  isBare = false,
  workers = 1,
  observers = 'log',
  ...variant
}: Variant): Promise<void> {
  const bff = defineBff({
    name: 'bench',
    owner: '@acme/bench',
    ...variant,
    limits: tokenBucket({ capacity: 1_000_000_000, refillPerSecond: 1_000_000 }),
    ...(isBare ? { rateLimitHeaders: 'none' } : {}),
  });
  const { events } = bff;
  if (observers === 'nobody') Object.assign(events, { emit: () => {} });
  if (observers === 'metrics') Object.assign(events, { on: () => () => {} }); // who came before stays
  const { url } = await serve(bff, {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    signals: false,
    workers,
    logger: isBare || observers !== 'log' ? silence : jsonLogger({ name: 'bench', write: () => {} }),
  });
  if (isWorker) return answerPrimary();
  const address = { port: Number(new URL(url).port), address: '127.0.0.1', family: 'IPv4' };
  announce(address, workers === 1 ? undefined : cpuOfAll);
}
