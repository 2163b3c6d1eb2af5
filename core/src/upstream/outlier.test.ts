import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { OutlierEjection, type OutlierOptions, resolveOutlier } from './outlier.ts';
import { TargetState } from './target.ts';

function targets(count: number): TargetState[] {
  return Array.from(
    { length: count },
    (_, index) => new TargetState({ origin: `http://t${index}`, weight: 1 }),
  );
}

interface Pool {
  readonly clock: ManualClock;
  readonly ejection: OutlierEjection;
  readonly all: TargetState[];
  readonly first: TargetState;
  /** Fails `state` so often in a row; whether one of them ejected it. */
  fail(state: TargetState, times: number): boolean;
}

function pool(count: number, options: OutlierOptions = {}): Pool {
  const clock = manualClock();
  const ejection = new OutlierEjection(clock, resolveOutlier('orders', options));
  const all = targets(count);
  const [first] = all;
  if (first === undefined) throw new Error('a pool has a target');
  const fail = (state: TargetState, times: number): boolean => {
    let ejected = false;
    for (let time = 0; time < times; time += 1) ejected = ejection.failure(state, all) || ejected;
    return ejected;
  };
  return { clock, ejection, all, first, fail };
}

test('the fifth failure in a row ejects for 30 s, to the millisecond', () => {
  const { clock, ejection, first, fail } = pool(2);
  expect(fail(first, 4)).toBe(false);
  expect(ejection.ejectedForMs(first)).toBe(0);
  expect(fail(first, 1)).toBe(true);
  expect(ejection.ejectedForMs(first)).toBe(30_000);
  clock.advance(29_999);
  expect(ejection.ejectedForMs(first)).toBe(1);
  clock.advance(1);
  expect(ejection.ejectedForMs(first)).toBe(0);
});

test('a success starts the count again', () => {
  const { ejection, first, fail } = pool(2);
  fail(first, 4);
  ejection.success(first);
  expect(fail(first, 4)).toBe(false);
  expect(fail(first, 1)).toBe(true);
});

test('an ejected target that is back has to fail five times again', () => {
  const { clock, first, fail } = pool(2);
  fail(first, 5);
  clock.advance(30_000);
  expect(fail(first, 4)).toBe(false);
  expect(fail(first, 1)).toBe(true);
});

test('failures of calls that were under way when it was ejected count for nothing', () => {
  const { clock, ejection, first, fail } = pool(4);
  fail(first, 5);
  clock.advance(10_000);
  expect(fail(first, 50)).toBe(false);
  expect(ejection.ejectedForMs(first)).toBe(20_000);
  clock.advance(20_000);
  expect(fail(first, 4)).toBe(false);
});

test('each ejection in a row takes longer, up to five minutes', () => {
  const { clock, ejection, first, fail } = pool(2);
  const lengths = Array.from({ length: 12 }, () => {
    fail(first, 5);
    const forMs = ejection.ejectedForMs(first);
    clock.advance(forMs);
    return forMs;
  });
  expect(lengths.slice(0, 3)).toEqual([30_000, 60_000, 90_000]);
  expect(lengths.slice(9)).toEqual([300_000, 300_000, 300_000]);
});

test('time without an ejection forgives one after the other', () => {
  const { clock, ejection, first, fail } = pool(2);
  for (const _ of [1, 2, 3]) {
    fail(first, 5);
    clock.advance(ejection.ejectedForMs(first));
  }
  clock.advance(60_000); // forgives two of three
  fail(first, 5);
  expect(ejection.ejectedForMs(first)).toBe(60_000);
  clock.advance(60_000 + 3_600_000);
  fail(first, 5);
  expect(ejection.ejectedForMs(first)).toBe(30_000);
});

