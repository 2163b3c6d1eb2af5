/**
 * What a caller is told about its limits, on every limited answer: the three `X-RateLimit-*` headers of
 * the tightest limit, and the two of the IETF draft with all of them.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ IETF draft, RateLimit header fields}
 * @module
 */
import { allowance, type RateLimit } from './limit.ts';
import type { Admission } from './store.ts';

/** Which headers are sent: those of the IETF draft, the `X-RateLimit-*` of old, both or none. */
export type RateLimitHeaders = 'both' | 'draft' | 'legacy' | 'none';

/**
 * @param limits One per admission, in their order.
 * @param wallMs Now, in epoch milliseconds; `X-RateLimit-Reset` is the epoch second at which everything
 * is back.
 */
export type WriteHeaders = (
  admissions: readonly Admission[],
  limits: readonly RateLimit[],
  wallMs: number,
) => Record<string, string>;

/** Makes the writer of the chosen dialect. */
export function limitHeaders(dialect: RateLimitHeaders): WriteHeaders {
  return function writeLimitHeaders(admissions, limits, wallMs) {
    const headers: Record<string, string> = {};
    if (admissions.length === 0 || dialect === 'none') return headers;
    if (dialect !== 'draft') {
      const [admission, limit] = tightest(admissions, limits);
      headers['x-ratelimit-limit'] = String(allowance(limit).q);
      headers['x-ratelimit-remaining'] = String(admission.remaining);
      headers['x-ratelimit-reset'] = String(Math.ceil((wallMs + admission.resetAfterMs) / 1_000));
    }
    if (dialect !== 'legacy') {
      headers['ratelimit-policy'] = limits.map(policyItem).join(', ');
      headers.ratelimit = admissions
        .map((admission, index) => stateItem(admission, limits[index] as RateLimit))
        .join(', ');
    }
    return headers;
  };
}

/** A refusal before any other; then the smallest share left. */
function tightest(admissions: readonly Admission[], limits: readonly RateLimit[]): [Admission, RateLimit] {
  let best = 0;
  let bestShare = Number.POSITIVE_INFINITY;
  for (const [index, { allowed, remaining, retryAfterMs }] of admissions.entries()) {
    const share = allowed ? remaining / allowance(limits[index] as RateLimit).q : -1 - retryAfterMs;
    if (share >= bestShare) continue;
    best = index;
    bestShare = share;
  }
  return [admissions[best] as Admission, limits[best] as RateLimit];
}

function policyItem(limit: RateLimit): string {
  const { q, windowSeconds } = allowance(limit);
  return `"${limit.name}";q=${q};w=${windowSeconds}`;
}

function stateItem(admission: Admission, limit: RateLimit): string {
  return `"${limit.name}";r=${admission.remaining};t=${Math.ceil(moreAfterMs(admission, limit) / 1_000)}`;
}

/**
 * Milliseconds until the caller may have more: the wait of a refusal, so that `t` is never later than
 * `Retry-After`; after the last token the time to the next one; else the time until everything is back.
 */
export function moreAfterMs(
  { allowed, remaining, retryAfterMs, resetAfterMs }: Admission,
  limit: RateLimit,
): number {
  if (!allowed) return retryAfterMs;
  if (remaining > 0 || limit.kind !== 'token-bucket') return resetAfterMs;
  return Math.max(0, resetAfterMs - ((limit.capacity - 1) / limit.refillPerSecond) * 1_000);
}
