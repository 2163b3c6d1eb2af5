/**
 * How long the answer of one request may be kept by others: as long as the part that may be kept shortest,
 * and not at all once the caller was looked at. Noted only for endpoints whose answers might be kept.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2 RFC 9111, section 5.2.2}
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';

interface Noted {
  freshForMs: number;
}

const noted = new WeakMap<RequestContext, Noted>();

/** Begins to note for a request whose answer might be kept. */
export function beginFreshness(context: RequestContext): void {
  noted.set(context, { freshForMs: Number.POSITIVE_INFINITY });
}

/** Notes a part: how long it stays fresh, `undefined` when it must not be kept. */
export function noteFreshness(context: RequestContext, freshForMs: number | undefined): void {
  const found = noted.get(context);
  if (found !== undefined) found.freshForMs = Math.min(found.freshForMs, freshForMs ?? 0);
}

/** How long all parts stay fresh, at least 0; `undefined` when nobody began to note. */
export function freshnessNoted(context: RequestContext): number | undefined {
  const found = noted.get(context);
  return found === undefined ? undefined : Math.max(0, found.freshForMs);
}

/**
 * The `Cache-Control` of a good answer: the strictest of all its parts. `public` only when every part is the
 * same for everybody and fresh for a second at least, and nothing failed; else `private, no-store`.
 */
export function cacheControlOf(context: RequestContext): string {
  if (context.degraded.size > 0) return 'no-store';
  const freshForMs = context.cookies.length > 0 ? 0 : (freshnessNoted(context) ?? 0);
  const seconds = Number.isFinite(freshForMs) ? Math.floor(freshForMs / 1_000) : 0;
  return seconds === 0 ? 'private, no-store' : `public, max-age=${seconds}`;
}
