/**
 * The waterfall of one request in the browser's own network panel: for development, and for operators who ask in
 * production. It names parts of the plan, never an address, a caller or a value.
 *
 * @see {@link https://www.w3.org/TR/server-timing/ W3C Server Timing}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6 RFC 9110, section 5.6}, tokens and quoted strings
 * @module
 */
import type { CacheLookup, CallFact, LimitStanding, RequestFact } from './events.ts';
import type { RequestContext } from './request-context.ts';

/** What a waterfall is drawn of. */
export interface TimedRequest extends Pick<RequestFact, 'calls' | 'lookups' | 'durationMs'> {
  readonly standing?: readonly LimitStanding[];
  readonly principal?: { readonly kind: string } | undefined;
}

/** Clients and proxies take heads of 8 to 16 KiB in all. */
const maxLength = 4_096;
const moreLength = 40;

/** The waterfall of a request whose answer is about to leave. */
export function serverTiming(context: RequestContext): string {
  const { calls, lookups, principal } = context;
  const durationMs = context.clock.monotonicMs() - context.startedMs;
  return writeServerTiming({ calls, lookups, principal, durationMs });
}

/**
 * Writes one entry for who called, one per limit, cache lookup and call with when it began and how it ended, and the
 * total. At most 4 KiB: what has no room is counted in an entry `more`.
 */
export function writeServerTiming({
  calls,
  lookups,
  standing = [],
  principal,
  durationMs,
}: TimedRequest): string {
  const entries = [
    ...(principal === undefined ? [] : [entry('identity', `caller: ${principal.kind}`)]),
    ...standing.map(limitEntry),
    ...lookups.map(cacheEntry),
    ...calls.map(callEntry),
  ];
  const total = `total;dur=${durationMs.toFixed(1)}`;
  let text = '';
  for (const [index, each] of entries.entries()) {
    if (text.length + each.length + total.length + moreLength > maxLength) {
      text += `more;desc="${entries.length - index} left out", `;
      break;
    }
    text += `${each}, `;
  }
  return text + total;
}

function limitEntry({ limit, allowed, remaining }: LimitStanding): string {
  return entry('limit', `${limit}: ${allowed ? `${remaining} left` : 'refused'}`);
}

function cacheEntry({ node, outcome }: CacheLookup): string {
  return entry('cache', `${node ?? 'the whole answer'}: ${outcome}`);
}

function callEntry({ node, upstream, operation, outcome, startMs, durationMs, attempts }: CallFact): string {
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  const description = `${upstream}.${operation} from ${startMs.toFixed(1)} ms: ${outcome}${tries}`;
  return entry(node, description, durationMs);
}

/** The name is a token, the description a quoted string; what neither may hold is replaced. */
function entry(name: string, description: string, durationMs?: number): string {
  const token = name.replaceAll(/[^\w-]/g, '_');
  const quoted = description.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&');
  return `${token}${durationMs === undefined ? '' : `;dur=${durationMs.toFixed(1)}`};desc="${quoted}"`;
}
