import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type ProblemCode, problemCodes } from '../problem/codes.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import {
  type Breaker,
  type BreakerOptions,
  breaker,
  defaultBreaker,
  type Verdict,
  verdictOf,
} from './resilience.ts';

interface Rig {
  readonly clock: ManualClock;
  readonly breaker: Breaker;
  /** Changes of state, such as `closed>open`. */
  readonly changes: string[];
}

function rig(options: BreakerOptions = {}): Rig {
  const clock = manualClock();
  const changes: string[] = [];
  const made = breaker({ ...defaultBreaker, ...options }, clock, (from, to) => changes.push(`${from}>${to}`));
  return { clock, breaker: made, changes };
}

const verdicts: Readonly<Record<string, Verdict>> = { F: 'failure', S: 'success', n: 'neutral' };

/** Makes one call after the other: `F` fails, `S` succeeds, `n` says nothing. */
async function play({ breaker }: Rig, calls: string): Promise<void> {
  for (const call of calls) {
    breaker.admit()(verdicts[call] ?? 'neutral');
    await turn(); // cockatiel counts in microtasks
  }
}

/** A breaker that opened and rested: the next call is a probe. */
async function rested(options: BreakerOptions = {}): Promise<Rig> {
  const made = rig(options);
  await play(made, 'FFFFF');
  made.clock.advance(options.openMs ?? 30_000);
  return made;
}

function refusalOf(breaker: Breaker): GatewayError {
  try {
    breaker.admit();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('the call was let through');
}

describe('a closed breaker', () => {
  test('opens at the fifth failure in a row, not before', async () => {
    const it = rig();
    await play(it, 'FFFF');
    expect(it.breaker.state).toBe('closed');
    await play(it, 'F');
    expect(it.breaker.state).toBe('open');
  });

  test('opens when more than half of the last 10 failed, though never 5 in a row', async () => {
    const it = rig();
    await play(it, 'FFSFFSFFS');
    expect(it.breaker.state).toBe('closed');
    await play(it, 'S');
    expect(it.breaker.state).toBe('closed'); // 6 of 10 at a success: counted at the next failure
    await play(it, 'F');
    expect(it.breaker.state).toBe('open');
  });

  test('stays closed at exactly half of the last 10, for ever', async () => {
    const it = rig();
    await play(it, 'FS'.repeat(50));
    expect(it.changes).toEqual([]);
  });

  test('judges no share before it has 10 calls', async () => {
    const it = rig();
    await play(it, 'FFFFSFFFF');
    expect(it.breaker.state).toBe('closed');
    await play(it, 'F');
    expect(it.breaker.state).toBe('open');
  });

  test('asks both rules every time: a success ends the row and stays in the share', async () => {
    const it = rig();
    await play(it, 'FFFFSFFFFS');
    expect(it.breaker.state).toBe('closed');
    await play(it, 'F');
    expect(it.breaker.state).toBe('open'); // by the share: 8 of the last 10, 1 in a row
  });

  test('is not moved by neutral outcomes: they neither count nor end a row', async () => {
    const it = rig();
    await play(it, `${'n'.repeat(100)}FFnFFn`);
    expect(it.breaker.state).toBe('closed');
    await play(it, 'F');
    expect(it.breaker.state).toBe('open');
  });

  test('keeps to its own settings', async () => {
    const it = rig({ failureThreshold: 2, failureRateThreshold: 0.25, windowSize: 4 });
    await play(it, 'SSSF');
    expect(it.breaker.state).toBe('closed'); // 1 of 4 is not more than a quarter
    await play(it, 'SF');
    expect(it.breaker.state).toBe('open');
    const other = rig({ failureThreshold: 2 });
    await play(other, 'FF');
    expect(other.breaker.state).toBe('open');
  });
});

describe('an open breaker', () => {
  test('refuses every call for 30 s', async () => {
    const it = rig();
    await play(it, 'FFFFF');
    it.clock.advance(29_999);
    expect(refusalOf(it.breaker).code).toBe('circuit-open');
    it.clock.advance(1);
    it.breaker.admit();
    expect(it.breaker.state).toBe('half-open');
  });

  test('says how long it still rests: less as time passes, never under a second', async () => {
    const it = rig();
    await play(it, 'FFFFF');
    const waits = [0, 10_000, 19_000, 999].map((stepMs) => {
      it.clock.advance(stepMs);
      return refusalOf(it.breaker).options.retryAfterMs;
    });
    expect(waits).toEqual([30_000, 20_000, 1_000, 1_000]);
  });

  test('rests its time by the monotonic clock, whatever the date of the machine', async () => {
    const it = rig();
    await play(it, 'FFFFF');
    it.clock.setWall(it.clock.wallMs() + 86_400_000);
    expect(refusalOf(it.breaker).code).toBe('circuit-open');
  });

  test('does not hear of calls that were under way when it opened', async () => {
    const it = rig();
    const early = Array.from({ length: 20 }, () => it.breaker.admit());
    await play(it, 'FFFFF');
    for (const report of early) report('failure');
    await turn();
    it.clock.advance(30_000);
    await play(it, 'SSS');
    expect(it.changes).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
  });
});

describe('a half-open breaker', () => {
  test('lets three of a herd of 100 through and refuses the others on the spot', async () => {
    const it = await rested();
    const admitted: ((verdict: Verdict) => void)[] = [];
    const refused: GatewayError[] = [];
    for (let caller = 0; caller < 100; caller += 1) {
      try {
        admitted.push(it.breaker.admit());
      } catch (error) {
        refused.push(GatewayError.from(error));
      }
    }
    expect([admitted.length, refused.length]).toEqual([3, 97]);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['circuit-open']));
    for (const report of admitted) report('success');
    await turn();
    expect(it.changes).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
  });

  test('closes after three successes, one after the other or at once', async () => {
    const it = await rested({ halfOpenProbes: 1 });
    await play(it, 'SS');
    expect(it.breaker.state).toBe('half-open');
    await play(it, 'S');
    expect(it.breaker.state).toBe('closed');
  });

  test('lets no more probes through than it still needs successes', async () => {
    const it = await rested({ halfOpenProbes: 10, successThreshold: 2 });
    it.breaker.admit();
    it.breaker.admit();
    expect(refusalOf(it.breaker).code).toBe('circuit-open');
  });

  test('opens again for its whole time when a probe fails', async () => {
    const it = await rested();
    await play(it, 'SSF');
    expect(it.changes).toEqual(['closed>open', 'open>half-open', 'half-open>open']);
    it.clock.advance(29_999);
    expect(refusalOf(it.breaker).options.retryAfterMs).toBe(1_000);
    it.clock.advance(1);
    await play(it, 'SSS');
    expect(it.breaker.state).toBe('closed');
  });

  test('a neutral outcome neither closes nor opens it', async () => {
    const it = await rested();
    await play(it, 'nnnnnSnSn');
    expect(it.breaker.state).toBe('half-open');
    await play(it, 'S');
    expect(it.breaker.state).toBe('closed');
  });

  test('a neutral outcome gives its place to the next caller', async () => {
    const it = await rested({ halfOpenProbes: 1 });
    const report = it.breaker.admit();
    expect(refusalOf(it.breaker).code).toBe('circuit-open');
    report('neutral');
    it.breaker.admit()('failure'); // the place is free in the same tick
    await turn();
    expect(it.breaker.state).toBe('open');
  });

  test('a place that was freed before it opened again is forgotten', async () => {
    const it = await rested();
    const [first, second] = [it.breaker.admit(), it.breaker.admit()];
    first('neutral');
    second('failure');
    await turn();
    it.clock.advance(30_000);
    await play(it, 'SSS');
    expect(it.breaker.state).toBe('closed');
  });

  test('a probe that comes back after another one decided is not heard', async () => {
    const it = await rested();
    const [first, second, third] = [it.breaker.admit(), it.breaker.admit(), it.breaker.admit()];
    first('failure');
    await turn();
    second('success');
    it.clock.advance(30_000);
    await play(it, 'SS');
    third('failure');
    await turn();
    expect(it.breaker.state).toBe('half-open');
    await play(it, 'S');
    expect(it.breaker.state).toBe('closed');
  });

  test('a call from before the opening does not open it again', async () => {
    const it = rig({ openMs: 1_000 });
    const slow = it.breaker.admit();
    await play(it, 'FFFFF');
    it.clock.advance(1_000);
    const probe = it.breaker.admit();
    slow('failure'); // it timed out long after the others
    await turn();
    expect(it.breaker.state).toBe('half-open');
    probe('success');
    await play(it, 'SS');
    expect(it.breaker.state).toBe('closed');
  });

  test('once the last probe succeeded, everybody gets in, in the same tick too', async () => {
    const it = await rested({ halfOpenProbes: 1, successThreshold: 1 });
    it.breaker.admit()('success');
    const next = it.breaker.admit(); // a plan starts its next call one microtask after the last
    next('success');
    await turn();
    expect(it.changes).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
    await play(it, 'FFFFF');
    expect(it.breaker.state).toBe('open');
  });

  test('once a probe failed, nobody else gets in, in the same tick either', async () => {
    const it = await rested({ halfOpenProbes: 1, successThreshold: 1 });
    it.breaker.admit()('failure');
    expect(refusalOf(it.breaker).code).toBe('circuit-open');
    await turn();
    expect(it.breaker.state).toBe('open');
  });
});

