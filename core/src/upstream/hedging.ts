/**
 * Hedged requests: when an answer takes longer than almost all others, ask once more, take whichever
 * comes first and cancel the other. Cuts the tail; the share and the retry budget keep it cheap.
 *
 * @see {@link https://research.google/pubs/the-tail-at-scale/ Dean and Barroso, The Tail at Scale}
 * @module
 */
import type { Clock } from '../context/clock.ts';
import { requireKnown, requireRange } from '../context/options.ts';
import type { Outcome } from './attempt.ts';
import type { Latency } from './latency.ts';
import { RetryBudget } from './retry-budget.ts';

export interface HedgeOptions {
  /** The quantile of the operation's live latency after which a second attempt starts. Default 0.95. */
  readonly quantile?: number;
  /** Second attempts per call at most. Default 0.05. */
  readonly maxShare?: number;
}

export type ResolvedHedgeOptions = Required<HedgeOptions>;

/**
 * @param bound What holds above, and may only be tightened.
 * @throws {RangeError} for an unknown option or a value out of range.
 */
export function resolveHedge(
  where: string,
  options: HedgeOptions,
  bound?: ResolvedHedgeOptions,
): ResolvedHedgeOptions {
  requireKnown(`${where}: hedge`, options, ['quantile', 'maxShare']);
  const { quantile = bound?.quantile ?? 0.95, maxShare = bound?.maxShare ?? 0.05 } = options;
  requireRange(`${where}: hedge`, 'quantile', quantile, 0.5, 0.999);
  requireRange(`${where}: hedge`, 'maxShare', maxShare, 0.001, bound?.maxShare ?? 0.5);
  return { quantile, maxShare };
}

/** A race between an attempt and, maybe, a second one. */
export interface Race {
  readonly first: Promise<Outcome>;
  readonly afterMs: number;
  readonly clock: Clock;
  cancelFirst(): void;
  /** Starts the second attempt, or answers nothing when it may not. */
  second(): { readonly outcome: Promise<Outcome>; cancel(): void } | undefined;
}

export class Hedging {
  readonly #options: ResolvedHedgeOptions;
  readonly #share: RetryBudget;

  constructor(options: ResolvedHedgeOptions, clock: Clock) {
    this.#options = options;
    this.#share = new RetryBudget(clock, { share: options.maxShare, floorPerSecond: 0 });
  }

  /** When to hedge, in milliseconds after the start; nothing while too little is known. Counts the call. */
  delayMs(latency: Latency): number | undefined {
    this.#share.call();
    return latency.quantile(this.#options.quantile);
  }

  /** Takes one hedge, if the share allows it. */
  mayHedge(): boolean {
    return this.#share.spend();
  }

  /** The first success; when both fail, the failure of the first attempt. */
  race(race: Race): Promise<Outcome> {
    return new Promise((resolve) => {
      let pending = 1;
      let cancelSecond = (): void => {};
      let ofFirst: Outcome | undefined;
      const settle = (outcome: Outcome, cancelOther: () => void): void => {
        pending -= 1;
        if (outcome.ok) cancelOther();
        if (outcome.ok || pending === 0) {
          stopTimer();
          resolve(outcome.ok ? outcome : (ofFirst ?? outcome));
        }
      };
      const stopTimer = race.clock.after(race.afterMs, () => {
        const second = race.second();
        if (second === undefined) return;
        pending += 1;
        cancelSecond = second.cancel;
        void second.outcome.then((outcome) => settle(outcome, race.cancelFirst));
      });
      void race.first.then((outcome) => {
        ofFirst = outcome;
        settle(outcome, cancelSecond);
      });
    });
  }
}
