/**
 * The circuit breaker of an upstream. cockatiel keeps the state machine; around it stand the rules it
 * does not have: both opening rules together, the injected clock, callers that never wait for a
 * probe, and outcomes that say nothing about the upstream.
 *
 * @see {@link https://learn.microsoft.com/azure/architecture/patterns/circuit-breaker Circuit Breaker pattern}
 * @module
 */
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker,
  handleWhen,
  type IBackoff,
  type IBreaker,
} from 'cockatiel';
import type { Clock } from '../context/clock.ts';
import type { BreakerState } from '../context/events.ts';
import { GatewayError } from '../problem/gateway-error.ts';

export interface BreakerOptions {
  /** Opens after this many failures in a row. Default 5. */
  readonly failureThreshold?: number;
  /** Opens when more than this share of the last `windowSize` calls failed, in `(0, 1)`. Default 0.5. */
  readonly failureRateThreshold?: number;
  /** How many calls the share is taken of. Default 10. */
  readonly windowSize?: number;
  /** Milliseconds an open breaker refuses every call. Default 30 000. */
  readonly openMs?: number;
  /** Calls let through at once while half-open. Default 3. */
  readonly halfOpenProbes?: number;
  /** Successful probes that close it. Default 3. */
  readonly successThreshold?: number;
}

export type ResolvedBreakerOptions = Required<BreakerOptions>;

export const defaultBreaker: ResolvedBreakerOptions = {
  failureThreshold: 5,
  failureRateThreshold: 0.5,
  windowSize: 10,
  openMs: 30_000,
  halfOpenProbes: 3,
  successThreshold: 3,
};

/** What a call says about the upstream: its failure, its health, or nothing. */
export type Verdict = 'failure' | 'success' | 'neutral';

/** Reports the end of an admitted call. Call it exactly once. */
export type Report = (verdict: Verdict) => void;

export interface Breaker {
  readonly state: BreakerState;
  /** Holds it open by hand, until the returned function is called. */
  isolate(): () => void;
  /**
   * Lets a call through, or refuses it at once.
   *
   * @throws {GatewayError} `circuit-open` with `retryAfterMs`.
   */
  admit(): Report;
}

/** Counted: the network, timeouts, 5xx. Not counted: 4xx, unusable answers, our own cancellation, a client that left. */
export function verdictOf(error: GatewayError): Verdict {
  if (countedCodes.has(error.code)) return 'failure';
  return respondedCodes.has(error.code) ? 'success' : 'neutral';
}

const countedCodes = new Set([
  'upstream-error',
  'upstream-timeout',
  'upstream-unreachable',
  'upstream-broken-answer',
]);
/** The upstream is there and answers; what it says may still be of no use to us. */
const respondedCodes = new Set([
  'upstream-bad-answer',
  'upstream-rejected',
  'upstream-busy',
  'validation-failed',
  'not-found',
  'conflict',
  'unprocessable',
]);

/** One admitted call as cockatiel sees it: a promise settled by the report. */
interface Slot {
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
}

/** The report of a call that comes in between the last good probe and the closing: it is not counted. */
const ignore: Report = () => {};

const counted = new Error('counted failure');

/** @throws {RangeError} naming the option, when a setting is out of its range. */
export function breaker(
  options: ResolvedBreakerOptions,
  clock: Clock,
  onChange: (from: BreakerState, to: BreakerState) => void,
): Breaker {
  const rules = eitherRule(options);
  let openedMs = 0;
  const isDue = (): boolean => clock.monotonicMs() - openedMs >= options.openMs;
  const policy = circuitBreaker(
    handleWhen((error) => error === counted),
    {
      breaker: rules,
      halfOpenAfter: { next: () => untilDue(isDue) },
      halfOpenSampling: { calls: options.successThreshold, threshold: 0 },
    },
  );
  let last: BreakerState = 'closed';
  const idleProbes: Slot[] = [];
  let probesOut = 0;
  let probesDone = 0;
  let probeFailed = false;
  let era = 0;
  policy.onStateChange((state) => {
    const from = last;
    last = stateNames[state];
    if (last === 'open') openedMs = clock.monotonicMs();
    era += 1;
    reportCounted = reportOf(era);
    idleProbes.length = 0;
    probesOut = 0;
    probesDone = 0;
    probeFailed = false;
    onChange(from, last);
  });

  const refuse = (): never => {
    const waitMs = last === 'open' ? options.openMs - (clock.monotonicMs() - openedMs) : options.openMs;
    throw new GatewayError('circuit-open', { retryAfterMs: Math.max(1_000, waitMs) });
  };
  const admitProbe = (): Report => {
    const slot = idleProbes.pop() ?? enter(policy);
    const ofEra = era;
    probesOut += 1;
    return function reportProbe(verdict) {
      if (era !== ofEra) return; // decided without this probe
      probesOut -= 1;
      if (verdict === 'neutral') {
        idleProbes.push(slot); // the place goes to the next caller
      } else if (verdict === 'success') {
        probesDone += 1;
        slot.succeed();
      } else {
        probeFailed = true; // cockatiel counts in microtasks; until then nobody else may try
        slot.fail(counted);
      }
    };
  };
  /** Of calls that began while it was closed, one for all of an era: what they say of the time after a change is nothing. */
  const reportOf = (ofEra: number): Report =>
    function reportCall(verdict) {
      if (verdict === 'neutral' || era !== ofEra) return;
      if (verdict === 'success') rules.success(CircuitState.Closed);
      else enter(policy).fail(counted);
    };
  let reportCounted = reportOf(era);

  return {
    get state() {
      return last;
    },
    isolate() {
      const handle = policy.isolate();
      return () => handle.dispose();
    },
    admit() {
      if (last === 'closed') return reportCounted;
      if (last === 'isolated' || (last === 'open' && !isDue())) return refuse();
      if (last === 'half-open' && probesDone === options.successThreshold) return ignore; // about to close
      const free = options.halfOpenProbes - probesOut;
      const needed = options.successThreshold - probesDone - probesOut;
      const isFull = probeFailed || free <= 0 || needed <= 0;
      return last === 'half-open' && isFull ? refuse() : admitProbe();
    },
  };
}

function enter(policy: ReturnType<typeof circuitBreaker>): Slot {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  policy
    .execute(() => promise)
    .catch((error: unknown) => {
      if (error !== counted && !(error instanceof BrokenCircuitError)) throw error;
    });
  return { succeed: resolve, fail: reject };
}

/** Opens when either rule says so; asks both every time, so that both keep counting. */
function eitherRule(options: ResolvedBreakerOptions): IBreaker {
  const inARow = new ConsecutiveBreaker(options.failureThreshold);
  const share = new CountBreaker({ threshold: options.failureRateThreshold, size: options.windowSize });
  return {
    state: undefined,
    success(state) {
      inARow.success();
      share.success(state);
    },
    failure(state) {
      const tooManyInARow = inARow.failure();
      const tooManyOfWindow = share.failure(state);
      return tooManyInARow || tooManyOfWindow;
    },
  };
}

/** A backoff that ends when `isDue` says so: cockatiel compares its duration with the system's clock. */
function untilDue(isDue: () => boolean): IBackoff<unknown> {
  return {
    get duration() {
      return isDue() ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    },
    next: () => untilDue(isDue),
  };
}

const stateNames: Record<CircuitState, BreakerState> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'isolated',
};
