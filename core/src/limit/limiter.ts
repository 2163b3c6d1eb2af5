/**
 * The limiter of one BFF: chooses the limits of a caller, asks the store once, and turns a refusal into
 * a 429. A refused request has taken nothing from any limit.
 *
 * @module
 */
import type { Caller } from '../context/caller.ts';
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { LimitDecision, LimitStanding } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { rateLimits } from './check-limits.ts';
import { runningCounts } from './concurrency.ts';
import { limitHeaders, type RateLimitHeaders, type WriteHeaders } from './headers.ts';
import type { ConcurrencyLimit, LeakyBucketLimit, Limit, RateLimit } from './limit.ts';
import { waitingLines } from './queue.ts';
import { announceQuotas, type Usage, usageOf } from './quota-facts.ts';
import type { Admission, Claim, Decision, LimitStore } from './store.ts';
import { subjectOf } from './subject.ts';

export interface LimiterOptions {
  /** Callers of one BFF never share a counter with those of another. */
  readonly bff: string;
  readonly limits: readonly Limit[];
  /** Instead of `limits` for callers who have one of these plans. */
  readonly plans: Readonly<Record<string, readonly Limit[]>>;
  readonly store: LimitStore;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly headers: RateLimitHeaders;
}

/** The answer of all limits to one request. */
export interface Verdict {
  /** What the caller is told, whatever the verdict. */
  readonly headers: Record<string, string>;
  /** Absent when only the bound on concurrency was asked. */
  readonly decision?: LimitDecision;
  /** How the limits stand that were asked. */
  readonly standing: readonly LimitStanding[];
  /** The 429 to answer with; absent when the request may pass. */
  readonly refusal?: GatewayError;
  /** Counts the request out; call it when the request ends. */
  leave(): void;
}

export interface Limiter {
  /**
   * Answers at once when the store does.
   *
   * @param isRepeat A repetition of a request that was counted: it takes nothing from a monthly quota, not even one
   * that is used up. Default false.
   */
  admit(
    context: RequestContext,
    caller: Caller,
    cost: number,
    isRepeat?: boolean,
  ): Verdict | Promise<Verdict>;
  /** What a caller has used, without using anything. */
  usage(caller: Caller): Promise<readonly Usage[]>;
}

/** The limits of one plan, sorted out at boot. */
interface Rule {
  readonly concurrency: readonly ConcurrencyLimit[];
  readonly rates: readonly RateLimit[];
  /** The leaky bucket that has a queue. */
  readonly pace: LeakyBucketLimit | undefined;
  readonly hasQuota: boolean;
  readonly writeHeaders: WriteHeaders;
}

/** What is asked of the limits. */
interface Asking {
  readonly caller: Caller;
  readonly cost: number;
  readonly isRepeat: boolean;
  /** Counts the request out of the bound on concurrency. */
  readonly leave: () => void;
}

/** Makes the limiter of a BFF; the limits were checked before. */
export function createLimiter(options: LimiterOptions): Limiter {
  const { bff, store, clock, events } = options;
  const base = ruleOf(options.limits, options.headers);
  const plans = new Map(
    Object.entries(options.plans).map(([plan, limits]) => [plan, ruleOf(limits, options.headers)]),
  );
  const running = runningCounts();
  const lines = waitingLines();
  const ruleFor = ({ plan }: Caller): Rule => (plan === undefined ? base : (plans.get(plan) ?? base));
  const claimsOf = ({ rates }: Rule, caller: Caller, cost: number, isRepeat = false): Claim[] =>
    rates.map((limit) => ({
      limit,
      subject: `${bff}/${subjectOf(limit.by, caller)}`,
      cost: isRepeat && limit.kind === 'monthly-quota' ? 0 : cost,
    }));

  const ask = (context: RequestContext, claims: readonly Claim[]): Decision | Promise<Decision> => {
    const taken = store.take(claims);
    return taken instanceof Promise ? context.cancellation.race(taken) : taken;
  };

  /** Who is only too early for the pace waits in line and asks again. */
  const askInLine = async (
    context: RequestContext,
    pace: LeakyBucketLimit,
    claims: readonly Claim[],
  ): Promise<Decision> => {
    const key = `${pace.name} ${claims.find(({ limit }) => limit === pace)?.subject}`;
    const first = lines.isWaiting(key) ? undefined : await ask(context, claims);
    const paceOf = ({ admissions }: Decision): Admission | undefined => {
      const [refused, ...others] = refusing(admissions);
      return refused?.limit === pace.name && others.length === 0 ? refused : undefined;
    };
    if (first !== undefined && paceOf(first) === undefined) return first;
    const waited = await lines.wait(context, {
      key,
      queue: pace.queue,
      intervalMs: 1_000 / pace.ratePerSecond,
      first,
      ask: () => store.take(claims),
      paceOf,
    });
    return waited ?? lineIsFull(await ask(context, free(claims)), pace);
  };

  const verdictOf = (rule: Rule, asking: Asking, decided: Decision): Verdict => {
    const { caller, cost, isRepeat, leave } = asking;
    const { admissions, allowed } = decided;
    const headers = rule.writeHeaders(admissions, clock.wallMs());
    const decision = recordOf(caller, cost, decided, isRepeat);
    emitLimitFacts(events, rule, decided);
    if (!allowed) {
      leave();
      const refusal = refused(decided, decision.refusedBy);
      return { headers, decision, standing: admissions, refusal, leave };
    }
    if (rule.hasQuota && !isRepeat)
      announceQuotas(events, { caller, cost, limits: rule.rates, decision: decided });
    return { headers, decision, standing: admissions, leave };
  };

  return {
    admit(context, caller, cost, isRepeat = false) {
      const rule = ruleFor(caller);
      const leave = running.enter(rule.concurrency, caller);
      if (typeof leave !== 'function') return tooManyAtOnce(leave, events);
      const asking = { caller, cost, isRepeat, leave };
      try {
        const claims = claimsOf(rule, caller, cost, isRepeat);
        const { pace } = rule;
        const asked =
          pace === undefined || cost === 0 ? ask(context, claims) : askInLine(context, pace, claims);
        if (!(asked instanceof Promise)) return verdictOf(rule, asking, asked);
        return asked
          .then((decided) => verdictOf(rule, asking, decided))
          .catch((error: unknown) => {
            leave();
            throw error;
          });
      } catch (error) {
        leave();
        throw error;
      }
    },
    async usage(caller) {
      const rule = ruleFor(caller);
      return usageOf(rule.rates, await store.take(claimsOf(rule, caller, 0)));
    },
  };
}

