/**
 * Passive health: a target whose calls fail in a row gets none for a while. Nothing runs in the
 * background; an ejection ends when the clock has passed it.
 *
 * @see {@link https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier Envoy, outlier detection}
 * @module
 */
import type { Clock } from '../context/clock.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import type { TargetState } from './target.ts';

export interface OutlierOptions {
  /** Failed calls in a row that eject a target. Default 5. */
  readonly failures?: number;
  /**
   * Milliseconds of the first ejection. The second in a row takes twice as long, and so on up to
   * 5 minutes; each such time without an ejection forgives one. Default 30 000.
   */
  readonly ejectMs?: number;
  /** The share of the targets that may be ejected at once, in `[0, 1)`. Default 0.5. */
  readonly maxEjectedShare?: number;
}

export type ResolvedOutlierOptions = Required<OutlierOptions>;

const defaultOutlier: ResolvedOutlierOptions = { failures: 5, ejectMs: 30_000, maxEjectedShare: 0.5 };
const maxEjectMs = 300_000;

/** @throws {RangeError} for an unknown option or a value out of range. */
export function resolveOutlier(where: string, options: OutlierOptions = {}): ResolvedOutlierOptions {
  const place = `${where}: outlier`;
  requireKnown(place, options, Object.keys(defaultOutlier));
  const resolved = { ...defaultOutlier, ...options };
  requireInteger(place, 'failures', resolved.failures, 1, 1_000);
  requireRange(place, 'ejectMs', resolved.ejectMs, 1, maxEjectMs);
  requireRange(place, 'maxEjectedShare', resolved.maxEjectedShare, 0, 0.99);
  return resolved;
}

export class OutlierEjection {
  readonly #clock: Clock;
  readonly #options: ResolvedOutlierOptions;

  constructor(clock: Clock, options: ResolvedOutlierOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Milliseconds until `state` gets calls again; 0 when it does now. */
  ejectedForMs(state: TargetState): number {
    return state.ejectedUntilMs === 0 ? 0 : Math.max(0, state.ejectedUntilMs - this.#clock.monotonicMs());
  }

  success(state: TargetState): void {
    state.failures = 0;
  }

  /**
   * Counts a failed call, and ejects `state` if that was one too many and the share allows it. While
   * it is ejected, late failures of older calls count for nothing.
   *
   * @param all Every target of the upstream, `state` among them.
   * @returns Whether this failure ejected it.
   */
  failure(state: TargetState, all: readonly TargetState[]): boolean {
    if (this.ejectedForMs(state) > 0) return false;
    state.failures += 1;
    if (state.failures < this.#options.failures) return false;
    if (this.#ejectedOf(all) + 1 > this.#mayEject(all)) return false;
    const { ejectMs } = this.#options;
    const nowMs = this.#clock.monotonicMs();
    const forgiven = Math.floor((nowMs - state.ejectedUntilMs) / ejectMs);
    state.failures = 0;
    state.ejections = Math.max(0, state.ejections - forgiven) + 1;
    state.ejectedUntilMs = nowMs + Math.min(maxEjectMs, ejectMs * state.ejections);
    return true;
  }

  /** Calls back those next due, until the share holds again: for a list that became shorter. */
  keepShare(all: readonly TargetState[]): void {
    let surplus = this.#ejectedOf(all) - this.#mayEject(all);
    if (surplus <= 0) return;
    const nowMs = this.#clock.monotonicMs();
    for (const state of all.toSorted((a, b) => a.ejectedUntilMs - b.ejectedUntilMs)) {
      if (surplus <= 0) return;
      if (state.ejectedUntilMs <= nowMs) continue;
      state.ejectedUntilMs = nowMs;
      surplus -= 1;
    }
  }

  #mayEject(all: readonly TargetState[]): number {
    return Math.floor(all.length * this.#options.maxEjectedShare);
  }

  #ejectedOf(all: readonly TargetState[]): number {
    let ejected = 0;
    for (const state of all) if (this.ejectedForMs(state) > 0) ejected += 1;
    return ejected;
  }
}
