/** Every algorithm is held to the guarantee of its doc comment, over random histories and clocks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fixedWindow,
  leakyBucket,
  monthlyQuota,
  slidingCounter,
  slidingLog,
  tokenBucket,
} from './declare.ts';
import { maxCost, type RateLimit, takeFrom } from './limit.ts';

interface Step {
  readonly stepMs: number;
  readonly cost: number;
}

interface History {
  readonly limit: RateLimit;
  readonly startMs: number;
  readonly steps: readonly Step[];
}

interface Event {
  readonly atMs: number;
  readonly cost: number;
}

const windows = fc.record({
  max: fc.integer({ min: 1, max: 60 }),
  windowSeconds: fc.integer({ min: 1, max: 5 }),
});
const declared: Record<RateLimit['kind'], fc.Arbitrary<RateLimit>> = {
  'token-bucket': fc
    .record({
      capacity: fc.integer({ min: 1, max: 60 }),
      refillPerSecond: fc.double({ min: 0.01, max: 90, noNaN: true }),
    })
    .map(tokenBucket),
  'fixed-window': windows.map(fixedWindow),
  'sliding-log': windows.map(slidingLog),
  'sliding-counter': windows.map(slidingCounter),
  'leaky-bucket': fc
    .double({ min: 0.1, max: 1_000, noNaN: true })
    .map((ratePerSecond) => leakyBucket({ ratePerSecond })),
  'monthly-quota': fc.integer({ min: 1, max: 60 }).map((max) => monthlyQuota({ max })),
};
const kinds = Object.keys(declared) as RateLimit['kind'][];

function histories(kind: RateLimit['kind'], minStepMs = 0, maxStepMs = 2_000): fc.Arbitrary<History> {
  const startMs = fc.integer({ min: 0, max: 2e12 });
  return declared[kind].chain((limit) =>
    fc.record({
      limit: fc.constant(limit),
      startMs,
      steps: fc.array(
        fc.record({
          stepMs: fc.oneof(fc.constant(0), fc.integer({ min: minStepMs, max: maxStepMs })),
          cost: fc.integer({ min: 0, max: Math.min(maxCost(limit), 60) }),
        }),
        { minLength: 1, maxLength: 60 },
      ),
    }),
  );
}

/** Plays a history: every take, with its moment and the state before it. */
function play({ limit, startMs, steps }: History) {
  let atMs = startMs;
  let state: unknown;
  return steps.map(({ stepMs, cost }) => {
    atMs = Math.max(0, atMs + stepMs);
    const before = state;
    const taken = takeFrom(limit, before, cost, atMs);
    state = taken.state;
    return { atMs, cost, before, taken };
  });
}

function admitted(history: History): Event[] {
  return play(history).filter(({ taken, cost }) => taken.allowed && cost > 0);
}

function sumWithin(events: readonly Event[], fromMs: number, endMs: number): number {
  return events.reduce((sum, { atMs, cost }) => (atMs >= fromMs && atMs < endMs ? sum + cost : sum), 0);
}

/** Checks `bound` for every interval between two admissions. */
function forIntervals(
  events: readonly Event[],
  bound: (admittedCost: number, elapsedMs: number) => void,
): void {
  for (const [from, first] of events.entries()) {
    let sum = 0;
    for (const event of events.slice(from)) {
      sum += event.cost;
      bound(sum, event.atMs - first.atMs);
    }
  }
}

describe.each(kinds)('%s', (kind) => {
  test('waiting retryAfterMs is always enough, also after the clock stepped back', () => {
    fc.assert(
      fc.property(histories(kind, -3_000), ({ limit, ...rest }) => {
        for (const { atMs, cost, taken } of play({ limit, ...rest })) {
          if (taken.allowed) continue;
          expect(taken.retryAfterMs).toBeGreaterThan(0);
          expect(takeFrom(limit, taken.state, cost, atMs + taken.retryAfterMs).allowed).toBe(true);
        }
      }),
    );
  });

  test('a refused take costs nothing and delays nobody', () => {
    fc.assert(
      fc.property(histories(kind), (history) => {
        const polite = { ...history, steps: [] as Step[] };
        let skippedMs = 0;
        for (const [index, { taken }] of play(history).entries()) {
          const step = history.steps[index] as Step;
          skippedMs += step.stepMs;
          if (!taken.allowed) continue;
          polite.steps.push({ ...step, stepMs: skippedMs });
          skippedMs = 0;
        }
        expect(play(polite).every(({ taken }) => taken.allowed)).toBe(true);
      }),
    );
  });

  test('a cost of 0 looks and takes nothing, and sees what is left', () => {
    fc.assert(
      fc.property(histories(kind), ({ limit, ...rest }) => {
        for (const { atMs, taken } of play({ limit, ...rest })) {
          const look = takeFrom(limit, taken.state, 0, atMs);
          expect([look.allowed, look.remaining, look.state]).toEqual([true, taken.remaining, taken.state]);
        }
      }),
    );
  });

  test('what remains can be taken at once, and one more cannot', () => {
    fc.assert(
      fc.property(histories(kind), ({ limit, ...rest }) => {
        for (const { atMs, taken } of play({ limit, ...rest })) {
          const { remaining, state } = taken;
          expect(takeFrom(limit, state, remaining, atMs).allowed).toBe(true);
          if (limit.kind === 'leaky-bucket' || remaining >= maxCost(limit)) continue;
          expect(takeFrom(limit, state, remaining + 1, atMs).allowed).toBe(false);
        }
      }),
    );
  });

  test('after resetAfterMs everything is back', () => {
    fc.assert(
      fc.property(histories(kind), ({ limit, ...rest }) => {
        for (const { atMs, taken } of play({ limit, ...rest })) {
          const cost = limit.kind === 'leaky-bucket' ? 1 : maxCost(limit);
          expect(takeFrom(limit, taken.state, cost, atMs + taken.resetAfterMs).allowed).toBe(true);
        }
      }),
    );
  });

  test('a clock that steps back admits no more than one that stands still', () => {
    fc.assert(
      fc.property(histories(kind, -3_000, 0), (history) => {
        const stopped = { ...history, steps: history.steps.map((step) => ({ ...step, stepMs: 0 })) };
        const total = (events: readonly Event[]): number => events.reduce((sum, { cost }) => sum + cost, 0);
        if (kind === 'sliding-counter') return; // its own bound is stated below
        expect(total(admitted(history))).toBeLessThanOrEqual(total(admitted(stopped)));
      }),
    );
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a cost of %d is refused as a mistake', (cost) => {
    const [limit] = fc.sample(declared[kind], 1);
    expect(() => takeFrom(limit as RateLimit, undefined, cost, 0)).toThrow(RangeError);
  });
});

