/**
 * What the access log says of a decision of the limits: all that `bffkit limits simulate` needs to make
 * it again, and no address in clear.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { LimitDecision } from '../context/events.ts';

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
  readonly standIn?: string;
}

const maxPseudonyms = 10_000;
const pseudonyms = new Map<string, string>();

export function limitLine({ atMs, order, cost, caller, refusedBy, standIn }: LimitDecision): LimitLine {
  const { address, clientId, tenant, plan, endpointClass } = caller;
  return {
    at: atMs,
    n: order,
    cost,
    ip: pseudonym(address),
    ...(clientId === undefined ? {} : { client: clientId }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(plan === undefined ? {} : { plan }),
    ...(endpointClass === 'default' ? {} : { class: endpointClass }),
    ...(refusedBy.length === 0 ? {} : { refused: refusedBy }),
    ...(standIn === undefined ? {} : { standIn }),
  };
}

/** Twelve characters for an address, the same in every process, so that logs can be joined. */
function pseudonym(address: string): string {
  const known = pseudonyms.get(address);
  if (known !== undefined) return known;
  if (pseudonyms.size >= maxPseudonyms) pseudonyms.clear();
  const made = createHash('sha256').update(address).digest('base64url').slice(0, 12);
  pseudonyms.set(address, made);
  return made;
}
