/**
 * What the access log says of a decision of the limits: all that `bffkit limits simulate` needs to make
 * it again, how the caller stands, and no address in clear.
 *
 * @module
 */
import type { LimitDecision, LimitStanding } from '../context/events.ts';
import { quoteAll, quoteName } from './json-text.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/** The field `limit` of a log line. */
export interface LimitLine {
  /** The moment of the decision by the clock of the store, in epoch milliseconds. */
  readonly at: number;
  /** The order within a millisecond. */
  readonly n: number;
  readonly cost: number;
  /** A pseudonym of the client's address. */
  readonly ip: string;
  readonly client?: string;
  readonly tenant?: string;
  readonly plan?: string;
  /** The class of the endpoint, unless it is `default`. */
  readonly class?: string;
  /** The limits that refused. */
  readonly refused?: readonly string[];
  /** Answered from what was kept: monthly quotas did not count it. */
  readonly repeat?: true;
  readonly standIn?: string;
  /** The refusal that lasts longest, or else the limit with the fewest units left. */
  readonly tightest?: {
    readonly limit: string;
    readonly remaining: number;
    readonly resetAfterMs: number;
    /** Only of a refusal. */
    readonly retryAfterMs?: number;
  };
}

/** The text of a {@link LimitLine}. */
export function limitLine(
  { atMs, order, cost, caller, refusedBy, isRepeat, standIn }: LimitDecision,
  standing: readonly LimitStanding[],
  pseudonyms: Pseudonyms,
): string {
  const { clientId, tenant, plan, endpointClass } = caller;
  let line = `{"at":${atMs},"n":${order},"cost":${cost},"ip":"${pseudonyms.address(caller.address)}"`;
  if (clientId !== undefined) line += `,"client":${quoteName(clientId)}`;
  if (tenant !== undefined) line += `,"tenant":${quoteName(tenant)}`;
  if (plan !== undefined) line += `,"plan":${quoteName(plan)}`;
  if (endpointClass !== 'default') line += `,"class":${quoteName(endpointClass)}`;
  if (refusedBy.length > 0) line += `,"refused":${quoteAll(refusedBy)}`;
  if (isRepeat === true) line += ',"repeat":true';
  if (standIn !== undefined) line += `,"standIn":"${standIn}"`;
  const tightest = tightestOf(standing);
  return tightest === undefined ? `${line}}` : `${line},"tightest":${standingLine(tightest)}}`;
}

function tightestOf(standing: readonly LimitStanding[]): LimitStanding | undefined {
  let tightest: LimitStanding | undefined;
  for (const each of standing) {
    if (tightest === undefined || isTighter(each, tightest)) tightest = each;
  }
  return tightest;
}

function isTighter(one: LimitStanding, other: LimitStanding): boolean {
  if (one.allowed !== other.allowed) return other.allowed;
  return one.allowed ? one.remaining < other.remaining : one.retryAfterMs > other.retryAfterMs;
}

function standingLine({ limit, allowed, remaining, resetAfterMs, retryAfterMs }: LimitStanding): string {
  const wait = allowed ? '' : `,"retryAfterMs":${Math.ceil(retryAfterMs)}`;
  return `{"limit":${quoteName(limit)},"remaining":${remaining},"resetAfterMs":${Math.ceil(resetAfterMs)}${wait}}`;
}
