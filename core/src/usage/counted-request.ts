/**
 * Which requests count, and as what. The same requests that a monthly quota counts: those of a partner that proved
 * who it is and may call, unless they were refused by a limit or were answered from what was kept of an earlier one.
 *
 * @module
 */
import type { RequestFact } from '../context/events.ts';
import { overflow } from '../records/counters.ts';
import { dayOf } from './utc-days.ts';

/** One request as usage sees it. */
export interface CountedRequest {
  readonly partner: string;
  /** The day of UTC on which the limits decided about it, so that usage and quota agree at the end of a month. */
  readonly day: string;
  /** Key, version and endpoint as the name of a counter. */
  readonly name: string;
}

/** What the name of a counter says. */
export interface Counted {
  /** The id of the API key. */
  readonly key: string;
  /** The version of the API; absent where it has none. */
  readonly version: string | undefined;
  /** Method and route template, such as `GET /v1/orders/:id`. */
  readonly endpoint: string;
}

/** Not known, not allowed, too many. */
const free: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * The request to count; nothing for one that is free. Where no limit was asked, only a good answer counts, at `nowMs`:
 * any other may have been refused before its turn.
 */
export function countedRequest(fact: RequestFact, nowMs: number): CountedRequest | undefined {
  const { principal, limit, status } = fact;
  if (principal?.kind !== 'partner' || free.has(status)) return undefined;
  if (limit === undefined ? status >= 400 : limit.isRepeat === true || limit.refusedBy.length > 0)
    return undefined;
  return {
    partner: principal.id,
    day: dayOf(limit?.atMs ?? nowMs),
    name: `${principal.key ?? ''}|${fact.version ?? ''}|${fact.method} ${fact.route}`,
  };
}

/** Reads the name of a counter. */
export function readName(name: string): Counted {
  if (name === overflow) return { key: 'other', version: undefined, endpoint: 'other' };
  const [key = '', version = '', ...endpoint] = name.split('|');
  return { key, version: version === '' ? undefined : version, endpoint: endpoint.join('|') };
}
