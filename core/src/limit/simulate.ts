/**
 * Simulation: decisions of the past, made again under any policy on a virtual clock. Under the policy
 * that made them the answers are the same, because time, order and cost are those of the log and the
 * arithmetic is the one the stores use.
 *
 * @module
 */
import type { LimitDecision } from '../context/events.ts';
import { rateLimits } from './check-limits.ts';
import { allowance, type Limit, type RateLimit } from './limit.ts';
import { takeAll } from './memory-store.ts';
import { subjectOf } from './subject.ts';

/** A decision of the log and the BFF that made it. */
export interface PastDecision extends LimitDecision {
  readonly bff: string;
}

export interface SimulationPolicy {
  readonly limits: readonly Limit[];
  readonly plans: Readonly<Record<string, readonly Limit[]>>;
}

/** What one subject of one limit went through. */
export interface SubjectReport {
  readonly limit: string;
  readonly subject: string;
  readonly max: number;
  readonly requests: number;
  readonly refused: number;
  /** Epoch milliseconds of the first refusal. */
  readonly firstRefusedMs?: number;
  /** The least that was ever left: the headroom. */
  readonly lowestRemaining: number;
}

export interface Simulation {
  readonly requests: number;
  /** Refused under the policy. */
  readonly refused: number;
  /** Refused in the log. */
  readonly refusedInLog: number;
  /** Decisions that differ from the log. */
  readonly different: readonly PastDecision[];
  /** Most refused first, then least headroom. */
  readonly subjects: readonly SubjectReport[];
}

/** Makes every decision again, in the order of the store's clock. */
export function simulate(policy: SimulationPolicy, past: readonly PastDecision[]): Simulation {
  const base = rateLimits(policy.limits);
  const plans = new Map(Object.entries(policy.plans).map(([plan, limits]) => [plan, rateLimits(limits)]));
  const states = new Map<string, object>();
  const reports = new Map<string, Tally>();
  const different: PastDecision[] = [];
  let refused = 0;
  const inOrder = past.toSorted((one, other) => one.atMs - other.atMs || one.order - other.order);
  for (const decision of inOrder) {
    const { caller, cost, bff, isRepeat = false } = decision;
    const limits = (caller.plan === undefined ? undefined : plans.get(caller.plan)) ?? base;
    const claims = limits.map((limit) => ({
      limit,
      subject: `${bff}/${subjectOf(limit.by, caller)}`,
      cost: isRepeat && limit.kind === 'monthly-quota' ? 0 : cost,
    }));
    const { allowed, admissions } = takeAll(states, claims, decision);
    if (!allowed) refused += 1;
    if (allowed !== (decision.refusedBy.length === 0)) different.push(decision);
    for (const [index, { limit, subject }] of claims.entries()) {
      const admission = admissions[index];
      if (admission === undefined) continue;
      const tally = tallyOf(reports, limit, subject);
      tally.requests += 1;
      tally.lowestRemaining = Math.min(tally.lowestRemaining, admission.remaining);
      if (admission.allowed) continue;
      tally.refused += 1;
      tally.firstRefusedMs ??= decision.atMs;
    }
  }
  const refusedInLog = past.filter(({ refusedBy }) => refusedBy.length > 0).length;
  const subjects = [...reports.values()].sort(
    (one, other) => other.refused - one.refused || headroom(one) - headroom(other),
  );
  return { requests: past.length, refused, refusedInLog, different, subjects };
}

type Tally = { -readonly [K in keyof SubjectReport]: SubjectReport[K] };

function tallyOf(reports: Map<string, Tally>, limit: RateLimit, subject: string): Tally {
  const key = `${limit.name} ${subject}`;
  const known = reports.get(key);
  if (known !== undefined) return known;
  const max = allowance(limit).q;
  const tally = { limit: limit.name, subject, max, requests: 0, refused: 0, lowestRemaining: max };
  reports.set(key, tally);
  return tally;
}

function headroom({ lowestRemaining, max }: SubjectReport): number {
  return lowestRemaining / max;
}
