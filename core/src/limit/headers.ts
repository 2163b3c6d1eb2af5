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
    ratelimit: `"${limit.name}";r=${admission.remaining};t=${Math.ceil(admission.resetAfterMs / 1_000)}`,
  };
}