function ruleOf(limits: readonly Limit[], headers: RateLimitHeaders): Rule {
  const rates = rateLimits(limits);
  return {
    rates,
    concurrency: limits.filter((limit) => limit.kind === 'concurrency'),
    pace: rates.filter((limit) => limit.kind === 'leaky-bucket').find(({ queue }) => queue > 0),
    hasQuota: rates.some(({ kind }) => kind === 'monthly-quota'),
    writeHeaders: limitHeaders(headers, rates),
  };
}

function free(claims: readonly Claim[]): Claim[] {
  return claims.map((claim) => ({ ...claim, cost: 0 }));
}

/** A look at the limits as the refusal of somebody who found no place in the line. */
function lineIsFull(look: Decision, pace: LeakyBucketLimit): Decision {
  if (look.standIn === 'open') return look;
  const retryAfterMs = Math.ceil((pace.queue * 1_000) / pace.ratePerSecond);
  const admissions = look.admissions.map((admission) =>
    admission.limit === pace.name ? { ...admission, allowed: false, retryAfterMs } : admission,
  );
  return { ...look, allowed: false, admissions };
}

function recordOf(caller: Caller, cost: number, decision: Decision, isRepeat: boolean): LimitDecision {
  const { atMs, order, admissions, standIn } = decision;
  const refusedBy = decision.allowed ? [] : refusing(admissions).map(({ limit }) => limit);
  return {
    caller,
    cost,
    atMs,
    order,
    refusedBy,
    ...(isRepeat ? { isRepeat } : {}),
    ...(standIn === undefined ? {} : { standIn }),
  };
}

function refusing<T extends { readonly allowed: boolean }>(admissions: readonly T[]): T[] {
  return admissions.filter(({ allowed }) => !allowed);
}

function refused({ admissions }: Decision, refusedBy: readonly string[]): GatewayError {
  const names = refusedBy.map((name) => `'${name}'`).join(' and ');
  return new GatewayError('rate-limited', {
    detail: refusedBy.length === 1 ? `The limit ${names} is used up.` : `The limits ${names} are used up.`,
    retryAfterMs: Math.max(...admissions.map(({ retryAfterMs }) => retryAfterMs)),
    violatedPolicies: refusedBy,
  });
}

function tooManyAtOnce({ name, max }: ConcurrencyLimit, events: EventBus): Verdict {
  events.emit('limit', { limit: name, allowed: false });
  const detail = `The limit '${name}' is used up: ${max} requests at once.`;
  const refusal = new GatewayError('rate-limited', { detail, retryAfterMs: 1_000, violatedPolicies: [name] });
  return { headers: {}, standing: [], refusal, leave() {} };
}

function emitLimitFacts(events: EventBus, rule: Rule, { allowed, admissions, standIn }: Decision): void {
  const emit = (limit: string): void =>
    events.emit('limit', standIn === undefined ? { limit, allowed } : { limit, allowed, standIn });
  if (allowed) for (const { name } of rule.rates) emit(name);
  else for (const { limit } of refusing(admissions)) emit(limit);
}