describe('never more than half are ejected', () => {
  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
  ])('of %d targets at most %d', (count, most) => {
    const { ejection, all, fail } = pool(count);
    for (const state of all) fail(state, 10);
    expect(all.filter((state) => ejection.ejectedForMs(state) > 0)).toHaveLength(most);
  });

  test('a target that could not be ejected is, at its next failure, when there is room', () => {
    const { clock, all, fail } = pool(2);
    const [first, second] = all;
    if (first === undefined || second === undefined) throw new Error('two targets');
    fail(first, 5);
    clock.advance(1);
    expect(fail(second, 20)).toBe(false);
    clock.advance(29_999);
    expect(fail(second, 1)).toBe(true);
  });

  test('when the list becomes shorter, those next due come back', () => {
    const { clock, ejection, all, fail } = pool(4);
    const [first, second] = all;
    if (first === undefined || second === undefined) throw new Error('four targets');
    fail(first, 5);
    clock.advance(1_000);
    fail(second, 5);
    ejection.keepShare([second, first]);
    expect([ejection.ejectedForMs(first), ejection.ejectedForMs(second)]).toEqual([0, 30_000]);
    ejection.keepShare([second]);
    expect(ejection.ejectedForMs(second)).toBe(0);
  });

  test('when the list becomes shorter, only as many come back as must', () => {
    const { clock, ejection, all, fail } = pool(6);
    for (const state of all.slice(0, 3)) {
      fail(state, 5);
      clock.advance(1_000);
    }
    const rest = all.slice(0, 5);
    ejection.keepShare(rest);
    expect(rest.map((state) => ejection.ejectedForMs(state))).toEqual([0, 28_000, 29_000, 0, 0]);
  });

  test('whatever happens', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('fail' as const), nat: fc.nat() }),
      fc.record({ kind: fc.constant('succeed' as const), nat: fc.nat() }),
      fc.record({ kind: fc.constant('wait' as const), nat: fc.nat(40_000) }),
      fc.record({ kind: fc.constant('shrink' as const), nat: fc.nat() }),
    );
    const share = fc.double({ min: 0, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        share,
        fc.array(step, { maxLength: 200 }),
        (count, max, steps) => {
          const { clock, ejection, all } = pool(count, { failures: 2, maxEjectedShare: max });
          for (const { kind, nat } of steps) {
            const state = all[nat % all.length];
            if (state === undefined) throw new Error('there is always one');
            if (kind === 'wait') clock.advance(nat);
            else if (kind === 'succeed') ejection.success(state);
            else if (kind === 'fail') ejection.failure(state, all);
            else if (all.length > 1) {
              all.splice(nat % all.length, 1);
              ejection.keepShare(all);
            }
            const ejected = all.filter((one) => ejection.ejectedForMs(one) > 0).length;
            expect(ejected).toBeLessThanOrEqual(max * all.length);
          }
        },
      ),
    );
  });
});

test('the defaults are 5 failures, 30 s, half', () => {
  expect(resolveOutlier('orders')).toEqual({ failures: 5, ejectMs: 30_000, maxEjectedShare: 0.5 });
});

describe('refuses to start', () => {
  test.each<[object, string]>([
    [{ failures: 0 }, 'orders: outlier: failures must be a number from 1 to 1000, got 0'],
    [{ failures: 1.5 }, 'orders: outlier: failures must be a whole number from 1 to 1000, got 1.5'],
    [{ ejectMs: 0 }, 'orders: outlier: ejectMs must be a number from 1 to 300000, got 0'],
    [{ ejectMs: 300_001 }, 'orders: outlier: ejectMs must be a number from 1 to 300000, got 300001'],
    [{ maxEjectedShare: 1 }, 'orders: outlier: maxEjectedShare must be a number from 0 to 0.99, got 1'],
    [{ maxEjectedShare: -0.1 }, 'orders: outlier: maxEjectedShare must be a number from 0 to 0.99, got -0.1'],
    [{ failure: 3 }, "orders: outlier: unknown option 'failure'; did you mean 'failures'?"],
  ])('%o', (options, message) => {
    expect(() => resolveOutlier('orders', options as OutlierOptions)).toThrow(new RangeError(message));
  });
});
