/**
 * Targets from a function of the team's own: a registry, an orchestrator, anything.
 *
 * @module
 */
import { requireKnown, requireRange } from '../context/options.ts';
import { type Discovery, refreshedTargets } from './discovery.ts';
import { parseTargets, type TargetList } from './target.ts';

/** Answers with the present targets. The signal aborts after 10 s and at shutdown. */
export type ResolveTargets = (signal: AbortSignal) => TargetList | Promise<TargetList>;

export interface FunctionTargetsOptions {
  /** Milliseconds between calls, from 100 to an hour. Default 10 000. */
  readonly refreshMs?: number;
}

/**
 * Asks `resolve` for the targets, again and again. What it answers is checked like configuration; an
 * answer that is refused, an error or a hang leaves the last good list in use.
 *
 * @throws {RangeError} for an unknown option or a value out of range.
 */
export function functionTargets(resolve: ResolveTargets, options: FunctionTargetsOptions = {}): Discovery {
  requireKnown('functionTargets', options, ['refreshMs']);
  const { refreshMs = 10_000 } = options;
  requireRange('functionTargets', 'refreshMs', refreshMs, 100, 3_600_000);
  return refreshedTargets(async function resolveTargets(signal) {
    return parseTargets('functionTargets', await resolve(signal));
  }, refreshMs);
}
