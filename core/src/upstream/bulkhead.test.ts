import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CancelListener, Cancellation } from '../context/cancellation.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { nothingLeft, upstreamRig } from '../testing/upstream-rig.ts';
import { Bulkhead, type Worth } from './bulkhead.ts';
import { adaptiveLimit, fixedLimit } from './concurrency-limit.ts';

/** A cancellation that knows how many listen to it. */
class CountedCancellation extends Cancellation {
  readonly listeners = new Set<CancelListener>();

  override listen(listener: CancelListener): void {
    this.listeners.add(listener);
    super.listen(listener);
  }

  override unlisten(listener: CancelListener): void {
    this.listeners.delete(listener);
    super.unlisten(listener);
  }
}

interface Entry {
  readonly worth: Worth;
  readonly cancellation: CountedCancellation;
  state: 'waiting' | 'running' | 'refused' | 'left';
  error?: unknown;
}

interface Rig {
  readonly clock: ManualClock;
  readonly bulkhead: Bulkhead;
  enter(worth?: Worth, waitMs?: number): Entry;
  leave(entry: Entry | undefined): Promise<void>;
}

function rigOf(running = 64, queued = 64): Rig {
  const clock = manualClock();
  const bulkhead = new Bulkhead(fixedLimit(running), queued, clock);
  return {
    clock,
    bulkhead,
    enter(worth = 'required', waitMs = 100) {
      const entry: Entry = { worth, cancellation: new CountedCancellation(), state: 'waiting' };
      try {
        const waiting = bulkhead.enter(worth, waitMs, entry.cancellation);
        if (waiting === undefined) entry.state = 'running';
        waiting?.then(
          () => {
            entry.state = 'running';
          },
          (error: unknown) => {
            entry.state = 'refused';
            entry.error = error;
          },
        );
      } catch (error) {
        entry.state = 'refused';
        entry.error = error;
      }
      return entry;
    },
    async leave(entry) {
      if (entry?.state !== 'running') throw new Error('only what runs can leave');
      entry.state = 'left';
      bulkhead.leave();
      await settle();
    },
  };
}

