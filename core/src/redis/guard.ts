/**
 * What happens when Redis is slow, gone or wrong: no request waits longer than the timeout, after a
 * failure nobody asks for a second, and something stands in until it answers again.
 *
 * Keys are watched in lanes, because a part of a cluster can be away while the rest answers.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { LimitStoreFact, StandIn } from '../context/events.ts';
import { maxCost, type RateLimit } from '../limit/limit.ts';
import { memoryStore } from '../limit/memory-store.ts';
import type { Claim, Decision, LimitStore } from '../limit/store.ts';
import { GatewayError } from '../problem/gateway-error.ts';

export interface GuardOptions {
  readonly standIn: StandIn;
  /** Instances that share the limits: each stands in with this part of them. */
  readonly instances: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The lanes that a list of claims needs. */
  lanesOf(claims: readonly Claim[]): readonly number[];
}

/** After a failure a lane rests this long, then one request tries it. */
const restMs = 1_000;
/** While it stays down, a fact is emitted this often. */
const reminderMs = 60_000;

interface Lane {
  retryAtMs: number;
  isTrying: boolean;
}

/** Puts the guard in front of `ask`. */
export function guarded(
  ask: (claims: readonly Claim[]) => Decision | Promise<Decision>,
  options: GuardOptions,
): LimitStore {
  const { clock, standIn } = options;
  const down = new Map<number, Lane>();
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
  const failed = (lanes: readonly number[], cause: unknown): void => {
    if (down.size === 0) tell('down', cause);
    const retryAtMs = clock.monotonicMs() + restMs;
    for (const lane of lanes) down.set(lane, { retryAtMs, isTrying: false });
  };
  const answered = (lanes: readonly number[]): void => {
    if (down.size === 0) return;
    for (const lane of lanes) down.delete(lane);
    if (down.size === 0) tell('up');
  };
  const isResting = (lane: Lane): boolean => lane.isTrying || clock.monotonicMs() < lane.retryAtMs;
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
      const lanes = options.lanesOf(claims);
      const tried = lanes.flatMap((lane) => down.get(lane) ?? []);
      if (tried.some(isResting)) return instead(claims);
      for (const lane of tried) lane.isTrying = true;
      try {
        const decision = await withTimeout(ask(claims), options);
        answered(lanes);
        return decision;
      } catch (cause) {
        failed(lanes, cause);
        return instead(claims);
      }
    },
    watch: (listener) => void listeners.push(listener),
  };
}

/** Settles like `answer`, or rejects when that takes too long. */
function withTimeout(
  answer: Decision | Promise<Decision>,
  { clock, timeoutMs }: GuardOptions,
): Decision | Promise<Decision> {
  if (!(answer instanceof Promise)) return answer;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`no answer within ${timeoutMs} ms`));
    let cancel = clock.after(timeoutMs, () => {
      cancel = clock.after(0, giveUp); // in a late event loop the answer may be there, unread
    });
    answer.then(
      (decision) => {
        cancel();
        resolve(decision);
      },
      (cause) => {
        cancel();
        reject(cause);
      },
    );
  });
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
