/**
 * Names under which the console shows callers: people and addresses by the same twelve characters as in the log,
 * partners by their own.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { RequestFact } from '../context/events.ts';

/** Who made a request, as operators may see it. */
export function callerName({ principal, limit }: RequestFact): string {
  if (principal !== undefined) {
    return `${principal.kind}:${principal.kind === 'partner' ? principal.id : pseudonym(principal.id)}`;
  }
  return limit === undefined ? 'unknown' : `address:${pseudonym(limit.caller.address)}`;
}

function pseudonym(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
