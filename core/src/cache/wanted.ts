/**
 * One question to the cache, what is made for it, and the answer.
 *
 * @module
 */
import type { CacheOutcome } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { GatewayError } from '../problem/gateway-error.ts';
import type { CachePolicy } from './cache-options.ts';
import type { EntryPlace } from './cache-tier.ts';
import type { Terms } from './directives.ts';
import type { Entry } from './entry.ts';

/** One question to the cache. */
export interface Wanted extends EntryPlace {
  readonly policy: CachePolicy;
  /** Which declaration asks, such as `catalog.get`: a label of metrics. */
  readonly part: string;
  /** What it is worth to the one who asks; what is worth more never waits for what is worth less. */
  readonly rank: number;
  /** Milliseconds the one who asks waits at most. */
  readonly timeoutMs: number;
  /** Milliseconds more for one whose deadline is over: what can be said without the missing parts is on its way. Default 0. */
  readonly graceMs?: number;
  /** Makes the answer in a context of its own; `old` is one to revalidate. */
  make(context: RequestContext, old: Entry | undefined): Promise<Made>;
}

/** An answer that was just made. */
export interface Made {
  readonly value: unknown;
  /** Headers of the service that go to the client. */
  readonly headers: readonly (readonly [string, string])[];
  /** Nothing when it must not be kept. */
  readonly terms: Terms | undefined;
  /** The service said that the old answer is still good; `value` is the one of it. */
  readonly isUnchanged?: boolean;
}

/** The answer to the question. */
export interface Found {
  readonly value: unknown;
  readonly headers: readonly (readonly [string, string])[];
  readonly outcome: CacheOutcome;
  readonly ageMs: number;
  /** How long it stays fresh; negative since when it is stale, `undefined` when it may not be kept. */
  readonly freshForMs: number | undefined;
  /** Why a stale one stands in. */
  readonly failure?: GatewayError;
}

/** What a flight brings. */
export interface Landed {
  readonly entry: Entry;
  /** How the leader came to it. */
  readonly outcome: 'hit' | 'stale' | 'miss';
  /** Whether others may have it, too. */
  readonly isForAll: boolean;
}
