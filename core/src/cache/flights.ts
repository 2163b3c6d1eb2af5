/**
 * The answers under way, at most one that can be joined per key: who wants the same waits for the same.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { Flight } from './flight.ts';
import { flightContext } from './flight-context.ts';
import type { Purges } from './purges.ts';
import type { Landed, Wanted } from './wanted.ts';

/** Comes to the answer in the context of the flight. */
export type FlightWork = (context: RequestContext) => Promise<Landed>;

export interface FlightsParts {
  readonly clock: Clock;
  readonly purges: Purges;
}

export class Flights {
  readonly #clock: Clock;
  readonly #purges: Purges;
  readonly #byKey = new Map<string, Flight<Landed>>();

  constructor({ clock, purges }: FlightsParts) {
    this.#clock = clock;
    this.#purges = purges;
  }

  /** Whether an answer is under way that can still be joined. */
  isUnderWay(key: string): boolean {
    return this.#byKey.get(key)?.isOpen === true;
  }

  /** The flight to wait for, and whether it began for this caller. */
  board(leader: RequestContext, wanted: Wanted, work: FlightWork): [Flight<Landed>, boolean] {
    const known = this.#byKey.get(wanted.key);
    const isGood =
      known?.isOpen === true &&
      known.rank >= wanted.rank &&
      !this.#purges.hasEnded(wanted.tags, known.startedMs);
    return isGood ? [known, false] : [this.#start(leader, wanted, { keepsGoing: false }, work), true];
  }

  /** Begins one that goes on when nobody waits. Others may join it. */
  startBeside(leader: RequestContext, wanted: Wanted, work: FlightWork): void {
    this.#start(leader, wanted, { keepsGoing: true }, work);
  }

  /** Begins one that nobody else can join. */
  startAlone(leader: RequestContext, { key, policy, rank }: Wanted, work: FlightWork): Flight<Landed> {
    return new Flight(this.#clock, { rank, keepsGoing: false }, async ({ cancellation }) => {
      const context = flightContext(leader, policy, { key, cancellation });
      try {
        return await work(context);
      } finally {
        handOver(context, leader);
      }
    });
  }

  /** Cancels all that can be joined. */
  close(): void {
    for (const { cancellation } of this.#byKey.values())
      cancellation.cancel(new GatewayError('shutting-down'));
    this.#byKey.clear();
  }

  #start(
    leader: RequestContext,
    { key, policy, rank }: Wanted,
    { keepsGoing }: { readonly keepsGoing: boolean },
    work: FlightWork,
  ): Flight<Landed> {
    const flight: Flight<Landed> = new Flight(this.#clock, { rank, keepsGoing }, async (self) => {
      const context = flightContext(leader, policy, { key, cancellation: self.cancellation });
      try {
        await Promise.resolve(); // it is on the map before it begins
        return await work(context);
      } finally {
        if (this.#byKey.get(key) === self) this.#byKey.delete(key);
        if (!keepsGoing && leader.cancellation.reason === undefined) handOver(context, leader);
      }
    });
    this.#byKey.set(key, flight);
    return flight;
  }
}

/** What was called and looked up counts for the request it began with. */
function handOver({ calls, lookups }: RequestContext, leader: RequestContext): void {
  leader.calls.push(...calls);
  leader.lookups.push(...lookups);
}
