/**
 * A rest for the identity provider: after a few failures in a row nothing is asked of it for a moment, so
 * that requests are refused at once instead of queueing behind timeouts.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';

const maxFailures = 3;
const restMs = 2_000;

/** When to ask the provider again, in milliseconds, after it could not be asked. */
const retryAfterMs = 2_000;

export class Circuit {
  readonly #clock: Clock;
  #failures = 0;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {GatewayError} `dependency-unavailable` while the provider rests. */
  requireClosed(): void {
    if (this.#clock.monotonicMs() >= this.#restsUntilMs) return;
    throw unavailable(new Error(`the identity provider rests after ${maxFailures} failures in a row`));
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** After the rest, one more failure is enough for the next one. */
  failed(): void {
    this.#failures += 1;
    if (this.#failures >= maxFailures) this.#restsUntilMs = this.#clock.monotonicMs() + restMs;
  }
}

/** The answer to a request that needs the provider while it cannot be asked. */
export function unavailable(cause: Error): GatewayError {
  return new GatewayError('dependency-unavailable', {
    detail: 'The identity provider is not available.',
    retryAfterMs,
    cause,
  });
}
