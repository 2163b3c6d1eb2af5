import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { manualClock } from '../testing/manual-clock.ts';
import type { Discovery } from './discovery.ts';
import { seededRandom } from './random.ts';
import { parseTargets, type TargetOption, type TargetState } from './target.ts';
import { resolveTargetOptions, type TargetOptions } from './target-options.ts';
import { type TargetChange, TargetSet, type TargetWish } from './target-set.ts';

/** A set whose list the test changes, and whose targets answer probes unless they are in `sick`. */
function setOf(list: readonly TargetOption[], options: Omit<TargetOptions, 'targets'> = {}) {
  const clock = manualClock();
  const changes: TargetChange[] = [];
  const sick = new Set<string>();
  let probes = 0;
  let isStopped = false;
  let hand: Parameters<Discovery['start']>[0] = () => {};
  const discovery: Discovery = {
    start(onTargets) {
      hand = onTargets;
      if (list.length > 0) onTargets(parseTargets('test', list));
      return () => {
        isStopped = true;
      };
    },
  };
  const targets = new TargetSet(resolveTargetOptions('test', { targets: discovery, ...options }), {
    clock,
    random: seededRandom(1),
    transport: {
      send({ origin }) {
        probes += 1;
        const answer = sick.has(origin)
          ? Promise.reject(new GatewayError('upstream-unreachable'))
          : Promise.resolve({ status: 200, header: () => undefined, body: Buffer.alloc(0) });
        return { answer, abort: () => {} };
      },
      close: () => Promise.resolve(),
    },
    onProblem: (error) => {
      throw error;
    },
    onChange: (change) => changes.push(change),
  });
  const pick = (wish?: TargetWish): TargetState => {
    const state = targets.pick(wish);
    if (state === undefined) throw new Error('there is no target');
    return state;
  };
  return {
    clock,
    changes,
    sick,
    targets,
    pick,
    probes: () => probes,
    isStopped: () => isStopped,
    update: (...next: readonly TargetOption[]) => hand(parseTargets('test', next)),
    /** The origins that many picks lead to. */
    reach(wish?: TargetWish): string[] {
      const origins = Array.from({ length: 300 }, () => pick(wish).target.origin);
      return [...new Set(origins)].sort();
    },
    stateOf(origin: string): TargetState {
      for (;;) {
        const state = pick();
        if (state.target.origin === origin) return state;
      }
    },
    fail(state: TargetState, times = 5) {
      for (let time = 0; time < times; time += 1) targets.report(state, 'failure');
    },
    /** Lets so many probes of every target happen, answers included. */
    async probe(rounds: number) {
      for (let step = 0; step < rounds * 12; step += 1) {
        clock.advance(500);
        await turn();
      }
    },
  };
}

const [a, b, c] = ['http://a', 'http://b', 'http://c'] as const;

test('a set without a list has nowhere to send a call', () => {
  const { targets, update } = setOf([]);
  expect([targets.isReady, targets.pick(), targets.status()]).toEqual([false, undefined, []]);
  update(a);
  expect([targets.isReady, targets.pick()?.target.origin]).toEqual([true, a]);
});

test('a single target is picked whatever is wished, wherever it stands', async () => {
  const { pick, fail, sick, probe, targets } = setOf([a], { health: { path: '/' } });
  sick.add(a);
  await probe(4);
  const state = pick();
  fail(state, 50);
  expect(targets.status()).toMatchObject([{ health: 'unhealthy', ejectedForMs: 0 }]);
  expect(pick({ key: 'k', avoid: state, version: 'v2' })).toBe(state);
});

