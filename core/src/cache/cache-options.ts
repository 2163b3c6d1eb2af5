/**
 * What a call or an endpoint says about keeping its answer, checked at boot. Nothing is kept unless it is
 * declared, and whose answer it is has to be said.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5861 RFC 5861}, `stale-while-revalidate` and `stale-if-error`
 * @module
 */
import { requireKnown, requireRange } from '../context/options.ts';

/** What a tag function of a call sees: the request it is about to make. */
export interface TaggedRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

export interface CacheOptions {
  /**
   * Whose answer it is. `public`: the same for everybody, so nothing about the caller can be read where it is
   * made. `principal`: kept apart for every caller, scopes and roles included.
   */
  readonly scope: 'public' | 'principal';
  /** Milliseconds an answer is fresh, from 0 to 7 days. What the service's `Cache-Control` allows wins when it is shorter. */
  readonly ttlMs: number;
  /** Milliseconds after `ttlMs` in which it still answers while one call renews it. Default 0. */
  readonly swrMs?: number;
  /** Milliseconds after `ttlMs` in which it stands in for a call that fails; the part is then degraded. Default 0. */
  readonly staleIfErrorMs?: number;
  /** Names under which it can be purged, 16 at most, or a function of the request that gives them. Default none. */
  readonly tags?: readonly string[] | ((request: TaggedRequest) => readonly string[]);
  /** Request headers the answer depends on, lowercase. Must name every header that the operation forwards. Default none. */
  readonly vary?: readonly string[];
}

export interface EndpointCacheOptions extends CacheOptions {
  /** Says that all callers whom `access` lets in get the same `public` answer. Needed unless access is `anyone()`. */
  readonly isSameForAll?: boolean;
}

/** The same with everything said. */
export interface CachePolicy {
  readonly scope: 'public' | 'principal';
  readonly ttlMs: number;
  readonly swrMs: number;
  readonly staleIfErrorMs: number;
  readonly tags: readonly string[] | ((request: TaggedRequest) => readonly string[]);
  readonly vary: readonly string[];
}

/** Upper bound of each period, in milliseconds. */
export const maxPeriodMs = 7 * 86_400_000;
const maxTags = 16;

const maxVary = 8;
export const tagForm = /^[A-Za-z0-9][\w.:@-]{0,127}$/;
const headerForm = /^[a-z0-9-]{1,64}$/;
/** Who somebody is has its own scope; it is no variant of an answer. */
const identityHeaders = new Set(['authorization', 'cookie', 'proxy-authorization', 'dpop']);

/**
 * Checks the option `cache`.
 *
 * @throws {RangeError} naming `where`, the option, the bound and the value.
 */
export function resolveCache(
  where: string,
  options: CacheOptions,
  more: readonly string[] = [],
): CachePolicy {
  const place = `${where}: cache`;
  if (typeof options !== 'object' || options === null) {
    throw new RangeError(`${place} must be an object with scope and ttlMs, got ${String(options)}`);
  }
  requireKnown(place, options, ['scope', 'ttlMs', 'swrMs', 'staleIfErrorMs', 'tags', 'vary', ...more]);
  const { scope, ttlMs, swrMs = 0, staleIfErrorMs = 0, tags = [], vary = [] } = options;
  if (scope !== 'public' && scope !== 'principal') {
    throw new RangeError(`${place}: scope must be 'public' or 'principal', got ${String(scope)}`);
  }
  requireRange(place, 'ttlMs', ttlMs, 0, maxPeriodMs);
  requireRange(place, 'swrMs', swrMs, 0, maxPeriodMs);
  requireRange(place, 'staleIfErrorMs', staleIfErrorMs, 0, maxPeriodMs);
  if (typeof tags !== 'function') requireTags(place, tags);
  if (vary.length > maxVary)
    throw new RangeError(`${place}: vary may name ${maxVary} headers, got ${vary.length}`);
  for (const header of vary) {
    if (!headerForm.test(header) || identityHeaders.has(header)) {
      throw new RangeError(
        `${place}: vary must name headers in lower case that do not say who calls, got '${header}'`,
      );
    }
  }
  return { scope, ttlMs, swrMs, staleIfErrorMs, tags, vary: [...new Set(vary)].sort() };
}

/** @throws {RangeError} for too many tags, or one that is no tag. */
export function requireTags(place: string, tags: readonly string[]): void {
  if (!Array.isArray(tags) || tags.length > maxTags) {
    throw new RangeError(`${place}: tags must be a list of at most ${maxTags}, got ${String(tags?.length)}`);
  }
  for (const tag of tags) requireTag(place, tag);
}

/** @throws {RangeError} when it is not 1 to 128 letters, digits or `_.:@-`, the first one a letter or a digit. */
export function requireTag(place: string, tag: unknown): void {
  if (typeof tag === 'string' && tagForm.test(tag)) return;
  throw new RangeError(`${place}: a tag must be 1 to 128 letters, digits or _.:@-, got '${String(tag)}'`);
}
