/**
 * Whether a failed attempt is worth another one. Only what the upstream surely did not do, or may do
 * twice, is repeated; how often is the budget's decision, and whether there is time the deadline's.
 *
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ AWS, full jitter}
 * @module
 */
import type { GatewayError } from '../problem/gateway-error.ts';
import { retryAfterOf } from './status.ts';
import type { TransportAnswer } from './transport.ts';

export interface RetryOptions {
  /** Further attempts after the first. Default 1; 0 turns retries off. */
  readonly attempts?: number;
  /** Longest wait before the first retry, in milliseconds; the wait is random below it. Default 25. */
  readonly backoffMs?: number;
  /** Longest wait before any retry, in milliseconds. Default 250. */
  readonly maxBackoffMs?: number;
}

export type ResolvedRetryOptions = Required<RetryOptions>;

export const defaultRetry: ResolvedRetryOptions = { attempts: 1, backoffMs: 25, maxBackoffMs: 250 };

/** What to do after a failure: nothing, again at once and for free, or again after at least so long. */
export type RetryAdvice =
  | { readonly kind: 'never' }
  | { readonly kind: 'free' }
  | { readonly kind: 'again'; readonly afterMs: number };

const never: RetryAdvice = { kind: 'never' };
const free: RetryAdvice = { kind: 'free' };

/**
 * Judges one failure: a reset before an answer, 502, 503, 504 and 429 with `Retry-After` may be tried
 * again; a kept-alive connection that turned out dead before a byte came costs no budget.
 */
export function retryAdvice(error: GatewayError, answer: TransportAnswer | undefined): RetryAdvice {
  if (answer !== undefined) {
    if (answer.status === 429) {
      const afterMs = retryAfterOf(answer);
      return afterMs === undefined ? never : { kind: 'again', afterMs };
    }
    return answer.status >= 502 && answer.status <= 504
      ? { kind: 'again', afterMs: retryAfterOf(answer) ?? 0 }
      : never;
  }
  if (error.code !== 'upstream-unreachable') return never;
  return error.options.isStaleConnection === true ? free : { kind: 'again', afterMs: 0 };
}

/**
 * Full jitter: a random wait below a bound that doubles with every retry.
 *
 * @param random In `[0, 1)`.
 */
export function backoffMs(options: ResolvedRetryOptions, retry: number, random: number): number {
  return Math.min(options.maxBackoffMs, options.backoffMs * 2 ** retry) * random;
}
