import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { RetryBudget } from './retry-budget.ts';

/** Takes as many extra calls as there are. */
function takeAll(budget: RetryBudget): number {
  let taken = 0;
  while (taken < 10_000 && budget.spend()) taken += 1;
  return taken;
}

test('allows 3 extra calls a second by default, however few calls there are', () => {
  expect(takeAll(new RetryBudget(manualClock()))).toBe(30);
});

test('allows a fifth of the calls once that is more', () => {
  const budget = new RetryBudget(manualClock());
  for (let call = 0; call < 1_000; call += 1) budget.call();
  expect(budget.status()).toEqual({ spent: 0, allowed: 200 });
  expect(takeAll(budget)).toBe(200);
  expect(budget.status()).toEqual({ spent: 200, allowed: 200 });
});

test('forgets calls and extra calls after ten seconds', () => {
  const clock = manualClock();
  const budget = new RetryBudget(clock);
  for (let call = 0; call < 1_000; call += 1) budget.call();
  takeAll(budget);
  clock.advance(9_999);
  expect(budget.spend()).toBe(false);
  clock.advance(1);
  expect(budget.status()).toEqual({ spent: 0, allowed: 30 });
  expect(takeAll(budget)).toBe(30);
});

test('forgets everything after a long silence', () => {
  const clock = manualClock();
  const budget = new RetryBudget(clock);
  takeAll(budget);
  clock.advance(123_456_789);
  expect(budget.status().spent).toBe(0);
});

test('allows nothing when share and floor are 0', () => {
  const budget = new RetryBudget(manualClock(), { share: 0, floorPerSecond: 0 });
  for (let call = 0; call < 1_000; call += 1) budget.call();
  expect(budget.spend()).toBe(false);
});

test('a refused one costs nothing', () => {
  const budget = new RetryBudget(manualClock(), { share: 0.5, floorPerSecond: 0 });
  expect(takeAll(budget)).toBe(0);
  budget.call();
  budget.call();
  expect(takeAll(budget)).toBe(1);
});

test('in every ten seconds, extra calls stay within the share or the floor', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('calls' as const), count: fc.nat(60) }),
    fc.record({ kind: fc.constant('extras' as const), count: fc.nat(60) }),
    fc.record({ kind: fc.constant('pass' as const), count: fc.nat(4_000) }),
  );
  const options = fc.record({
    share: fc.constantFrom(0, 0.05, 0.2, 1),
    floorPerSecond: fc.constantFrom(0, 1, 3),
  });
  fc.assert(
    fc.property(options, fc.array(step, { maxLength: 60 }), (chosen, steps) => {
      const clock = manualClock();
      const budget = new RetryBudget(clock, chosen);
      const calls: number[] = [];
      const extras: number[] = [];
      const second = (): number => Math.floor(clock.monotonicMs() / 1_000);
      const recent = (seconds: readonly number[]): number =>
        seconds.filter((at) => at > second() - 10).length;
      for (const { kind, count } of steps) {
        if (kind === 'pass') clock.advance(count);
        for (let time = 0; time < count && kind !== 'pass'; time += 1) {
          if (kind === 'calls') {
            budget.call();
            calls.push(second());
          } else if (budget.spend()) {
            extras.push(second());
            expect(recent(extras)).toBeLessThanOrEqual(
              Math.max(chosen.floorPerSecond * 10, chosen.share * recent(calls)),
            );
          }
        }
      }
      expect(budget.status().spent).toBe(recent(extras));
    }),
  );
});