/** Lets promises that were settled be heard. */
async function settle(): Promise<void> {
  for (let step = 0; step < 6; step += 1) await Promise.resolve();
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const statesOf = (entries: readonly Entry[]): string => entries.map(({ state }) => state[0]).join('');

describe('places', () => {
  test('are 64, and 64 more may wait; the next is refused at once', async () => {
    const rig = upstreamRig();
    for (let call = 0; call < 128; call += 1) await rig.start();
    expect(rig.sent).toHaveLength(64);
    expect(rig.upstream.status().bulkhead).toEqual({ running: 64, waiting: 64, limit: 64 });
    const refused = await rig.start();
    expect(refused.failure()).toMatchObject({
      code: 'upstream-busy',
      status: 503,
      options: { node: 'node', retryAfterMs: 1_000 },
    });
    expect(refused.fact()).toMatchObject({ outcome: 'upstream-busy', attempts: 0 });
    for (let call = 0; call < 128; call += 1) await rig.sent[call]?.answer();
    expect(rig.sent).toHaveLength(128);
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('are given back however the call ends', async () => {
    const rig = upstreamRig({ concurrency: { running: 1, queued: 0 }, retry: { attempts: 0 } });
    const ends = [
      () => rig.last().answer(),
      () => rig.last().answer({ status: 500 }),
      () => rig.last().answer({ body: 'no json' }),
      () => rig.last().fail(),
      () => rig.pass(900),
    ];
    for (const end of ends) {
      await rig.start();
      expect((await rig.start()).failure()?.code).toBe('upstream-busy');
      await end();
      expect(rig.leftovers()).toEqual(nothingLeft);
    }
  });

  test('take as many as configured', async () => {
    const { bulkhead, enter } = rigOf(2, 1);
    expect(statesOf(times(4, () => enter()))).toBe('rrwr');
    expect(bulkhead.status()).toEqual({ running: 2, waiting: 1, limit: 2 });
  });
});

describe('the queue', () => {
  test('is first come, first served among equals', async () => {
    const { enter, leave } = rigOf(1);
    for (const worth of ['required', 5] as const) {
      let running = enter(worth);
      const waiting = times(5, () => enter(worth));
      for (let turn = 0; turn < 5; turn += 1) {
        await leave(running);
        expect(statesOf(waiting)).toBe(`${'l'.repeat(turn)}r${'w'.repeat(4 - turn)}`);
        running = waiting[turn] ?? running;
      }
      await leave(running);
    }
  });

  test('lets required calls go first, then by value', async () => {
    const { enter, leave } = rigOf(1);
    const running = enter();
    const [low, high, required] = [enter(1), enter(10), enter()];
    await leave(running);
    expect(statesOf([low, high, required])).toBe('wwr');
    await leave(required);
    expect(statesOf([low, high, required])).toBe('wrl');
    await leave(high);
    expect(low.state).toBe('running');
  });

  test('drops what is worth least when it is full, for something worth more', async () => {
    const { enter, bulkhead } = rigOf(1, 3);
    enter();
    const [five, two, nine] = [enter(5), enter(2), enter(9)];
    const eight = enter(8);
    await settle();
    expect(statesOf([five, two, nine, eight])).toBe('wrww');
    expect(two.state).toBe('refused');
    expect(two.error).toMatchObject({ code: 'upstream-busy', options: { retryAfterMs: 1_000 } });
    const required = enter();
    await settle();
    expect(five.state).toBe('refused');
    expect(required.state).toBe('waiting');
    expect(bulkhead.status().waiting).toBe(3);
  });

  test('drops nothing for something worth the same or less', async () => {
    const { enter } = rigOf(1, 2);
    enter();
    const waiting = [enter(5), enter(5)];
    expect([enter(5).state, enter(1).state]).toEqual(['refused', 'refused']);
    await settle();
    expect(statesOf(waiting)).toBe('ww');
    const { enter: enterOther } = rigOf(1, 1);
    enterOther();
    enterOther();
    expect(enterOther().state).toBe('refused');
  });

  test('holds nobody longer than allowed', async () => {
    const { enter, clock, bulkhead } = rigOf(1);
    enter();
    const waiting = enter('required', 100);
    clock.advance(99);
    await settle();
    expect(waiting.state).toBe('waiting');
    clock.advance(1);
    await settle();
    expect(waiting).toMatchObject({
      state: 'refused',
      error: { code: 'upstream-busy', options: { retryAfterMs: 1_000 } },
    });
    expect(bulkhead.status().waiting).toBe(0);
  });

  test('holds a call for a quarter of its time', async () => {
    const rig = upstreamRig({ concurrency: { running: 1 } });
    await rig.start();
    const patient = await rig.start(); // a quarter of 900 ms
    const hasty = await rig.start({ timeoutMs: 100 });
    await rig.pass(25);
    expect(hasty.failure()?.code).toBe('upstream-busy');
    await rig.pass(199);
    expect(patient.outcome()).toBeUndefined();
    await rig.pass(1);
    expect(patient.failure()).toMatchObject({ code: 'upstream-busy', options: { retryAfterMs: 1_000 } });
    expect(patient.fact()).toMatchObject({ attempts: 0, durationMs: 225 });
    await rig.last().answer();
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('is left at once by who is cancelled, with the reason', async () => {
    const { enter, leave, bulkhead } = rigOf(1);
    const running = enter();
    const [first, second] = [enter(), enter()];
    const gone = new GatewayError('client-gone');
    first.cancellation.cancel(gone);
    await settle();
    expect(first).toMatchObject({ state: 'refused', error: gone });
    expect(bulkhead.status().waiting).toBe(1);
    await leave(running);
    expect(second.state).toBe('running');
  });

  test('is not entered by who was cancelled before', async () => {
    const { bulkhead, clock, enter } = rigOf(1);
    enter();
    const cancellation = new CountedCancellation();
    const gone = new GatewayError('client-gone');
    cancellation.cancel(gone);
    await expect(bulkhead.enter('required', 100, cancellation)).rejects.toBe(gone);
    expect(bulkhead.status().waiting).toBe(0);
    expect(clock.pending()).toBe(0);
  });
});

describe('optional calls', () => {
  test.each([
    [10, 64, 51],
    [5, 64, 41],
    [1, 64, 33],
    [10, 100, 80],
    [1, 100, 53],
    [10, 4, 3],
    [10, 1, 1],
    [1, 1, 1],
  ])('of value %i may use of %i places %i, required ones all', (value, places, share) => {
    const { enter, bulkhead } = rigOf(places, 0);
    const optional = times(places, () => enter(value));
    expect(optional.filter(({ state }) => state === 'running')).toHaveLength(share);
    const required = times(places, () => enter());
    expect(required.filter(({ state }) => state === 'running')).toHaveLength(places - share);
    expect(bulkhead.status().running).toBe(places);
  });

  test('wait until their share is free, though there are places', async () => {
    const { enter, leave } = rigOf(10);
    const running = times(9, () => enter());
    const optional = enter(10);
    const last = enter();
    expect([optional.state, last.state]).toEqual(['waiting', 'running']);
    await leave(running[0]);
    await leave(running[1]);
    expect(optional.state).toBe('waiting'); // 8 run
    await leave(running[2]);
    expect(optional.state).toBe('running');
  });
});

describe('places never leak', () => {
  const worth = fc.oneof(fc.constant('required' as const), fc.integer({ min: 1, max: 10 }));
  const step = fc.oneof(
    fc.record({ kind: fc.constant('enter' as const), worth, waitMs: fc.nat(50) }),
    fc.record({ kind: fc.constant('leave' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('cancel' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(30) }),
  );
  const size = fc.record({ running: fc.integer({ min: 1, max: 8 }), queued: fc.nat(8) });

  test('whatever comes, goes and is cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.array(step, { maxLength: 80 }), async ({ running, queued }, steps) => {
        const rig = rigOf(running, queued);
        const entries: Entry[] = [];
        const of = (state: Entry['state']): Entry[] => entries.filter((entry) => entry.state === state);
        const any = (state: Entry['state'], at: number): Entry | undefined =>
          of(state)[at % Math.max(1, of(state).length)];
        for (const taken of steps) {
          if (taken.kind === 'enter') entries.push(rig.enter(taken.worth, taken.waitMs));
          if (taken.kind === 'pass') rig.clock.advance(taken.ms);
          if (taken.kind === 'cancel')
            any('waiting', taken.at)?.cancellation.cancel(new GatewayError('client-gone'));
          const leaving = taken.kind === 'leave' ? any('running', taken.at) : undefined;
          if (leaving !== undefined) await rig.leave(leaving);
          await settle();
          const status = rig.bulkhead.status();
          expect(status.running).toBe(of('running').length);
          expect(status.waiting).toBe(of('waiting').length);
          expect(status.running).toBeLessThanOrEqual(running);
          expect(status.waiting).toBeLessThanOrEqual(queued);
          if (of('waiting').some((entry) => entry.worth === 'required')) expect(status.running).toBe(running);
        }
        rig.clock.advance(50);
        await settle();
        for (const entry of of('running')) await rig.leave(entry);
        expect(rig.bulkhead.status()).toEqual({ running: 0, waiting: 0, limit: running });
        expect(rig.clock.pending()).toBe(0);
        expect(entries.every(({ cancellation }) => cancellation.listeners.size === 0)).toBe(true);
      }),
    );
  });
});

test('a limit that grows lets the next ones in, one that shrinks nobody', async () => {
  const clock = manualClock();
  const bulkhead = new Bulkhead(adaptiveLimit({ min: 1, max: 2 }), 10, clock);
  const enter = () => bulkhead.enter('required', 1_000, new Cancellation());
  const slow = (count: number, ms: number): void => {
    for (let call = 0; call < count; call += 1) {
      void enter();
      bulkhead.leave(ms);
    }
  };
  slow(50, 10);
  slow(50, 1_000);
  expect(bulkhead.status().limit).toBe(1);
  slow(49, 10);
  void enter();
  const waiting = enter();
  expect(bulkhead.status()).toEqual({ running: 1, waiting: 1, limit: 1 });
  bulkhead.leave(10);
  await waiting;
  expect(bulkhead.status()).toEqual({ running: 1, waiting: 0, limit: 2 });
});
