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
  /** The answer that the turns are from. */
  taken: Taken | undefined;
  askedMs: number;
  /** Turns that are left. */
  left: number;
  /** The question that is under way; who comes meanwhile waits for the same answer. */
  pending: Promise<Taken> | undefined;
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
  const leaseOf = (key: string): Lease => {
    const known = leases.get(key);
    if (known !== undefined) return known;
    const [oldest] = leases.keys();
    if (leases.size >= maxLeases && oldest !== undefined) leases.delete(oldest);
    const made = { taken: undefined, askedMs: Number.NEGATIVE_INFINITY, left: 0, pending: undefined };
    leases.set(key, made);
    return made;
  };
  const renew = async (lease: Lease, claims: readonly Claim[]): Promise<Taken> => {
    const isHot = clock.monotonicMs() - lease.askedMs <= hotMs;
    lease.askedMs = clock.monotonicMs();
    try {
      const taken = await ask(claims, isHot ? turns : 1);
      lease.taken = taken;
      lease.left = taken.times;
      return taken;
    } finally {
      lease.pending = undefined;
    }
  };
  return async function takeLeased(claims) {
    if (!claims.every(({ limit, cost }) => limit.kind === 'token-bucket' && cost > 0)) return ask(claims, 1);
    const lease = leaseOf(
      claims.map(({ limit, subject, cost }) => `${limit.name} ${cost} ${subject}`).join('\n'),
    );
    for (;;) {
      const isFresh = clock.monotonicMs() - lease.askedMs <= leaseMs;
      if (isFresh && lease.taken !== undefined && lease.left > 0) {
        lease.left -= 1;
        return withTurnsLeft(lease.taken, claims, lease.left);
      }
      lease.pending ??= renew(lease, claims);
      const taken = await lease.pending;
      if (!taken.allowed) return withTurnsLeft(taken, claims, 0);
    }
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
