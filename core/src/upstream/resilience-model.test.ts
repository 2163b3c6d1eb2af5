import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { type BreakerOptions, breaker, defaultBreaker, type Report, type Verdict } from './resilience.ts';

function rig(options: BreakerOptions) {
  const clock = manualClock();
  const changes: string[] = [];
  const made = breaker({ ...defaultBreaker, ...options }, clock, (from, to) => changes.push(`${from}>${to}`));
  return {
    clock,
    breaker: made,
    changes,
    /** The report of a call, or nothing when it was refused. */
    admit(): Report | undefined {
      try {
        return made.admit();
      } catch (error) {
        expect(GatewayError.from(error).code).toBe('circuit-open');
        return undefined;
      }
    },
  };
}

/** What the breaker promises, in the plainest words: one call at a time. */
function model(options: BreakerOptions) {
  const { failureThreshold, failureRateThreshold, windowSize, openMs, successThreshold } = {
    ...defaultBreaker,
    ...options,
  };
  let state = 'closed';
  let [openedMs, inARow, good] = [0, 0, 0];
  let window: boolean[] = [];
  return {
    /** The state after a call at `nowMs`, or `refused`. */
    call(verdict: Verdict, nowMs: number): string {
      if (state === 'open' && nowMs - openedMs >= openMs) [state, good] = ['half-open', 0];
      if (state === 'open') return 'refused';
      if (verdict === 'neutral') return state;
      const failed = verdict === 'failure';
      if (state === 'half-open') {
        good += 1;
        if (failed) [state, openedMs] = ['open', nowMs];
        else if (good === successThreshold) [state, inARow, window] = ['closed', 0, [false]];
        return state;
      }
      inARow = failed ? inARow + 1 : 0;
      window = [...window, failed].slice(-windowSize);
      const failures = window.filter(Boolean).length;
      const share = window.length === windowSize && failures > failureRateThreshold * windowSize;
      if (failed && (inARow >= failureThreshold || share)) [state, openedMs] = ['open', nowMs];
      return state;
    },
  };
}

const someOptions = fc.record({
  failureThreshold: fc.integer({ min: 1, max: 6 }),
  windowSize: fc.integer({ min: 1, max: 10 }),
  failureRateThreshold: fc.constantFrom(0.2, 0.5, 0.8),
  openMs: fc.constantFrom(1, 1_000, 30_000),
  halfOpenProbes: fc.integer({ min: 1, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 4 }),
});
const someVerdict = fc.constantFrom<Verdict>('failure', 'failure', 'success', 'neutral');
const someWait = fc.constantFrom(0, 0, 0, 1, 999, 1_000, 30_000);

test('one call after the other, it does what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(
      someOptions,
      fc.array(fc.tuple(someWait, someVerdict), { maxLength: 60 }),
      async (options, calls) => {
        const it = rig(options);
        const expected = model(options);
        for (const [waitMs, verdict] of calls) {
          it.clock.advance(waitMs);
          const state = expected.call(verdict, it.clock.monotonicMs());
          const report = it.admit();
          report?.(verdict);
          await turn();
          expect(report === undefined ? 'refused' : it.breaker.state).toBe(state);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('whatever the order of concurrent calls, probes stay few and good ones close it in the end', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('call' as const) }),
    fc.record({ kind: fc.constant('end' as const), which: fc.nat(), verdict: someVerdict }),
    fc.record({ kind: fc.constant('wait' as const), ms: someWait }),
    fc.record({ kind: fc.constant('turn' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(someOptions, fc.array(step, { maxLength: 120 }), async (options, steps) => {
      const it = rig(options);
      const running: { readonly report: Report; readonly era: number }[] = [];
      let goodOf = { era: 0, times: 0 };
      const out = (): number => running.filter(({ era }) => era === it.changes.length).length;
      const isDecided = (): boolean =>
        goodOf.era === it.changes.length && goodOf.times === options.successThreshold;
      for (const at of steps) {
        if (at.kind === 'call') {
          const report = it.admit();
          if (report !== undefined) running.push({ report, era: it.changes.length });
          if (it.breaker.state === 'half-open' && !isDecided())
            expect(out()).toBeLessThanOrEqual(Math.min(options.halfOpenProbes, options.successThreshold));
        } else if (at.kind === 'end' && running.length > 0) {
          const [ended] = running.splice(at.which % running.length, 1);
          ended?.report(at.verdict);
          if (at.verdict === 'success' && ended !== undefined) {
            goodOf = { era: ended.era, times: goodOf.era === ended.era ? goodOf.times + 1 : 1 };
          }
        } else if (at.kind === 'wait') it.clock.advance(at.ms);
        else await turn();
      }
      for (const { report } of running) report('neutral');
      await turn();
      it.clock.advance(options.openMs);
      for (let probe = 0; probe < options.successThreshold; probe += 1) {
        it.admit()?.('success');
        await turn();
      }
      expect(it.breaker.state).toBe('closed');
    }),
    { numRuns: 100 },
  );
});
