import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BalanceName,
  type Balancer,
  balanceNames,
  balancerOf,
  leastPending,
  roundRobin,
  sticky,
} from './balance.ts';
import { seededRandom } from './random.ts';
import { TargetState } from './target.ts';

function targets(...weights: readonly number[]): TargetState[] {
  return weights.map((weight, index) => new TargetState({ origin: `http://t${index}:80`, weight }));
}

/** How often each target is picked. Nothing is pending between picks. */
function shares(
  balancer: Balancer,
  from: readonly TargetState[],
  picks: number,
  keyOf?: (pick: number) => string,
): number[] {
  const counts = new Map<TargetState, number>(from.map((state) => [state, 0]));
  for (let pick = 0; pick < picks; pick += 1) {
    const state = balancer.pick(from, keyOf?.(pick));
    counts.set(state, (counts.get(state) ?? Number.NaN) + 1);
  }
  return [...counts.values()].map((count) => count / picks);
}

const weights = fc.array(fc.double({ min: 0.001, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 });

describe.each(balanceNames)('%s', (name: BalanceName) => {
  test('never picks outside the candidates, whatever is pending', () => {
    fc.assert(
      fc.property(
        weights,
        fc.integer(),
        fc.array(fc.tuple(fc.nat(), fc.option(fc.string()))),
        (of, seed, steps) => {
          const all = targets(...of);
          const outside = targets(5);
          const balancer = balancerOf(name, seededRandom(seed));
          for (const [nat, key] of steps) {
            const candidates = all.slice(nat % all.length);
            const picked = balancer.pick(candidates, key ?? undefined);
            expect(candidates).toContain(picked);
            expect(outside).not.toContain(picked);
            picked.pending += nat % 3;
          }
        },
      ),
    );
  });

  test('picks the only target without asking for anything', () => {
    const random = (): number => {
      throw new Error('asked');
    };
    const [alone] = targets(1);
    const balancer = balancerOf(name, random);
    expect(alone && balancer.pick([alone], undefined)).toBe(alone);
    expect(alone && balancer.pick([alone], 'key')).toBe(alone);
    expect(alone?.turn).toBe(0);
  });

  test('refuses to pick from nothing', () => {
    expect(() => balancerOf(name, seededRandom(1)).pick([], undefined)).toThrow(
      new RangeError('pick: there must be at least 1 candidate, got 0'),
    );
  });
});

describe('least pending', () => {
  test('shares idle targets by weight', () => {
    const [a = 0, b = 0, c = 0] = shares(leastPending(seededRandom(1)), targets(1, 3, 6), 50_000);
    expect(a).toBeCloseTo(0.1, 1.5);
    expect(b).toBeCloseTo(0.3, 1.5);
    expect(c).toBeCloseTo(0.6, 1.5);
  });

  test('takes the one of two with fewer pending calls', () => {
    const [busy, idle] = targets(1, 1);
    if (busy === undefined || idle === undefined) throw new Error('two targets');
    busy.pending = 1;
    expect(shares(leastPending(seededRandom(2)), [busy, idle], 500)).toEqual([0, 1]);
  });

  test('counts pending calls per weight', () => {
    const [strong, weak] = targets(10, 1);
    if (strong === undefined || weak === undefined) throw new Error('two targets');
    strong.pending = 9;
    weak.pending = 1;
    expect(shares(leastPending(seededRandom(3)), [strong, weak], 500)).toEqual([1, 0]);
    strong.pending = 11;
    expect(shares(leastPending(seededRandom(3)), [strong, weak], 500)).toEqual([0, 1]);
  });

  test('never takes the busiest of several', () => {
    const all = targets(1, 1, 1, 1);
    for (const [index, state] of all.entries()) state.pending = index;
    const [, , , busiest] = shares(leastPending(seededRandom(4)), all, 2_000);
    expect(busiest).toBe(0);
  });

  test('calls that stay pending end up by weight', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const all = targets(1, 2, 5);
        const balancer = leastPending(seededRandom(seed));
        for (let call = 0; call < 800; call += 1) balancer.pick(all, undefined).pending += 1;
        const [a = 0, b = 0, c = 0] = all.map(({ pending }) => pending);
        expect(Math.abs(a - 100)).toBeLessThan(15);
        expect(Math.abs(b - 200)).toBeLessThan(15);
        expect(Math.abs(c - 500)).toBeLessThan(15);
      }),
      { numRuns: 30 },
    );
  });

  test('keeps the most loaded of equal targets close to the rest (one random choice would not)', () => {
    const all = targets(...new Array<number>(50).fill(1));
    const balancer = leastPending(seededRandom(5));
    for (let call = 0; call < 5_000; call += 1) balancer.pick(all, undefined).pending += 1;
    expect(Math.max(...all.map(({ pending }) => pending))).toBeLessThanOrEqual(104);
  });
});

