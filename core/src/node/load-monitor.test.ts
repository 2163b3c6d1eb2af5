import type { getHeapStatistics } from 'node:v8';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadMonitor } from './load-monitor.ts';

/** What Node would measure. */
const measured = { delayMs: 0, used: 0, limit: 1_000, enabled: 0 };

vi.mock('node:perf_hooks', () => ({
  monitorEventLoopDelay: () => ({
    enable() {
      measured.enabled += 1;
    },
    disable() {
      measured.enabled -= 1;
    },
    reset() {},
    percentile: () => (measured.delayMs + 10) * 1e6, // Node's figure has the resolution in it
  }),
}));
vi.mock('node:v8', () => ({
  getHeapStatistics: () =>
    ({ used_heap_size: measured.used, heap_size_limit: measured.limit }) as ReturnType<
      typeof getHeapStatistics
    >,
}));

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(measured, { delayMs: 0, used: 0, limit: 1_000, enabled: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The level after so many samples with these figures. */
function levelAfter(samples: number, figures: Partial<typeof measured>, monitor = loadMonitor()): number {
  Object.assign(measured, figures);
  vi.advanceTimersByTime(samples * 250);
  const level = monitor.level();
  monitor.stop();
  return level;
}

test('a process that is well has no pressure', () => {
  expect(levelAfter(100, { delayMs: 0, used: 500 })).toBe(0);
});

test('an event loop that is 100 ms late is level 1, one that is 300 ms late level 3', () => {
  expect(levelAfter(100, { delayMs: 50 })).toBeCloseTo(0.5);
  expect(levelAfter(100, { delayMs: 100 })).toBeCloseTo(1);
  expect(levelAfter(100, { delayMs: 300 })).toBeCloseTo(3);
});

test('one slow moment is not overload, two seconds of it are', () => {
  expect(levelAfter(1, { delayMs: 300 })).toBeLessThan(1);
  expect(levelAfter(8, { delayMs: 300 })).toBeGreaterThan(2);
});

test('it ends when the loop is prompt again', () => {
  const monitor = loadMonitor();
  Object.assign(measured, { delayMs: 1_000 });
  vi.advanceTimersByTime(5_000);
  expect(monitor.level()).toBeGreaterThan(3);
  expect(levelAfter(20, { delayMs: 0 }, monitor)).toBeLessThan(0.1);
});

test('a heap that is 85 % full is level 1, a full one level 2', () => {
  expect(levelAfter(1, { used: 849 })).toBe(0);
  expect(levelAfter(1, { used: 850 })).toBeCloseTo(1);
  expect(levelAfter(1, { used: 925 })).toBeCloseTo(1.5);
  expect(levelAfter(1, { used: 1_000 })).toBeCloseTo(2);
});

test('the worse of the two counts', () => {
  expect(levelAfter(100, { used: 1_000, delayMs: 100 })).toBeCloseTo(2);
  expect(levelAfter(100, { used: 850, delayMs: 400 })).toBeCloseTo(4);
});

test('the bounds can be set', () => {
  expect(levelAfter(100, { delayMs: 100 }, loadMonitor({ delayMs: 50 }))).toBeCloseTo(2);
  expect(levelAfter(1, { used: 500 }, loadMonitor({ heapShare: 0.5 }))).toBeCloseTo(1);
});

test('the figures behind the level can be read', () => {
  const monitor = loadMonitor();
  expect(monitor.status()).toEqual({ level: 0, delayMs: 0, heapShare: 0 });
  Object.assign(measured, { used: 900 });
  vi.advanceTimersByTime(250);
  expect(monitor.status()).toMatchObject({ heapShare: 0.9, delayMs: 0 });
  monitor.stop();
});

test('stopping leaves no timer and no measurement, twice is harmless', () => {
  const monitor = loadMonitor();
  expect(vi.getTimerCount()).toBe(1);
  expect(measured.enabled).toBe(1);
  monitor.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(measured.enabled).toBe(0);
  monitor.stop();
});