test('after closing it starts from nothing', async () => {
  const it = await rested();
  const slow = it.breaker.admit();
  await play(it, 'SS');
  slow('success');
  await turn();
  await play(it, 'FFFF');
  expect(it.breaker.state).toBe('closed');
  await play(it, 'F');
  expect(it.breaker.state).toBe('open');
});

test('reports every change, in order', async () => {
  const it = await rested();
  await play(it, 'F');
  it.clock.advance(30_000);
  await play(it, 'SSS');
  expect(it.changes).toEqual([
    'closed>open',
    'open>half-open',
    'half-open>open',
    'open>half-open',
    'half-open>closed',
  ]);
});

describe('what a failure says about the service', () => {
  const expected: Readonly<Partial<Record<ProblemCode, Verdict>>> = {
    'upstream-error': 'failure',
    'upstream-timeout': 'failure',
    'upstream-unreachable': 'failure',
    'upstream-broken-answer': 'failure',
    'upstream-bad-answer': 'success',
    'validation-failed': 'success', // a 400 the operation passes
    'upstream-rejected': 'success',
    'upstream-busy': 'success',
    'not-found': 'success',
    conflict: 'success',
    unprocessable: 'success',
  };

  test.each(Object.keys(problemCodes) as ProblemCode[])('%s', (code) => {
    expect(verdictOf(new GatewayError(code))).toBe(expected[code] ?? 'neutral');
  });
});