describe('round-robin', () => {
  test('is smooth: 5, 1, 1 comes out as nginx documents it', () => {
    const all = targets(5, 1, 1);
    const balancer = roundRobin();
    const names = new Map(all.map((state, index) => [state, 'abc'[index]]));
    const round = Array.from({ length: 14 }, () => names.get(balancer.pick(all, undefined)));
    expect(round.join('')).toBe('aabacaaaabacaa');
  });

  test('in every full round each target comes up exactly by its weight', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 8 }), (of) => {
        const total = of.reduce((sum, weight) => sum + weight, 0);
        const all = targets(...of);
        const balancer = roundRobin();
        for (let round = 0; round < 3; round += 1) {
          expect(shares(balancer, all, total)).toEqual(of.map((weight) => weight / total));
        }
      }),
    );
  });

  test('when a target is missing for a while, the others keep their proportion', () => {
    const all = targets(2, 1, 1);
    const balancer = roundRobin();
    shares(balancer, all, 40);
    expect(shares(balancer, all.slice(0, 2), 300)).toEqual([200 / 300, 100 / 300]);
    expect(shares(balancer, all, 400)).toEqual([0.5, 0.25, 0.25]);
  });
});

describe('sticky', () => {
  const keyOf = (pick: number): string => `usr_${pick}`;
  const keys = Array.from({ length: 2_000 }, (_, index) => keyOf(index));
  const placesOf = (all: readonly TargetState[]): (string | undefined)[] => {
    const balancer = sticky(seededRandom(1));
    return keys.map((key) => balancer.pick(all, key).target.origin);
  };

  test('a key always meets the same target, in every process and in any order of the list', () => {
    const all = targets(1, 2, 3);
    expect(placesOf(all)).toEqual(placesOf(targets(1, 2, 3)));
    expect(placesOf(all)).toEqual(placesOf(all.toReversed()));
  });

  test('a busy target keeps its keys', () => {
    const all = targets(1, 1, 1);
    const before = placesOf(all);
    for (const state of all) state.pending = Number(state.target.origin.length);
    if (all[0] !== undefined) all[0].pending = 1_000;
    expect(placesOf(all)).toEqual(before);
  });

  test('keys are shared by weight', () => {
    const [a = 0, b = 0, c = 0] = shares(sticky(seededRandom(1)), targets(1, 3, 6), 50_000, keyOf);
    expect(a).toBeCloseTo(0.1, 1.5);
    expect(b).toBeCloseTo(0.3, 1.5);
    expect(c).toBeCloseTo(0.6, 1.5);
  });

  test('a target that goes moves its own keys and no other; one that comes takes keys for itself only', () => {
    fc.assert(
      fc.property(
        weights.filter((of) => of.length > 1),
        fc.nat(),
        (of, nat) => {
          const all = targets(...of);
          const gone = all[nat % all.length];
          const before = placesOf(all);
          const after = placesOf(all.filter((state) => state !== gone));
          for (const [index, place] of before.entries()) {
            if (place === gone?.target.origin) expect(after[index]).not.toBe(place);
            else expect(after[index]).toBe(place);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('the keys of a target that went spread over all the others', () => {
    const all = targets(1, 1, 1, 1);
    const before = placesOf(all);
    const after = placesOf(all.slice(1));
    const moved = after.filter((place, index) => place !== before[index]);
    for (const { target } of all.slice(1)) {
      expect(moved.filter((place) => place === target.origin).length).toBeGreaterThan(moved.length / 4);
    }
  });

  test('a weight that grows moves keys only towards its target', () => {
    const before = placesOf(targets(1, 1, 1));
    const after = placesOf(targets(1, 3, 1));
    const moved = after.filter((place, index) => place !== before[index]);
    expect(moved.length).toBeGreaterThan(100);
    expect(new Set(moved)).toEqual(new Set(['http://t1:80']));
  });

  test('without a key it looks at what is pending', () => {
    const [busy, idle] = targets(1, 1);
    if (busy === undefined || idle === undefined) throw new Error('two targets');
    busy.pending = 9;
    expect(shares(sticky(seededRandom(6)), [busy, idle], 200)).toEqual([0, 1]);
  });
});
