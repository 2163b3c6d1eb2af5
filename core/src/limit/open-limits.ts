/**
 * The limit options of a BFF: checked at boot, and made into its limiter.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import { requireRange } from '../context/options.ts';
import { type AuthFailures, authFailures } from './auth-failures.ts';
import { checkLimits, lowestMaxCost } from './check-limits.ts';
import { tokenBucket } from './declare.ts';
import type { RateLimitHeaders } from './headers.ts';
import type { Limit, RateLimit } from './limit.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { memoryStore } from './memory-store.ts';
import type { LimitStore } from './store.ts';

/** The part of `defineBff`'s options that is about limits. */
export interface LimitOptions {
  /** What every caller may take: one limit, or several that all have to allow. Default `tokenBucket()`. */
  readonly limits?: Limit | readonly Limit[];
  /** Instead of `limits` for principals whose credential names one of these plans. Default none. */
  readonly plans?: Readonly<Record<string, Limit | readonly Limit[]>>;
  /**
   * What one address may fail to prove who it is; its own 401 and 403 count, nobody's quota does. `by` is
   * ignored. Default: 100 at once, then 1 a second.
   */
  readonly authFailureLimit?: RateLimit;
  /** The headers of limited answers. Default `both`. */
  readonly rateLimitHeaders?: RateLimitHeaders;
  /** Where limits are remembered. Default this process. */
  readonly limitStore?: LimitStore;
}

export const limitOptionNames = ['limits', 'plans', 'authFailureLimit', 'rateLimitHeaders', 'limitStore'];

/** The limits of a BFF, ready to ask. */
export interface OpenLimits {
  readonly limiter: Limiter;
  readonly failures: AuthFailures;
  /** @throws {RangeError} when no wait would ever let a request of this cost pass. */
  checkCost(where: string, cost: number): void;
  close(): void;
}

const dialects: readonly RateLimitHeaders[] = ['both', 'draft', 'legacy', 'none'];

/** @throws {RangeError} for limits that do not fit together or an unknown kind of headers. */
export function openLimits(
  options: LimitOptions,
  parts: { readonly bff: string; readonly clock: Clock; readonly events: EventBus },
): OpenLimits {
  const { clock, events } = parts;
  const { rateLimitHeaders: headers = 'both', limitStore: store = memoryStore({ clock }) } = options;
  const { authFailureLimit = tokenBucket({ name: 'auth-failures', refillPerSecond: 1 }) } = options;
  const limits = listOf(options.limits ?? tokenBucket());
  const plans = Object.fromEntries(
    Object.entries(options.plans ?? {}).map(([plan, planned]) => [plan, listOf(planned)]),
  );
  checkLimits('limits', limits);
  for (const [plan, planned] of Object.entries(plans)) checkLimits(`plans.${plan}`, planned);
  if (!dialects.includes(headers)) {
    throw new RangeError(`rateLimitHeaders must be ${dialects.join(', ')}, got '${String(headers)}'`);
  }
  store.watch?.((fact) => events.emit('limitStore', fact));
  const all = [limits, ...Object.values(plans)].flat();
  const highest = lowestMaxCost(all);
  const needsWhole = all.some(({ kind }) => kind === 'sliding-log');
  return {
    limiter: createLimiter({ ...parts, limits, plans, store, headers }),
    failures: authFailures({ ...parts, limit: authFailureLimit, store, headers }),
    checkCost(where, cost) {
      requireRange(where, 'cost', cost, 0, highest);
      if (needsWhole && !Number.isInteger(cost)) {
        throw new RangeError(`${where}: cost must be a whole number under a sliding log, got ${cost}`);
      }
    },
    close: () => store.close?.(),
  };
}

function listOf(limits: Limit | readonly Limit[]): readonly Limit[] {
  return [limits].flat() as readonly Limit[];
}
