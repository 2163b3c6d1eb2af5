/**
 * What is told about monthly quotas and usage: a fact when a caller passes 80 % and 100 %, and a readable
 * account for whoever asks.
 *
 * @module
 */
import type { Caller } from '../context/caller.ts';
import type { EventBus } from '../context/event-bus.ts';
import { allowance, type RateLimit } from './limit.ts';
import type { Decision } from './store.ts';

/** What a caller has used of one limit. */
export interface Usage {
  readonly limit: string;
  readonly max: number;
  readonly used: number;
  readonly remaining: number;
  /** When everything is back, in epoch milliseconds. */
  readonly resetsAtMs: number;
}

interface Charged {
  readonly caller: Caller;
  readonly cost: number;
  readonly limits: readonly RateLimit[];
  readonly decision: Decision;
}

/** Emits a fact for each threshold that this very decision crossed, so each is told once in a month. */
export function announceQuotas(events: EventBus, { caller, cost, limits, decision }: Charged): void {
  if (decision.standIn !== undefined) return;
  for (const [index, limit] of limits.entries()) {
    const admission = decision.admissions[index];
    if (limit.kind !== 'monthly-quota' || admission === undefined) continue;
    const { max } = limit;
    const used = max - admission.remaining;
    for (const percent of [80, 100] as const) {
      const threshold = (max * percent) / 100;
      if (used < threshold || used - cost >= threshold) continue;
      events.emit('quota', { limit: limit.name, caller, percent, used, max });
    }
  }
}

/** The account of a decision that took nothing. */
export function usageOf(limits: readonly RateLimit[], decision: Decision): Usage[] {
  return decision.admissions.map(({ limit, remaining, resetAfterMs }, index) => {
    const max = allowance(limits[index] as RateLimit).q;
    const used = Math.max(0, max - remaining);
    return { limit, max, used, remaining, resetsAtMs: decision.atMs + resetAfterMs };
  });
}