describe('calls go', () => {
  test('to all good targets', () => {
    expect(setOf([a, b, c]).reach()).toEqual([a, b, c]);
  });

  test('not to an ejected one, until its time is over', () => {
    const { clock, stateOf, fail, reach, changes } = setOf([a, b, c]);
    fail(stateOf(a));
    expect(reach()).toEqual([b, c]);
    expect(changes.at(-1)).toEqual({ kind: 'ejected', origin: a, forMs: 30_000 });
    clock.advance(29_999);
    expect(reach()).toEqual([b, c]);
    clock.advance(1);
    expect(reach()).toEqual([a, b, c]);
  });

  test('back to each of several ejected ones at its own time', () => {
    const { clock, stateOf, fail, reach } = setOf([a, b, c, 'http://d']);
    fail(stateOf(a));
    clock.advance(10_000);
    fail(stateOf(b));
    expect(reach()).toEqual([c, 'http://d']);
    clock.advance(20_000);
    expect(reach()).toEqual([a, c, 'http://d']);
    clock.advance(10_000);
    expect(reach()).toEqual([a, b, c, 'http://d']);
  });

  test('to a failing target as long as successes come in between', () => {
    const { stateOf, fail, targets, reach } = setOf([a, b]);
    const state = stateOf(a);
    for (const _ of [1, 2, 3]) {
      fail(state, 4);
      targets.report(state, 'success');
    }
    expect(reach()).toEqual([a, b]);
  });

  test('to a failing target when ejection is turned off', () => {
    const { stateOf, fail, reach } = setOf([a, b], { outlier: false });
    fail(stateOf(a), 100);
    expect(reach()).toEqual([a, b]);
  });

  test('not to an unhealthy one, until it is healthy again', async () => {
    const { sick, probe, reach, changes } = setOf([a, b], { health: { path: '/' } });
    sick.add(a);
    await probe(4);
    expect(reach()).toEqual([b]);
    sick.clear();
    await probe(3);
    expect(reach()).toEqual([a, b]);
    expect(changes.filter(({ origin }) => origin === a).map(({ kind }) => kind)).toEqual([
      'added',
      'unhealthy',
      'healthy',
    ]);
  });

  test('to all of them when none is good', async () => {
    const { sick, probe, reach } = setOf([a, b, c], { health: { path: '/' } });
    for (const origin of [a, b, c]) sick.add(origin);
    await probe(4);
    expect(reach()).toEqual([a, b, c]);
  });

  test('to all of them when the healthy ones are ejected', async () => {
    const { sick, probe, reach, stateOf, fail } = setOf([a, b], { health: { path: '/' } });
    const state = stateOf(a);
    sick.add(b);
    await probe(4);
    expect(reach()).toEqual([a]);
    fail(state);
    expect(reach()).toEqual([a, b]);
  });

  test('by the balancer that was asked for', () => {
    const { pick } = setOf([a, b, c], { balance: 'round-robin' });
    expect(Array.from({ length: 6 }, () => pick().target.origin)).toEqual([a, b, c, a, b, c]);
  });

  test('with a key to the same target, and back to it after its ejection', () => {
    const { clock, pick, fail, reach } = setOf([a, b, c], { balance: 'sticky' });
    const home = pick({ key: 'usr_1' });
    expect(reach({ key: 'usr_1' })).toEqual([home.target.origin]);
    fail(home);
    expect(reach({ key: 'usr_1' })).toHaveLength(1);
    expect(pick({ key: 'usr_1' })).not.toBe(home);
    clock.advance(30_000);
    expect(pick({ key: 'usr_1' })).toBe(home);
  });
});

describe('avoiding the target of the attempt before', () => {
  test('leads to another one', () => {
    const { stateOf, reach } = setOf([a, b, c]);
    expect(reach({ avoid: stateOf(b) })).toEqual([a, c]);
  });

  test('leads back to it when no other is good', () => {
    const { stateOf, fail, reach } = setOf([a, b]);
    const [first, second] = [stateOf(a), stateOf(b)];
    fail(first);
    expect(reach({ avoid: second })).toEqual([b]);
  });

  test('does nothing when it is not among the good ones anyway', () => {
    const { stateOf, fail, reach } = setOf([a, b, c]);
    const state = stateOf(a);
    fail(state);
    expect(reach({ avoid: state })).toEqual([b, c]);
  });
});

describe('a version', () => {
  const v1 = (url: string): TargetOption => ({ url, version: 'v1' });
  const v2 = (url: string): TargetOption => ({ url, version: 'v2' });

  test('is served by its targets', () => {
    const { reach } = setOf([v1(a), v1(b), v2(c)]);
    expect(reach({ version: 'v1' })).toEqual([a, b]);
    expect(reach({ version: 'v2' })).toEqual([c]);
    expect(reach()).toEqual([a, b, c]);
  });

  test('nobody runs is served by the others', () => {
    expect(setOf([v1(a), v1(b), c]).reach({ version: 'v3' })).toEqual([a, b, c]);
  });

  test('whose targets are all ejected is served by the others until they are back', () => {
    const { clock, stateOf, fail, reach } = setOf([v1(a), v1(b), v2(c)]);
    fail(stateOf(c));
    expect(reach({ version: 'v2' })).toEqual([a, b]);
    clock.advance(30_000);
    expect(reach({ version: 'v2' })).toEqual([c]);
  });

  test('is kept when no target of any version is good', async () => {
    const { sick, probe, reach } = setOf([v1(a), v1(b), v2(c)], { health: { path: '/' } });
    for (const origin of [a, b, c]) sick.add(origin);
    await probe(4);
    expect(reach({ version: 'v2' })).toEqual([c]);
  });

  test('is kept by a retry: it goes to the same target rather than to another version', () => {
    const { stateOf, reach } = setOf([v1(a), v1(b), v2(c)]);
    expect(reach({ version: 'v2', avoid: stateOf(c) })).toEqual([c]);
    expect(reach({ version: 'v1', avoid: stateOf(a) })).toEqual([b]);
  });

  test('follows a change of the list', () => {
    const { reach, update } = setOf([v1(a), v2(c)]);
    expect(reach({ version: 'v2' })).toEqual([c]);
    update(v1(a), v2(b), v2(c));
    expect(reach({ version: 'v2' })).toEqual([b, c]);
  });
});

