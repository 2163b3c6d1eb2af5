/**
 * Names under which the console shows callers: people and addresses under the pseudonyms of the log, partners by their
 * own.
 *
 * @module
 */
import type { RequestFact } from '../context/events.ts';
import type { Pseudonyms } from '../telemetry/pseudonyms.ts';

/** Who made a request, as operators may see it. */
export function callerName({ principal, limit }: RequestFact, pseudonyms: Pseudonyms): string {
  if (principal !== undefined) return pseudonyms.principal(principal);
  return limit === undefined ? 'unknown' : `address:${pseudonyms.address(limit.caller.address)}`;
}
