/**
 * What happens to limits when Redis is slow, gone or wrong: something stands in until it answers again.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { LimitStoreFact, StandIn } from '../context/events.ts';
import { maxCost, type RateLimit } from '../limit/limit.ts';
import { memoryStore } from '../limit/memory-store.ts';
import type { Claim, Decision, LimitStore } from '../limit/store.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { FailFast, restMs } from './fail-fast.ts';

export interface GuardOptions {
  readonly standIn: StandIn;
  /** Instances that share the limits: each stands in with this part of them. */
  readonly instances: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The lanes that a list of claims needs. */
  lanesOf(claims: readonly Claim[]): readonly number[];
}

/** While it stays down, a fact is emitted this often. */
const reminderMs = 60_000;

/** Puts the guard in front of `ask`. */
export function guarded(
  ask: (claims: readonly Claim[]) => Decision | Promise<Decision>,
  options: GuardOptions,
): LimitStore {
  const { clock, standIn } = options;
  const listeners: ((fact: LimitStoreFact) => void)[] = [];
  const local = memoryStore({ clock });
  let decisions = 0;
  let toldMs = 0;
  const tell = (state: LimitStoreFact['state'], cause?: unknown): void => {
    const fact = { state, standIn, decisions, ...(cause === undefined ? {} : { cause }) };
    decisions = 0;
    toldMs = clock.monotonicMs();
    for (const listener of listeners) listener(fact);
  };
  const redis = new FailFast({
    clock,
    timeoutMs: options.timeoutMs,
    onDown: (cause) => tell('down', cause),
    onUp: () => tell('up'),
  });
  const instead = (claims: readonly Claim[]): Decision => {
    if (clock.monotonicMs() - toldMs >= reminderMs) tell('still-down');
    decisions += 1;
    if (standIn === 'closed') {
      const detail = 'The limits cannot be checked now.';
      throw new GatewayError('dependency-unavailable', { detail, retryAfterMs: restMs });
    }
    const shares = claims.map((claim) => shareOf(claim, options.instances));
    const decision = local.take(standIn === 'open' ? [] : shares) as Decision;
    return { ...decision, standIn };
  };
  return {
    async take(claims) {
      try {
        return await redis.ask(options.lanesOf(claims), () => ask(claims));
      } catch {
        return instead(claims);
      }
    },
    watch: (listener) => void listeners.push(listener),
  };
}

/** The claim on one instance's part of the limit. */
function shareOf(claim: Claim, instances: number): Claim {
  const limit = partOf(claim.limit, instances);
  return { ...claim, limit, cost: Math.min(claim.cost, maxCost(limit)) };
}

function partOf(limit: RateLimit, instances: number): RateLimit {
  const part = (max: number): number => Math.max(1, Math.floor(max / instances));
  switch (limit.kind) {
    case 'token-bucket': {
      const refillPerSecond = limit.refillPerSecond / instances;
      return { ...limit, capacity: part(limit.capacity), refillPerSecond };
    }
    case 'leaky-bucket':
      return { ...limit, ratePerSecond: limit.ratePerSecond / instances };
    case 'fixed-window':
    case 'sliding-log':
    case 'sliding-counter':
    case 'monthly-quota':
      return { ...limit, max: part(limit.max) };
  }
}
