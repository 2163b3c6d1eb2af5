/**
 * A BFF on real sockets for one test file: free ports, no grace, no signals, its log in an array.
 *
 * @module
 */
import { type Bff, type BffOptions, defineBff, jsonLogger } from 'bffkit';
import { type RunningBff, type ServeOptions, serve } from 'bffkit/node';
import { testCallers } from 'bffkit/testing';

export interface ServedBff extends RunningBff {
  readonly bff: Bff;
  /** The lines of the log so far, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

/** A breaker for tests of something else. */
export const neverOpens = { failureThreshold: 1_000_000, failureRateThreshold: 0.99, windowSize: 10_000 };

type Parts = Pick<BffOptions, 'upstreams' | 'endpoints'> & Partial<BffOptions>;

/** Defines and serves a BFF named `test`. */
export async function served(parts: Parts, options: Partial<ServeOptions> = {}): Promise<ServedBff> {
  const log: Record<string, unknown>[] = [];
  const bff = defineBff({
    name: 'test',
    owner: '@acme/test',
    identity: [testCallers()],
    allowedHosts: ['bff.test'],
    ...parts,
  });
  const running = await serve(bff, {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: 0,
    signals: false,
    logger: jsonLogger({ name: 'test', write: (line) => void log.push(JSON.parse(line)) }),
    ...options,
  });
  return { ...running, bff, log };
}
