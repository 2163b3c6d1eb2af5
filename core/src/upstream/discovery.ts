/**
 * Where targets come from. A source hands over a list whenever it changed; when it fails or answers
 * with nothing, the last good list stays in use and the failure is told, never thrown.
 *
 * @module
 */
import type { CancelTimer, Clock } from '../context/clock.ts';
import { jittered, type Random } from './random.ts';
import { maxTargets, sameTargets, type Target } from './target.ts';

/** Ends a discovery: no timer, watcher or callback is left. */
export type StopDiscovery = () => void;

/** Gets a list whenever it changed: checked, never empty, each origin once. */
export type OnTargets = (targets: readonly Target[]) => void;

export interface DiscoveryParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Hears of every failure; the last good list stays. Must not throw. */
  readonly onProblem: (error: Error) => void;
}

/** A source of targets. It holds no state before `start`, and can be started more than once. */
export interface Discovery {
  start(onTargets: OnTargets, parts: DiscoveryParts): StopDiscovery;
}

const firstRetryMs = 1_000;
const loadTimeoutMs = 10_000;

/** A list that never changes; handed over within `start`. */
export function staticTargets(targets: readonly Target[]): Discovery {
  return {
    start(onTargets) {
      onTargets(targets);
      return () => {};
    },
  };
}

/**
 * Several sources as one, such as two names of two versions: the list is what they know so far
 * together. Of an origin that two of them name, the first source's entry counts.
 */
export function joinTargets(...sources: readonly Discovery[]): Discovery {
  return {
    start(onTargets, parts) {
      const lists = sources.map((): readonly Target[] => []);
      const stops = sources.map((source, index) =>
        source.start((targets) => {
          lists[index] = targets;
          const joined = new Map<string, Target>();
          for (const target of lists.flat()) {
            if (!joined.has(target.origin)) joined.set(target.origin, target);
          }
          if (joined.size <= maxTargets) onTargets([...joined.values()]);
          else
            parts.onProblem(
              new RangeError(`targets must be from 1 to ${maxTargets} addresses, got ${joined.size}`),
            );
        }, parts),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** Loads a list, or rejects. The signal aborts when nobody waits for it any more. */
export type LoadTargets = (signal: AbortSignal) => Promise<readonly Target[]>;

/**
 * Loads a list again and again, `refreshMs` after the last load ended, give or take a fifth; every
 * second at first, until there is one. A load that takes longer than 10 s counts as failed.
 */
export function refreshedTargets(load: LoadTargets, refreshMs: number): Discovery {
  return {
    start(onTargets, parts) {
      const refresher = new Refresher(load, refreshMs, onTargets, parts);
      refresher.load();
      return () => refresher.stop();
    },
  };
}

class Refresher {
  readonly #load: LoadTargets;
  readonly #refreshMs: number;
  readonly #onTargets: OnTargets;
  readonly #parts: DiscoveryParts;
  #known: readonly Target[] | undefined;
  #running: AbortController | undefined;
  #stopTimer: CancelTimer | undefined;

  constructor(load: LoadTargets, refreshMs: number, onTargets: OnTargets, parts: DiscoveryParts) {
    this.#load = load;
    this.#refreshMs = refreshMs;
    this.#onTargets = onTargets;
    this.#parts = parts;
  }

  load(): void {
    const controller = new AbortController();
    this.#running = controller;
    const end = (result: readonly Target[] | Error): void => {
      if (this.#running !== controller) return; // stopped, or too late
      this.#stopTimer?.();
      this.#running = undefined;
      const hasNone = this.#known === undefined && result instanceof Error;
      const waitMs = hasNone ? Math.min(firstRetryMs, this.#refreshMs) : this.#refreshMs;
      this.#stopTimer = this.#parts.clock.after(jittered(waitMs, this.#parts.random), () => this.load());
      this.#settle(result); // last: whoever hears of it may stop us
    };
    this.#stopTimer = this.#parts.clock.after(loadTimeoutMs, () => {
      const error = new Error(`no list of targets within ${loadTimeoutMs} ms`);
      end(error);
      controller.abort(error);
    });
    // inside the executor, so that a load that throws is a load that failed
    new Promise<readonly Target[]>((resolve) => resolve(this.#load(controller.signal))).then(
      end,
      (thrown: unknown) => end(thrown instanceof Error ? thrown : new Error(String(thrown))),
    );
  }

  stop(): void {
    this.#stopTimer?.();
    const running = this.#running;
    this.#running = undefined;
    running?.abort(new Error('the discovery was stopped'));
  }

  #settle(result: readonly Target[] | Error): void {
    if (result instanceof Error) this.#parts.onProblem(result);
    else if (this.#known === undefined || !sameTargets(this.#known, result)) {
      this.#known = result;
      this.#onTargets(result);
    }
  }
}
