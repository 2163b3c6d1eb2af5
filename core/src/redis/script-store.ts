/**
 * Limits in Redis: one script per decision. On a cluster, claims of different subjects live on different
 * nodes; each node is asked at the same time, and what some took is given back when another refuses.
 *
 * @module
 */
import type { RateLimit } from '../limit/limit.ts';
import type { Admission, Claim, Decision } from '../limit/store.ts';
import type { ScriptRunner } from './connect.ts';
import { giveBackScript } from './give-back-script.ts';
import { keyOf } from './keys.ts';
import { takeScriptFor } from './take-script.ts';

/** A decision of Redis, and how many times the cost was taken: 0 when refused, more than 1 for a lease. */
export interface Taken extends Decision {
  readonly times: number;
}

/** Asks Redis; rejects when it cannot be asked. */
export type AskRedis = (claims: readonly Claim[], times: number) => Promise<Taken>;

/** @param prefix First part of every key. */
export function scriptStore(redis: ScriptRunner, prefix: string): AskRedis {
  const askTogether: AskRedis = async (claims, times) => {
    const keys = claims.map((claim) => keyOf(prefix, claim));
    const args = claims.flatMap(({ limit, cost }) => [limit.kind, cost, ...figuresOf(limit)]);
    const script = takeScriptFor(claims.map(({ limit }) => limit.kind));
    return readReply(claims, (await redis.run(script, keys, [times, ...args])) as (string | number)[]);
  };
  const giveBack = async (claims: readonly Claim[], { atMs }: Decision): Promise<unknown> => {
    const keys = claims.map((claim) => keyOf(prefix, claim));
    const args = claims.flatMap(({ limit, cost }) => [limit.kind, cost, ...figuresOf(limit), atMs]);
    return redis.run(giveBackScript, keys, args);
  };
  return async function askRedis(claims, times) {
    const groups = redis.isCluster ? bySubject(claims) : [claims];
    if (groups.length === 1) return askTogether(claims, times);
    const asked = await Promise.allSettled(groups.map((group) => askTogether(group, 1)));
    const answers = asked.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
    if (answers.every((answer) => answer?.allowed === true))
      return joined(claims, groups, answers as Taken[]);
    const given = groups.flatMap((group, index) => {
      const answer = answers[index];
      const isCharged = answer?.allowed === true && group.some(({ cost }) => cost > 0);
      return isCharged ? [giveBack(group, answer)] : [];
    });
    await Promise.allSettled(given);
    const failed = asked.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const refunded = (answers as Taken[]).map((answer, index) =>
      answer.allowed ? withCostBack(answer, groups[index] ?? []) : answer,
    );
    return joined(claims, groups, refunded);
  };
}

function figuresOf(limit: RateLimit): [number, number] {
  switch (limit.kind) {
    case 'token-bucket':
      return [limit.capacity, limit.refillPerSecond];
    case 'leaky-bucket':
      return [limit.ratePerSecond, 0];
    case 'monthly-quota':
      return [limit.max, 0];
    case 'fixed-window':
    case 'sliding-log':
    case 'sliding-counter':
      return [limit.max, limit.windowMs];
  }
}

function readReply(claims: readonly Claim[], reply: readonly (string | number)[]): Taken {
  const [times = 0, seconds = 0, micros = 0, ...fields] = reply.map(Number);
  const admissions = claims.map(({ limit }, index): Admission => {
    const [allowed = 0, remaining = 0, retryAfterMs = 0, resetAfterMs = 0] = fields.slice(4 * index);
    return { limit: limit.name, allowed: allowed === 1, remaining, retryAfterMs, resetAfterMs };
  });
  return {
    allowed: times > 0,
    times,
    admissions,
    atMs: seconds * 1_000 + Math.floor(micros / 1_000),
    order: seconds * 1_000_000 + micros,
  };
}

function bySubject(claims: readonly Claim[]): Claim[][] {
  return [...Map.groupBy(claims, ({ subject }) => subject).values()];
}

/** One decision of many, its admissions in the order of the claims. */
function joined(
  claims: readonly Claim[],
  groups: readonly (readonly Claim[])[],
  answers: readonly Taken[],
): Taken {
  const admissionOf = new Map<Claim, Admission>();
  for (const [index, group] of groups.entries()) {
    for (const [place, claim] of group.entries()) {
      const admission = answers[index]?.admissions[place];
      if (admission !== undefined) admissionOf.set(claim, admission);
    }
  }
  const allowed = answers.every((answer) => answer.allowed);
  return {
    allowed,
    times: allowed ? 1 : 0,
    admissions: claims.flatMap((claim) => admissionOf.get(claim) ?? []),
    atMs: Math.max(...answers.map(({ atMs }) => atMs)),
    order: Math.max(...answers.map(({ order }) => order)),
  };
}

function withCostBack(answer: Taken, group: readonly Claim[]): Taken {
  const admissions = answer.admissions.map((admission, index) => ({
    ...admission,
    remaining: admission.remaining + Math.floor(group[index]?.cost ?? 0),
  }));
  return { ...answer, admissions };
}
