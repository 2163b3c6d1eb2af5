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
 * @param admissions One per limit, in their order; none when the store could not be asked.
 * @param wallMs Now, in epoch milliseconds; `X-RateLimit-Reset` is the epoch second at which everything
 * is back.
 */
export type WriteHeaders = (admissions: readonly Admission[], wallMs: number) => Record<string, string>;

/** Makes the writer of the chosen dialect for these limits. */
export function limitHeaders(dialect: RateLimitHeaders, limits: readonly RateLimit[]): WriteHeaders {
  if (limits.length === 0 || dialect === 'none') return () => ({});
  const quotas = limits.map((limit) => allowance(limit).q);
  const policy = limits.map(policyItem).join(', ');
  return function writeLimitHeaders(admissions, wallMs) {
    const headers: Record<string, string> = {};
    if (admissions.length === 0) return headers;
    if (dialect !== 'draft') {
      const at = tightest(admissions, quotas);
      const { remaining, resetAfterMs } = admissions[at] as Admission;
      headers['x-ratelimit-limit'] = String(quotas[at]);
      headers['x-ratelimit-remaining'] = String(remaining);
      headers['x-ratelimit-reset'] = String(Math.ceil((wallMs + resetAfterMs) / 1_000));
    }
    if (dialect !== 'legacy') {
      let state = '';
      for (let at = 0; at < admissions.length; at += 1)
        state += (at === 0 ? '' : ', ') + stateItem(admissions[at] as Admission, limits[at] as RateLimit);
      headers['ratelimit-policy'] = policy;
      headers.ratelimit = state;
    }
    return headers;
  };
}

/** Where the tightest is: a refusal before any other; then the smallest share left. */
function tightest(admissions: readonly Admission[], quotas: readonly number[]): number {
  let best = 0;
  let bestShare = Number.POSITIVE_INFINITY;
  for (let at = 0; at < admissions.length; at += 1) {
    const { allowed, remaining, retryAfterMs } = admissions[at] as Admission;
    const share = allowed ? remaining / (quotas[at] as number) : -1 - retryAfterMs;
    if (share >= bestShare) continue;
    best = at;
    bestShare = share;
  }
  return best;
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