test('token bucket: no interval admits more than capacity + rate × time', () => {
  fc.assert(
    fc.property(histories('token-bucket'), (history) => {
      const { limit } = history;
      if (limit.kind !== 'token-bucket') return;
      forIntervals(admitted(history), (sum, elapsedMs) => {
        expect(sum).toBeLessThanOrEqual(limit.capacity + (limit.refillPerSecond * elapsedMs) / 1_000 + 1e-6);
      });
    }),
  );
});

test('leaky bucket: over any time at most what one turn takes more than rate × time', () => {
  fc.assert(
    fc.property(histories('leaky-bucket'), (history) => {
      const { limit } = history;
      if (limit.kind !== 'leaky-bucket') return;
      const events = admitted(history);
      for (const [index, event] of events.slice(1).entries()) {
        const before = events[index] as Event;
        const apartMs = (before.cost * 1_000) / limit.ratePerSecond;
        expect(event.atMs - before.atMs).toBeGreaterThanOrEqual(apartMs - 0.01);
      }
    }),
  );
});

describe.each(['fixed-window', 'sliding-counter'] as const)('%s', (kind) => {
  test('no window of the clock admits more than max, though the clock steps back', () => {
    fc.assert(
      fc.property(histories(kind, -3_000), (history) => {
        const { limit } = history;
        if (limit.kind !== kind) return;
        const perWindow = new Map<number, number>();
        let latest = 0;
        for (const { atMs, cost, taken } of play(history)) {
          latest = Math.max(latest, Math.floor(atMs / limit.windowMs));
          if (taken.allowed) perWindow.set(latest, (perWindow.get(latest) ?? 0) + cost);
        }
        expect(Math.max(0, ...perWindow.values())).toBeLessThanOrEqual(limit.max);
      }),
    );
  });
});

test('sliding log: no interval of one window, wherever it begins, holds more than max', () => {
  fc.assert(
    fc.property(histories('sliding-log'), (history) => {
      const { limit } = history;
      if (limit.kind !== 'sliding-log') return;
      const events = admitted(history);
      for (const { atMs } of events) {
        expect(sumWithin(events, atMs, atMs + limit.windowMs)).toBeLessThanOrEqual(limit.max);
      }
    }),
  );
});

test('sliding counter: on even traffic it admits within 10 % of what the log does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 50, max: 500 }),
      fc.double({ min: 1.1, max: 4, noNaN: true }),
      (max, load) => {
        const everyMs = Math.max(1, Math.round(10_000 / (max * load)));
        const steps = Array.from({ length: Math.ceil(100_000 / everyMs) }, () => ({
          stepMs: everyMs,
          cost: 1,
        }));
        const total = (limit: RateLimit): number => admitted({ limit, startMs: 0, steps }).length;
        const log = total(slidingLog({ max, windowSeconds: 10 }));
        const counter = total(slidingCounter({ max, windowSeconds: 10 }));
        expect(Math.abs(counter - log) / log).toBeLessThan(0.1);
      },
    ),
    { numRuns: 20 },
  );
});

test('sliding counter: a full window weighs on the next one by the share that is still covered', () => {
  const limit = slidingCounter({ max: 100, windowSeconds: 10 });
  const full = takeFrom(limit, undefined, 100, 9_999).state;
  const roomAt = (nowMs: number): number => takeFrom(limit, full, 0, nowMs).remaining;
  expect([10_000, 12_500, 15_000, 19_900, 20_000].map(roomAt)).toEqual([0, 25, 50, 99, 100]);
});

test('monthly quota: a clock that steps back into the month before opens nothing', () => {
  const limit = monthlyQuota({ max: 5 });
  const startMs = Date.UTC(2027, 0, 1);
  const used = takeFrom(limit, undefined, 5, startMs).state;
  const back = takeFrom(limit, used, 1, startMs - 1);
  expect([back.allowed, back.retryAfterMs]).toEqual([false, 31 * 86_400_000 + 1]);
});

test('monthly quota: no month of the UTC calendar admits more than max', () => {
  const day = 86_400_000;
  fc.assert(
    fc.property(histories('monthly-quota', 0, 20 * day), (history) => {
      const { limit } = history;
      if (limit.kind !== 'monthly-quota') return;
      const months = new Map<string, number>();
      for (const { atMs, cost } of admitted(history)) {
        const month = new Date(atMs).toISOString().slice(0, 7);
        months.set(month, (months.get(month) ?? 0) + cost);
      }
      expect(Math.max(0, ...months.values())).toBeLessThanOrEqual(limit.max);
    }),
  );
});
