/**
 * A clock that stands still until a test moves it. Timers fire in order, in the middle of `advance`.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';

export interface ManualClock extends Clock {
  /** Moves both clocks forward by `ms`, firing what falls due. */
  advance(ms: number): void;
  /** Sets the wall clock only, as when the system's date is corrected. */
  setWall(ms: number): void;
  /** Timers that have neither fired nor been cancelled. */
  pending(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** @param wallMs Epoch milliseconds at the start. Default 2026-11-01T00:00:00Z. */
export function manualClock(wallMs = Date.UTC(2026, 10, 1)): ManualClock {
  let offsetMs = wallMs;
  let nowMs = 0;
  const timers = new Set<Timer>();
  const nextDue = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  };
  return {
    wallMs: () => offsetMs + nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, fire) {
      const timer = { dueMs: nowMs + delayMs, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.fire();
      }
      nowMs = untilMs;
    },
    setWall(ms) {
      offsetMs = ms - nowMs;
    },
    pending: () => timers.size,
  };
}
