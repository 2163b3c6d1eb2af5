/**
 * A kept answer and what time does to it.
 *
 * @module
 */
import type { Terms } from './directives.ts';

/** One kept answer. Times are monotonic milliseconds of this process. */
export interface Entry {
  /** Frozen at every depth. */
  readonly value: unknown;
  /** About how much memory it takes. */
  readonly bytes: number;
  /** Headers of the service that go to the client, as pairs. */
  readonly headers: readonly (readonly [string, string])[];
  readonly tags: readonly string[];
  /** When it was asked for: a purge after this moment ends it. */
  readonly askedMs: number;
  readonly terms: Terms;
}

/** What an entry is good for now. */
export type Freshness = 'fresh' | 'stale' | 'stand-in' | 'spent';

/** `stale` answers while it is renewed, `stand-in` answers when the call fails, `spent` only saves sending it again. */
export function freshnessOf({ askedMs, terms }: Entry, nowMs: number): Freshness {
  const overMs = nowMs - askedMs - terms.freshMs;
  if (overMs < 0) return 'fresh';
  if (overMs < terms.swrMs) return 'stale';
  return overMs <= terms.staleIfErrorMs && terms.staleIfErrorMs > 0 ? 'stand-in' : 'spent';
}

/** Whether it may stand in for a call that fails. */
export function mayStandIn({ askedMs, terms }: Entry, nowMs: number): boolean {
  return terms.staleIfErrorMs > 0 && nowMs - askedMs - terms.freshMs <= terms.staleIfErrorMs;
}

const leastRevalidableMs = 60_000;

/** Milliseconds it is worth keeping, from when it was asked for. */
export function lifetimeMs({ freshMs, swrMs, staleIfErrorMs, etag, lastModified }: Terms): number {
  const canRevalidate = etag !== undefined || lastModified !== undefined;
  return freshMs + Math.max(swrMs, staleIfErrorMs, canRevalidate ? Math.max(freshMs, leastRevalidableMs) : 0);
}

/** The headers that ask the service whether it is still the same; empty when it gave no validator. */
export function validatorsOf(entry: Entry | undefined): Readonly<Record<string, string>> {
  const { etag, lastModified } = entry?.terms ?? {};
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  };
}
