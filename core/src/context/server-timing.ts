/**
 * The waterfall of one request in the browser's own network panel, for development.
 *
 * @see {@link https://www.w3.org/TR/server-timing/ W3C Server Timing}
 * @module
 */
import type { RequestContext } from './request-context.ts';

/** One entry per upstream call, with when it began and how it ended, and the total. */
export function serverTiming(context: RequestContext): string {
  const totalMs = context.clock.monotonicMs() - context.startedMs;
  const calls = context.calls.map(({ node, upstream, operation, outcome, startMs, durationMs }) => {
    const description = `${upstream}.${operation} from ${startMs.toFixed(1)} ms: ${outcome}`;
    return `${node.replaceAll(/[^\w-]/g, '_')};dur=${durationMs.toFixed(1)};desc="${description}"`;
  });
  return [...calls, `total;dur=${totalMs.toFixed(1)}`].join(', ');
}
