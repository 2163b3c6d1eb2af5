import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { Cancellation } from './cancellation.ts';
import { maxDeadlineMs, startDeadline } from './deadline.ts';

describe('what calls may take', () => {
  test.each([
    [10, 9],
    [800, 720],
    [1_000, 900],
    [2_000, 1_900],
    [maxDeadlineMs, 29_900],
  ])('of %d ms is %d ms: a tenth is kept for the answer, at most 100 ms', (budgetMs, callsMs) => {
    const clock = manualClock();
    const cancellation = new Cancellation();
    const deadline = startDeadline(clock, budgetMs, cancellation);
    expect([deadline.budgetMs, deadline.remainingMs()]).toEqual([budgetMs, callsMs]);
    clock.advance(callsMs - 1);
    expect([deadline.remainingMs(), cancellation.reason]).toEqual([1, undefined]);
    clock.advance(1);
    expect([deadline.remainingMs(), cancellation.reason?.code]).toEqual([0, 'deadline-exceeded']);
  });

  test('is never negative', () => {
    const clock = manualClock();
    const deadline = startDeadline(clock, 100, new Cancellation());
    clock.advance(5_000);
    expect(deadline.remainingMs()).toBe(0);
  });

  test('does not change with the date of the machine', () => {
    const clock = manualClock();
    const cancellation = new Cancellation();
    const deadline = startDeadline(clock, 1_000, cancellation);
    clock.setWall(clock.wallMs() + 3_600_000);
    expect([deadline.remainingMs(), cancellation.reason]).toEqual([900, undefined]);
  });
});

test('the client is told how long it was given', () => {
  const clock = manualClock();
  const cancellation = new Cancellation();
  startDeadline(clock, 800, cancellation);
  clock.advance(800);
  expect(cancellation.reason?.options.detail).toBe('The request took longer than 800 ms.');
});

test('disposed of, it holds no timer and cancels nothing', () => {
  const clock = manualClock();
  const cancellation = new Cancellation();
  const deadline = startDeadline(clock, 1_000, cancellation);
  expect(clock.pending()).toBe(1);
  deadline.dispose();
  deadline.dispose();
  expect(clock.pending()).toBe(0);
  clock.advance(5_000);
  expect(cancellation.reason).toBeUndefined();
});
