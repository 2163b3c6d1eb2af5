/**
 * Credentials for services, kept for as long as they are good: one request for each at a time, shared by
 * everyone who waits for it, and finished even when all of them have left. Bounded in entries and in
 * requests under way; what failed is not asked again at once.
 *
 * @module
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../context/clock.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError, type GatewayErrorOptions } from '../problem/gateway-error.ts';
import type { IdentityHeaders } from '../upstream/identity.ts';

/** A credential that was just made, and how long it may be used. */
export interface Obtained {
  readonly headers: IdentityHeaders;
  /** Milliseconds from now after which a new one is made in the background. Default: never before its end. */
  readonly refreshAfterMs?: number;
  /** Milliseconds from now; at 0 it serves those who wait for it and nobody else. */
  readonly goodForMs: number;
}

export type Obtain = (clock: Clock) => Promise<Obtained>;

export interface TokenCacheOptions {
  /** For `problem` facts, such as `client credentials of reports`. */
  readonly part: string;
  /** Credentials kept at most. Default 10 000. */
  readonly max?: number;
  /** Milliseconds for which a failure is answered without asking again: 503s, and definite refusals. */
  readonly retryMs?: number;
  readonly refusedMs?: number;
}

interface Entry {
  readonly headers: IdentityHeaders;
  readonly bornMs: number;
  readonly refreshMs: number;
  readonly endMs: number;
}

interface Failure {
  readonly error: GatewayError;
  readonly untilMs: number;
}

const defaultMax = 10_000;
const maxUnderWay = 1_000;
/** A credential younger than this is not replaced: a service that refuses everything must not cost a new one per call. */
const minAgeMs = 5_000;

export class TokenCache {
  readonly #part: string;
  readonly #retryMs: number;
  readonly #refusedMs: number;
  readonly #entries: LRUCache<string, Entry>;
  readonly #failures: LRUCache<string, Failure>;
  readonly #underWay = new Map<string, Promise<IdentityHeaders>>();

  constructor({ part, max = defaultMax, retryMs = 1_000, refusedMs = 10_000 }: TokenCacheOptions) {
    this.#part = part;
    this.#retryMs = retryMs;
    this.#refusedMs = refusedMs;
    this.#entries = new LRUCache({ max });
    this.#failures = new LRUCache({ max });
  }

  /**
   * The credential of `key`: at once when there is a good one, else as soon as `obtain` has made it.
   *
   * @throws {GatewayError} what `obtain` failed with, also for a short while after.
   */
  get(key: string, context: RequestContext, obtain: Obtain): IdentityHeaders | Promise<IdentityHeaders> {
    const { clock } = context;
    const nowMs = clock.monotonicMs();
    const entry = this.#entries.get(key);
    if (entry === undefined || nowMs >= entry.endMs) {
      const waiting = this.#underWay.get(key) ?? this.#fetch(key, clock, obtain);
      waiting.catch(() => undefined); // everybody who waits may leave before it fails
      return waiting;
    }
    if (nowMs >= entry.refreshMs && !this.#underWay.has(key) && this.#failureOf(key, nowMs) === undefined) {
      this.#fetch(key, clock, obtain).catch((error: Error) => {
        context.events.emit('problem', { part: this.#part, error: causeOf(error) });
      });
    }
    return entry.headers;
  }

  /**
   * Forgets these headers, unless they are too young to be the reason.
   *
   * @returns Whether {@link get} has others, or makes them.
   */
  drop(key: string, headers: IdentityHeaders, nowMs: number): boolean {
    const entry = this.#entries.get(key);
    if (entry?.headers !== headers) return true;
    if (nowMs - entry.bornMs < minAgeMs) return false;
    return this.#entries.delete(key);
  }

  async #fetch(key: string, clock: Clock, obtain: Obtain): Promise<IdentityHeaders> {
    const failure = this.#failureOf(key, clock.monotonicMs());
    if (failure !== undefined) throw again(failure, clock.monotonicMs());
    if (this.#underWay.size >= maxUnderWay) {
      throw new GatewayError('dependency-unavailable', {
        retryAfterMs: this.#retryMs,
        cause: new Error(`${this.#part}: ${maxUnderWay} requests are under way`),
      });
    }
    const flight = this.#obtain(key, clock, obtain);
    this.#underWay.set(key, flight);
    try {
      return await flight;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #obtain(key: string, clock: Clock, obtain: Obtain): Promise<IdentityHeaders> {
    try {
      const { headers, goodForMs, refreshAfterMs = goodForMs } = await obtain(clock);
      const bornMs = clock.monotonicMs();
      this.#failures.delete(key);
      const [refreshMs, endMs] = [bornMs + refreshAfterMs, bornMs + goodForMs];
      this.#entries.set(key, { headers, bornMs, refreshMs, endMs });
      return headers;
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      const forMs = error.status === 503 ? this.#retryMs : this.#refusedMs;
      this.#failures.set(key, { error, untilMs: clock.monotonicMs() + forMs });
      throw error;
    }
  }

  #failureOf(key: string, nowMs: number): Failure | undefined {
    const failure = this.#failures.get(key);
    return failure !== undefined && nowMs < failure.untilMs ? failure : undefined;
  }
}

/** The same failure for another request, with what is left of the wait. */
function again({ error, untilMs }: Failure, nowMs: number): GatewayError {
  const { options } = error;
  const wait: GatewayErrorOptions = error.status === 503 ? { retryAfterMs: untilMs - nowMs } : {};
  return new GatewayError(error.code, { ...options, ...wait });
}

function causeOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}