describe('a new list', () => {
  test('keeps what is known of the targets that stay', async () => {
    const { clock, sick, probe, stateOf, fail, update, targets } = setOf([a, b, c, 'http://d'], {
      health: { path: '/' },
    });
    const state = stateOf(b);
    sick.add(a);
    await probe(4);
    state.pending = 7;
    fail(state);
    clock.advance(1_000);
    update({ url: b, weight: 4, version: 'v2' }, a, 'http://e', 'http://d');
    expect(targets.status()).toEqual([
      { origin: b, weight: 4, version: 'v2', pending: 7, health: 'healthy', ejectedForMs: 29_000 },
      { origin: a, weight: 1, pending: 0, health: 'unhealthy', ejectedForMs: 0 },
      { origin: 'http://e', weight: 1, pending: 0, health: 'unknown', ejectedForMs: 0 },
      { origin: 'http://d', weight: 1, pending: 0, health: 'healthy', ejectedForMs: 0 },
    ]);
  });

  test('says who came and who went', () => {
    const { changes, update } = setOf([a, { url: b, version: 'v1' }]);
    update(a, c);
    expect(changes.map(({ kind, origin, version }) => [kind, origin, version])).toEqual([
      ['added', a, undefined],
      ['added', b, 'v1'],
      ['removed', b, 'v1'],
      ['added', c, undefined],
    ]);
  });

  test('probes who came and leaves who went alone', async () => {
    const { update, probe, probes, clock } = setOf([a, b], { health: { path: '/' } });
    await probe(1);
    update(c);
    expect(clock.pending()).toBe(1);
    const before = probes();
    clock.advance(1_000);
    expect(probes()).toBe(before + 1);
  });

  test('that is shorter never leaves more than half ejected', () => {
    const { stateOf, fail, update, reach } = setOf([a, b, c, 'http://d']);
    for (const state of [stateOf(a), stateOf(b)]) fail(state);
    update(a, b);
    expect(reach()).toHaveLength(1);
  });

  test('forgets late reports of who went', () => {
    const { stateOf, fail, update, changes, targets } = setOf([a, b, c]);
    const gone = stateOf(a);
    update(b, c);
    const before = changes.length;
    fail(gone, 50);
    update(a, b, c);
    expect([changes.length, targets.status()[0]?.ejectedForMs]).toEqual([before + 1, 0]);
  });
});

test('close ends the discovery and the probes; calls that still run can be sent', async () => {
  const { targets, clock, probe, probes, update, isStopped, pick } = setOf([a, b], { health: { path: '/' } });
  await probe(1);
  const before = probes();
  targets.close();
  update(c);
  await probe(3);
  expect([isStopped(), clock.pending(), probes()]).toEqual([true, 0, before]);
  expect([a, b]).toContain(pick().target.origin);
});

test('whatever happens, a call goes to a good target of the list, or there is none', () => {
  const all = Array.from({ length: 6 }, (_, index) => `http://t${index}`);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('fail' as const), nat: fc.nat() }),
    fc.record({ kind: fc.constant('wait' as const), nat: fc.nat(40_000) }),
    fc.record({ kind: fc.constant('sicken' as const), nat: fc.nat() }),
    fc.record({ kind: fc.constant('list' as const), nat: fc.integer({ min: 1, max: 63 }) }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom('least-pending', 'round-robin', 'sticky'),
      fc.array(step, { maxLength: 60 }),
      (balance, steps) => {
        const { clock, targets, update, pick, fail } = setOf(all, { balance });
        for (const { kind, nat } of steps) {
          if (kind === 'wait') clock.advance(nat);
          else if (kind === 'fail') fail(pick({ key: String(nat) }));
          else if (kind === 'list') update(...all.filter((_, index) => (nat >> index) % 2 === 1));
          const status = targets.status();
          const good = status.filter(({ ejectedForMs }) => ejectedForMs === 0);
          const { origin } = pick({ key: String(nat) }).target;
          expect((good.length > 0 ? good : status).map((one) => one.origin)).toContain(origin);
        }
      },
    ),
  );
});
