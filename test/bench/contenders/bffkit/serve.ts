/**
 * bffkit as a team runs it: limiter, breakers, deadline, trim, metrics and access log on. The limit is
 * so large that nobody is refused, but every request is counted; log lines are written to nowhere.
 *
 * @module
 */
import { type Access, type BffOptions, defineBff, jsonLogger, tokenBucket } from 'bffkit';
import { serve } from 'bffkit/node';
import { type Assignment, announce } from '../gateway.ts';
import { benchEndpoints } from './endpoints.ts';
import { bindUpstreams } from './upstreams.ts';

/** How the two bffkit contenders differ. */
export interface Variant {
  readonly access: Access;
  readonly identity: NonNullable<BffOptions['identity']>;
}

/** Serves the endpoints and tells the measurer. */
export async function serveBench(assignment: Assignment, variant: Variant): Promise<void> {
  const bff = defineBff({
    name: 'bench',
    owner: '@acme/bench',
    identity: variant.identity,
    limits: tokenBucket({ capacity: 1_000_000_000, refillPerSecond: 1_000_000 }),
    upstreams: bindUpstreams(assignment),
    endpoints: benchEndpoints(variant.access),
  });
  const { url } = await serve(bff, {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    signals: false,
    logger: jsonLogger({ name: 'bench', write: () => {} }),
  });
  announce({ port: Number(new URL(url).port), address: '127.0.0.1', family: 'IPv4' });
}
