/**
 * How many calls to an upstream may run at once: a fixed number, or one that follows the upstream's
 * latency. When answers take longer than they do unloaded, calls are queueing somewhere; sending more
 * only makes the queue longer.
 *
 * @see {@link https://netflixtechblog.medium.com/performance-under-load-3e6fa9a60581 Netflix, adaptive concurrency limits}
 * @module
 */

export interface ConcurrencyLimit {
  /** Calls that may run now. */
  readonly current: number;
  /** Hears how long a call took. `running` is how many ran when it ended. */
  observe(durationMs: number, running: number): void;
}

/** Always `running`. */
export function fixedLimit(running: number): ConcurrencyLimit {
  return { current: running, observe() {} };
}

export interface AdaptiveOptions {
  /** Default 4. */
  readonly min?: number;
  /** Default 200. */
  readonly max?: number;
}

const windowCalls = 50;
/** Latency may grow to this multiple of the unloaded one before the limit shrinks. */
const tolerance = 1.5;
/** The unloaded latency is forgotten slowly, so that an upstream that became slower is not starved for ever. */
const drift = 1.01;

/**
 * A gradient limit: after every 50 calls the limit is multiplied by unloaded latency over measured
 * latency (between 0.5 and 1) and may grow by its square root, if it was used at all.
 */
export function adaptiveLimit(options: AdaptiveOptions = {}): ConcurrencyLimit {
  const { min = 4, max = 200 } = options;
  let limit = Math.min(max, Math.max(min, 20));
  let unloadedMs = Number.POSITIVE_INFINITY;
  let sumMs = 0;
  let count = 0;
  let mostRunning = 0;
  return {
    get current() {
      return Math.floor(limit);
    },
    observe(durationMs, running) {
      sumMs += durationMs;
      count += 1;
      mostRunning = Math.max(mostRunning, running);
      if (count < windowCalls) return;
      const meanMs = Math.max(0.01, sumMs / count);
      unloadedMs = Math.min(meanMs, unloadedMs * drift);
      const gradient = Math.max(0.5, Math.min(1, (tolerance * unloadedMs) / meanMs));
      const room = mostRunning * 2 >= limit ? Math.sqrt(limit) : 0;
      limit = Math.min(max, Math.max(min, limit * gradient + (gradient === 1 ? room : 0)));
      sumMs = 0;
      count = 0;
      mostRunning = 0;
    },
  };
}
