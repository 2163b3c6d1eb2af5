/**
 * The seam between deciding and remembering: a store takes a list of claims, all or nothing, in one
 * round trip.
 *
 * @module
 */
import type { LimitStanding, LimitStoreFact, StandIn } from '../context/events.ts';
import type { RateLimit } from './limit.ts';

/** One limit that a request has to pass. */
export interface Claim {
  readonly limit: RateLimit;
  /** Who is counted. */
  readonly subject: string;
  readonly cost: number;
}

/** The answer of one limit to one request. */
export type Admission = LimitStanding;

/** The answer of a store to one request. */
export interface Decision {
  /** Whether every claim was allowed; when not, none was charged. */
  readonly allowed: boolean;
  /** One per claim, in their order; none when the store could not be asked and everything is let through. */
  readonly admissions: readonly Admission[];
  /** The moment of the decision by the store's clock, in whole epoch milliseconds. */
  readonly atMs: number;
  /** Grows with every decision of one store: the order within a millisecond. */
  readonly order: number;
  /** Set when the store could not be asked: what decided instead of it. */
  readonly standIn?: StandIn;
}

/** Where limits are remembered: one process (`memoryStore`), or many (`bffkit/redis`). */
export interface LimitStore {
  /** Decides about all claims at once. A list of claims with cost 0 looks and takes nothing. */
  take(claims: readonly Claim[]): Decision | Promise<Decision>;
  /** Hears when the store goes away and comes back. */
  watch?(listener: (fact: LimitStoreFact) => void): void;
  /** Releases connections; called when the BFF closes. */
  close?(): void;
}
