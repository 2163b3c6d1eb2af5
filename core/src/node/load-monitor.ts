/**
 * Measures the pressure on this process: how late the event loop is, and how full the heap is.
 *
 * @see {@link https://nodejs.org/api/perf_hooks.html#perf_hooksmonitoreventloopdelayoptions Node, monitorEventLoopDelay}
 * @module
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { PressureSource } from '../context/pressure.ts';

export interface LoadMonitorOptions {
  /** Event-loop delay at which shedding begins, in milliseconds. Default 100. */
  readonly delayMs?: number;
  /** Share of the heap limit at which shedding begins, in `(0, 1)`. Default 0.85. */
  readonly heapShare?: number;
}

export interface LoadMonitor extends PressureSource {
  /** The figures behind the level. */
  status(): { readonly level: number; readonly delayMs: number; readonly heapShare: number };
  stop(): void;
}

const sampleMs = 250;
/** A sample counts by this share; about two seconds of overload are needed to act on. */
const weight = 0.25;
const nanosPerMs = 1e6;
const resolutionMs = 10;

/** Starts measuring; does not keep the process alive. */
export function loadMonitor(options: LoadMonitorOptions = {}): LoadMonitor {
  const { delayMs: delayLimit = 100, heapShare: heapLimit = 0.85 } = options;
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let delayMs = 0;
  let heapShare = 0;
  const sample = (): void => {
    const worst = Math.max(0, histogram.percentile(99) / nanosPerMs - resolutionMs);
    histogram.reset();
    delayMs += (worst - delayMs) * weight;
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    heapShare = used / limit;
  };
  const timer = setInterval(sample, sampleMs).unref();
  const level = (): number =>
    Math.max(
      delayMs / delayLimit,
      heapShare / heapLimit >= 1 ? 1 + (heapShare - heapLimit) / (1 - heapLimit) : 0,
    );
  return {
    level,
    status: () => ({ level: level(), delayMs, heapShare }),
    stop() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
