/**
 * Which target gets the next call. Every balancer chooses among the candidates it is given and keeps
 * no list of its own; with one candidate it is that one.
 *
 * @see {@link https://www.eecs.harvard.edu/~michaelm/postscripts/handbook2001.pdf Mitzenmacher, Richa, Sitaraman},
 * the power of two random choices
 * @see {@link https://github.com/phusion/nginx/commit/27e94984486058d73157038f7950a0a36ecc6e35 nginx},
 * smooth weighted round-robin
 * @see {@link https://en.wikipedia.org/wiki/Rendezvous_hashing Thaler, Ravishankar}, rendezvous hashing
 * @module
 */
import { hashPair, hashText, rendezvousBid } from './hash.ts';
import type { Random } from './random.ts';
import type { TargetState } from './target.ts';

export interface Balancer {
  /**
   * Chooses one of the candidates.
   *
   * @param key What sticks to a target; only {@link sticky} looks at it.
   * @throws {RangeError} when there is no candidate.
   */
  pick(candidates: readonly TargetState[], key: string | undefined): TargetState;
}

/** The names configuration uses. */
export const balanceNames = ['least-pending', 'round-robin', 'sticky'] as const;
export type BalanceName = (typeof balanceNames)[number];

/** Makes the balancer of one upstream. */
export function balancerOf(name: BalanceName, random: Random): Balancer {
  switch (name) {
    case 'least-pending':
      return leastPending(random);
    case 'round-robin':
      return roundRobin();
    case 'sticky':
      return sticky(random);
  }
}

/**
 * Draws two different targets by weight and takes the one with fewer pending calls per weight; of
 * equals the first drawn. So idle targets share by weight, and a slow one is left alone.
 */
export function leastPending(random: Random): Balancer {
  return {
    pick(candidates) {
      if (candidates.length === 1) return only(candidates);
      let total = 0;
      for (const { target } of candidates) total += target.weight;
      const first = draw(candidates, undefined, random() * total);
      const second = draw(candidates, first, random() * (total - first.target.weight));
      // pending/weight of each, without the division
      return second.pending * first.target.weight < first.pending * second.target.weight ? second : first;
    },
  };
}

/** Walks `point` along the weights of all candidates but `without`; the end of the walk is the last of them. */
function draw(
  candidates: readonly TargetState[],
  without: TargetState | undefined,
  point: number,
): TargetState {
  let rest = point;
  let last: TargetState | undefined;
  for (const candidate of candidates) {
    if (candidate === without) continue;
    last = candidate;
    rest -= candidate.target.weight;
    if (rest < 0) return candidate;
  }
  return last ?? only(candidates);
}

/** Takes turns: in every round each target comes up as often as its weight says, spread out evenly. */
export function roundRobin(): Balancer {
  return {
    pick(candidates) {
      if (candidates.length === 1) return only(candidates);
      let total = 0;
      let best: TargetState | undefined;
      for (const candidate of candidates) {
        total += candidate.target.weight;
        candidate.turn += candidate.target.weight;
        if (best === undefined || candidate.turn > best.turn) best = candidate;
      }
      const chosen = best ?? only(candidates);
      chosen.turn -= total;
      return chosen;
    },
  };
}

/**
 * Sends a key to the same target as long as it is a candidate, in every process alike, and to shares
 * by weight. Without a key it is {@link leastPending}.
 */
export function sticky(random: Random): Balancer {
  const keyless = leastPending(random);
  return {
    pick(candidates, key) {
      if (candidates.length === 1) return only(candidates);
      if (key === undefined) return keyless.pick(candidates, undefined);
      const hash = hashText(key);
      let best: TargetState | undefined;
      let bestBid = 0;
      for (const candidate of candidates) {
        const bid = rendezvousBid(hashPair(hash, candidate.hash), candidate.target.weight);
        if (bid > bestBid) {
          best = candidate;
          bestBid = bid;
        }
      }
      return best ?? only(candidates);
    },
  };
}

function only(candidates: readonly TargetState[]): TargetState {
  const [candidate] = candidates;
  if (candidate === undefined) throw new RangeError('pick: there must be at least 1 candidate, got 0');
  return candidate;
}
