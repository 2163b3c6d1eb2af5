/**
 * `serve` with workers: the same program runs in every process, and each does its part.
 *
 * @module
 */
import cluster from 'node:cluster';
import type { Bff } from '../../bff.ts';
import type { RunningBff } from '../serve.ts';
import type { Settings } from '../serve-options.ts';
import { slotVariable } from './messages.ts';
import { servePrimary } from './primary.ts';
import { serveAsWorker } from './worker.ts';

/** @throws {RangeError} in a process that somebody else made a worker. */
export function serveTogether(bff: Bff, settings: Settings): Promise<RunningBff> {
  if (cluster.isPrimary) return servePrimary(bff, settings);
  if (process.env[slotVariable] !== undefined) return serveAsWorker(bff, settings);
  throw new RangeError(
    `serve: workers must be 1 in a process that is itself a worker of node:cluster, got ${settings.workers}`,
  );
}
