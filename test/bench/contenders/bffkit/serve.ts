/**
 * bffkit as a team runs it: limiter, breakers, deadline, trim, metrics and access log on. The limit is
 * so large that nobody is refused, but every request is counted; log lines are written to nowhere.
 *
 * @module
 */
import { type BffOptions, defineBff, jsonLogger, type Logger, tokenBucket } from 'bffkit';
import { serve } from 'bffkit/node';
import { announce } from '../gateway.ts';

const silence: Logger = { info() {}, warn() {}, error() {} };

/** How the gateways by bffkit differ. */
export interface Variant extends Required<Pick<BffOptions, 'identity' | 'upstreams' | 'endpoints'>> {
  /** Without log lines and headers of limits; there is always a limit. Default false. */
  readonly isBare?: boolean;
}

/** Serves the endpoints and tells the measurer. */
export async function serveBench({ isBare = false, ...variant }: Variant): Promise<void> {
  const bff = defineBff({
    name: 'bench',
    owner: '@acme/bench',
    ...variant,
    limits: tokenBucket({ capacity: 1_000_000_000, refillPerSecond: 1_000_000 }),
    ...(isBare ? { rateLimitHeaders: 'none' } : {}),
  });
  const { url } = await serve(bff, {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    signals: false,
    logger: isBare ? silence : jsonLogger({ name: 'bench', write: () => {} }),
  });
  announce({ port: Number(new URL(url).port), address: '127.0.0.1', family: 'IPv4' });
}
