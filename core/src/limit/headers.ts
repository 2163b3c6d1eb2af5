/**
 * What a caller is told about its limit, on every limited answer: the three `X-RateLimit-*` headers
 * and the two of the IETF draft.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ IETF draft, RateLimit header fields}
 * @module
 */
import type { Admission, TokenBucketLimit } from './limiter.ts';

/**
 * @param wallMs Now, in epoch milliseconds; `X-RateLimit-Reset` is the epoch second at which the
 * bucket is full again.
 */
export function limitHeaders(
  admission: Admission,
  limit: TokenBucketLimit,
  wallMs: number,
): Record<string, string> {
  const windowSeconds = Math.ceil(limit.capacity / limit.refillPerSecond);
  return {
    'x-ratelimit-limit': String(admission.capacity),
    'x-ratelimit-remaining': String(admission.remaining),
    'x-ratelimit-reset': String(Math.ceil((wallMs + admission.resetAfterMs) / 1_000)),
    'ratelimit-policy': `"${limit.name}";q=${limit.capacity};w=${windowSeconds}`,
    ratelimit: `"${limit.name}";r=${admission.remaining};t=${Math.ceil(moreAfterMs(admission, limit) / 1_000)}`,
  };
}

/**
 * Milliseconds until the caller may have more: the wait of a refusal, so that `t` is never later than
 * `Retry-After`; after the last token the time to the next one; else the time to a full bucket.
 */
function moreAfterMs(
  { allowed, remaining, retryAfterMs, resetAfterMs }: Admission,
  { capacity, refillPerSecond }: TokenBucketLimit,
): number {
  if (!allowed) return retryAfterMs;
  if (remaining > 0) return resetAfterMs;
  return Math.max(0, resetAfterMs - ((capacity - 1) / refillPerSecond) * 1_000);
}
