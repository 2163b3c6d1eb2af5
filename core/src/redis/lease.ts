/**
 * Leases: a caller who asks often through one instance gets several turns at once, and the next ones need
 * no round trip. Only where every limit is a token bucket; exact limits are always asked.
 *
 * Inaccuracy: an instance holds at most `lease − 1` turns of a caller, for at most a second. Over any
 * time, all instances together admit at most `instances × (lease − 1)` turns more than the bucket's own
 * bound; turns that are not used within the second are lost to the caller.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { Claim, Decision } from '../limit/store.ts';
import type { AskRedis, Taken } from './script-store.ts';

interface Lease {
  readonly taken: Taken;
  readonly askedMs: number;
  left: number;
}

/** A caller is hot when its last question is not older than this. */
const hotMs = 100;
const leaseMs = 1_000;
const maxLeases = 10_000;

/** @param turns Turns per lease; 1 asks every time. */
export function leasing(
  ask: AskRedis,
  turns: number,
  clock: Clock,
): (claims: readonly Claim[]) => Decision | Promise<Decision> {
  if (turns === 1) return (claims) => ask(claims, 1);
  const leases = new Map<string, Lease>();
  const askAndKeep = async (key: string, claims: readonly Claim[], isHot: boolean): Promise<Decision> => {
    const taken = await ask(claims, isHot ? turns : 1);
    leases.delete(key);
    leases.set(key, { taken, askedMs: clock.monotonicMs(), left: Math.max(0, taken.times - 1) });
    const [oldest] = leases.keys();
    if (leases.size > maxLeases && oldest !== undefined) leases.delete(oldest);
    return withTurnsLeft(taken, claims, Math.max(0, taken.times - 1));
  };
  return function takeLeased(claims) {
    if (!claims.every(({ limit, cost }) => limit.kind === 'token-bucket' && cost > 0)) return ask(claims, 1);
    const key = claims.map(({ limit, subject, cost }) => `${limit.name} ${cost} ${subject}`).join('\n');
    const lease = leases.get(key);
    const ageMs = clock.monotonicMs() - (lease?.askedMs ?? Number.NEGATIVE_INFINITY);
    if (lease === undefined || lease.left === 0 || ageMs > leaseMs)
      return askAndKeep(key, claims, ageMs <= hotMs);
    lease.left -= 1;
    return withTurnsLeft(lease.taken, claims, lease.left);
  };
}

/** The turns that are still held are not gone: they count as remaining. */
function withTurnsLeft(taken: Taken, claims: readonly Claim[], left: number): Decision {
  const { allowed, atMs, order } = taken;
  const admissions = taken.admissions.map((admission, index) => ({
    ...admission,
    remaining: admission.remaining + left * Math.floor(claims[index]?.cost ?? 0),
  }));
  return { allowed, atMs, order, admissions };
}
