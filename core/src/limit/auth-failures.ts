/**
 * The limit of refused identities. A credential that does not hold costs the address it came from, a
 * missing one too (apart from that), a missing scope the principal: never the quota of whoever was
 * named. While an address has used its failures up, its credentials are not even looked at.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { limitHeaders, moreAfterMs, type RateLimitHeaders } from './headers.ts';
import type { RateLimit } from './limit.ts';
import type { LimitStore } from './store.ts';

export interface AuthFailuresOptions {
  readonly bff: string;
  readonly limit: RateLimit;
  readonly store: LimitStore;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly headers: RateLimitHeaders;
}

export interface AuthFailures {
  /** @throws {GatewayError} `rate-limited` while the address has no failure left. Asks no store. */
  requireTrust(address: string): void;
  /** Charges a failure to `subject`; the error to answer with: `failure`, or 429 when none was left. */
  charge(context: RequestContext, subject: string, failure: GatewayError): Promise<GatewayError>;
}

/** Addresses remembered at most; the one blocked first is forgotten, and verified again once. */
const maxBlocked = 10_000;

/** The subject of failures of an address, as {@link AuthFailures.requireTrust} knows it. */
export function addressOfFailure(address: string): string {
  return `credential:${address}`;
}

export function authFailures(options: AuthFailuresOptions): AuthFailures {
  const { bff, limit, store, clock, events } = options;
  const blockedUntilMs = new Map<string, number>();
  const writeHeaders = limitHeaders(options.headers, [limit]);
  const refusal = (retryAfterMs: number, headers: Record<string, string> = {}): GatewayError => {
    events.emit('limit', { limit: limit.name, allowed: false });
    const detail = `The limit '${limit.name}' is used up.`;
    return new GatewayError('rate-limited', {
      detail,
      retryAfterMs,
      headers,
      violatedPolicies: [limit.name],
    });
  };
  const block = (subject: string, untilMs: number): void => {
    const [oldest] = blockedUntilMs.keys();
    if (blockedUntilMs.size >= maxBlocked && oldest !== undefined) blockedUntilMs.delete(oldest);
    blockedUntilMs.set(subject, untilMs);
  };
  return {
    requireTrust(address) {
      if (blockedUntilMs.size === 0) return;
      const subject = addressOfFailure(address);
      const restMs = (blockedUntilMs.get(subject) ?? 0) - clock.monotonicMs();
      if (restMs > 0) throw refusal(restMs);
      blockedUntilMs.delete(subject);
    },
    async charge(context, subject, failure) {
      const taken = store.take([{ limit, subject: `${bff}/failure/${subject}`, cost: 1 }]);
      const decision = taken instanceof Promise ? await context.cancellation.race(taken) : taken;
      const [admission] = decision.admissions;
      if (admission === undefined) return failure;
      if (admission.remaining < 1) block(subject, clock.monotonicMs() + moreAfterMs(admission, limit));
      if (decision.allowed) return failure;
      const headers = writeHeaders(decision.admissions, clock.wallMs());
      return refusal(admission.retryAfterMs, headers);
    },
  };
}
