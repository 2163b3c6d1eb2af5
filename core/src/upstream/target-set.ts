/**
 * The targets of one upstream at work: who they are now, how they are, and which one gets the next
 * call. A target that stays across a refresh of the list keeps what is known of it.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import { type Balancer, balancerOf } from './balance.ts';
import type { StopDiscovery } from './discovery.ts';
import { Prober } from './health.ts';
import { OutlierEjection } from './outlier.ts';
import type { Random } from './random.ts';
import { type Health, type Target, TargetState } from './target.ts';
import type { TargetSettings } from './target-options.ts';
import type { Transport } from './transport.ts';

/** What a call asks of the target it gets. */
export interface TargetWish {
  /** What should stick to one target; for `sticky` only. */
  readonly key?: string | undefined;
  /** The target of the attempt before; taken again only if there is no other. */
  readonly avoid?: TargetState | undefined;
  /** The version to prefer; others serve when none of it is available. */
  readonly version?: string | undefined;
}

/** Something about the targets changed. */
export interface TargetChange {
  readonly kind: 'added' | 'removed' | 'ejected' | 'healthy' | 'unhealthy';
  readonly origin: string;
  readonly version?: string;
  /** For `ejected`: how long. */
  readonly forMs?: number;
}

/** One target as it is now. Names an internal address: for operators only. */
export interface TargetStatus {
  readonly origin: string;
  readonly version?: string;
  readonly weight: number;
  /** Calls under way. */
  readonly pending: number;
  readonly health: Health;
  /** 0 when it is not ejected. */
  readonly ejectedForMs: number;
}

export interface TargetSetParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Carries the probes; see {@link Prober}. */
  readonly transport: Transport;
  /** Hears of failures of the discovery. Must not throw. */
  readonly onProblem: (error: Error) => void;
  /** Must not throw. */
  readonly onChange: (change: TargetChange) => void;
}

const noWish: TargetWish = {};
const never = Number.POSITIVE_INFINITY;

export class TargetSet {
  readonly #settings: TargetSettings;
  readonly #parts: TargetSetParts;
  readonly #balancer: Balancer;
  readonly #outlier: OutlierEjection | undefined;
  readonly #stopDiscovery: StopDiscovery;
  readonly #probers = new Map<TargetState, Prober>();
  #isClosed = false;
  #states: readonly TargetState[] = [];
  #byOrigin: ReadonlyMap<string, TargetState> = new Map();
  /** Who may get calls, kept until something changes or an ejection ends. */
  #candidates: readonly TargetState[] = [];
  readonly #candidatesOf = new Map<string, readonly TargetState[]>();
  /** Monotonic milliseconds of the next end of an ejection. */
  #freshUntilMs = never;

  /** Starts the discovery, and with the first list the checks. */
  constructor(settings: TargetSettings, parts: TargetSetParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#balancer = balancerOf(settings.balance, parts.random);
    this.#outlier = settings.outlier && new OutlierEjection(parts.clock, settings.outlier);
    this.#stopDiscovery = settings.discovery.start((targets) => this.#update(targets), parts);
  }

  /** Whether there is any target; before, calls have nowhere to go. */
  get isReady(): boolean {
    return this.#states.length > 0;
  }

  /**
   * The target for the next attempt, or `undefined` while there is none. Healthy targets that are not
   * ejected come first; when there are none, all are tried. The caller counts `pending`, and reports.
   */
  pick(wish: TargetWish = noWish): TargetState | undefined {
    if (this.#states.length <= 1) return this.#states[0];
    const freshUntilMs = this.#freshUntilMs;
    if (freshUntilMs !== never && this.#parts.clock.monotonicMs() >= freshUntilMs) this.#refresh();
    const { key, avoid, version } = wish;
    let candidates = version === undefined ? this.#candidates : this.#ofVersion(version);
    if (avoid !== undefined && candidates.length > 1 && candidates.includes(avoid)) {
      candidates = candidates.filter((candidate) => candidate !== avoid);
    }
    return this.#balancer.pick(candidates, key);
  }

  /** Tells how an attempt ended. What says nothing about the target is not reported. */
  report(state: TargetState, verdict: 'success' | 'failure'): void {
    if (this.#outlier === undefined) return;
    if (verdict === 'success') {
      this.#outlier.success(state);
      return;
    }
    if (this.#byOrigin.get(state.target.origin) !== state) return; // left the list meanwhile
    if (!this.#outlier.failure(state, this.#states)) return;
    this.#refresh();
    this.#tell('ejected', state, this.#outlier.ejectedForMs(state));
  }

  status(): TargetStatus[] {
    return this.#states.map((state) => ({
      ...state.target,
      pending: state.pending,
      health: state.health,
      ejectedForMs: this.#outlier?.ejectedForMs(state) ?? 0,
    }));
  }

  /** Stops the discovery and the checks. The last list can still be picked from. */
  close(): void {
    this.#isClosed = true;
    this.#stopDiscovery();
    for (const prober of this.#probers.values()) prober.stop();
    this.#probers.clear();
  }

  #update(targets: readonly Target[]): void {
    if (this.#isClosed) return;
    const before = this.#byOrigin;
    const after = new Map<string, TargetState>();
    for (const target of targets) {
      const state = before.get(target.origin) ?? new TargetState(target);
      state.target = target;
      after.set(target.origin, state);
    }
    this.#byOrigin = after;
    this.#states = [...after.values()];
    this.#outlier?.keepShare(this.#states);
    this.#refresh();
    for (const [origin, state] of before) {
      if (after.has(origin)) continue;
      this.#probers.get(state)?.stop();
      this.#probers.delete(state);
      this.#tell('removed', state);
    }
    for (const [origin, state] of after) {
      if (before.has(origin)) continue;
      this.#startProber(state);
      this.#tell('added', state);
    }
  }

  #startProber(state: TargetState): void {
    const { health } = this.#settings;
    if (health === undefined) return;
    const { clock, random, transport } = this.#parts;
    const onChange = (): void => {
      this.#refresh();
      this.#tell(state.health === 'unhealthy' ? 'unhealthy' : 'healthy', state);
    };
    const prober = new Prober(state, health, { clock, random, transport, onChange });
    this.#probers.set(state, prober);
    prober.start();
  }

  /** Finds again who may get calls, and until when that holds. */
  #refresh(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    let freshUntilMs = never;
    for (const { ejectedUntilMs } of this.#states) {
      if (ejectedUntilMs > nowMs && ejectedUntilMs < freshUntilMs) freshUntilMs = ejectedUntilMs;
    }
    this.#freshUntilMs = freshUntilMs;
    const available = this.#states.filter(
      ({ health, ejectedUntilMs }) => health !== 'unhealthy' && ejectedUntilMs <= nowMs,
    );
    this.#candidates = available.length > 0 ? available : this.#states;
    this.#candidatesOf.clear();
  }

  /** The candidates of a version; every version's when none of it is good and others are. */
  #ofVersion(version: string): readonly TargetState[] {
    const known = this.#candidatesOf.get(version);
    if (known !== undefined) return known;
    const some = this.#candidates.filter(({ target }) => target.version === version);
    if (some.length === 0) return this.#candidates;
    this.#candidatesOf.set(version, some);
    return some;
  }

  #tell(kind: TargetChange['kind'], { target }: TargetState, forMs?: number): void {
    const { origin, version } = target;
    this.#parts.onChange({
      kind,
      origin,
      ...(version === undefined ? {} : { version }),
      ...(forMs === undefined ? {} : { forMs }),
    });
  }
}
