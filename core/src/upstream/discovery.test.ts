import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { type Discovery, joinTargets, refreshedTargets, staticTargets } from './discovery.ts';
import type { Target } from './target.ts';

const target = (name: string, version?: string): Target => ({
  origin: `http://${name}`,
  weight: 1,
  ...(version === undefined ? {} : { version }),
});
const [a, b, c] = [target('a'), target('b'), target('c')] as const;

interface Running {
  readonly clock: ManualClock;
  /** Every list that was handed over. */
  readonly lists: (readonly Target[])[];
  readonly problems: string[];
  stop(): void;
}

function run(discovery: Discovery): Running {
  const clock = manualClock();
  const lists: (readonly Target[])[] = [];
  const problems: string[] = [];
  const stop = discovery.start((targets) => lists.push(targets), {
    clock,
    random: () => 0.5,
    onProblem: ({ message }) => problems.push(message),
  });
  return { clock, lists, problems, stop };
}

test('a static list is there at once, and only once', () => {
  const { lists, clock, stop } = run(staticTargets([a, b]));
  expect(lists).toEqual([[a, b]]);
  expect(clock.pending()).toBe(0);
  stop();
});

describe('a refreshed list', () => {
  /** Loads what `answers` says, one entry per load. */
  const scripted = (...answers: readonly (readonly Target[] | Error)[]) => {
    let loads = 0;
    const discovery = refreshedTargets(() => {
      const answer = answers[Math.min(loads, answers.length - 1)] ?? [];
      loads += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    }, 10_000);
    return { discovery, loads: () => loads };
  };

  test('is loaded at once, and again every interval', async () => {
    const { discovery, loads } = scripted([a], [a, b]);
    const { clock, lists } = run(discovery);
    await turn();
    expect(lists).toEqual([[a]]);
    clock.advance(9_999);
    expect(loads()).toBe(1);
    clock.advance(1);
    await turn();
    expect(lists).toEqual([[a], [a, b]]);
  });

  test('is handed over only when it changed', async () => {
    const { discovery, loads } = scripted([a], [{ ...a }], [b]);
    const { clock, lists } = run(discovery);
    await turn();
    clock.advance(10_000);
    await turn();
    expect([loads(), lists]).toEqual([2, [[a]]]);
    clock.advance(10_000);
    await turn();
    expect(lists).toEqual([[a], [b]]);
  });

  test('stays in use when a load fails; the failure is told and the next load comes as always', async () => {
    const { discovery } = scripted([a], new Error('no server'), [a, b]);
    const { clock, lists, problems } = run(discovery);
    await turn();
    clock.advance(10_000);
    await turn();
    expect([lists, problems]).toEqual([[[a]], ['no server']]);
    clock.advance(10_000);
    await turn();
    expect(lists).toEqual([[a], [a, b]]);
  });

  test('is tried every second until there is a first one', async () => {
    const { discovery, loads } = scripted(new Error('no server'), new Error('no server'), [a]);
    const { clock, lists, problems } = run(discovery);
    await turn();
    clock.advance(1_000);
    await turn();
    clock.advance(1_000);
    await turn();
    expect([lists, problems]).toEqual([[[a]], ['no server', 'no server']]);
    clock.advance(9_000);
    expect(loads()).toBe(3);
  });

  test('a load that throws is one that fails', async () => {
    const { lists, problems } = run(
      refreshedTargets(() => {
        throw new TypeError('no such host');
      }, 10_000),
    );
    await turn();
    expect([lists, problems]).toEqual([[], ['no such host']]);
  });

  test('what is thrown without being an error is told as one', async () => {
    const { problems } = run(refreshedTargets(() => Promise.reject('no'), 10_000));
    await turn();
    expect(problems).toEqual(['no']);
  });

  test('a load that hangs is given up after 10 s; what it says later is not believed', async () => {
    const late = Promise.withResolvers<readonly Target[]>();
    const signals: AbortSignal[] = [];
    const { clock, lists, problems } = run(
      refreshedTargets((signal) => {
        signals.push(signal);
        return signals.length === 1 ? late.promise : Promise.resolve([b]);
      }, 60_000),
    );
    clock.advance(10_000);
    await turn();
    expect(problems).toEqual(['no list of targets within 10000 ms']);
    expect(signals[0]?.aborted).toBe(true);
    late.resolve([a]);
    await turn();
    expect(lists).toEqual([]);
    clock.advance(1_000);
    await turn();
    expect(lists).toEqual([[b]]);
  });

  test('stopped between loads leaves no timer', async () => {
    const { discovery, loads } = scripted([a]);
    const { clock, stop } = run(discovery);
    await turn();
    stop();
    clock.advance(60_000);
    expect([clock.pending(), loads()]).toEqual([0, 1]);
  });

  test('stopped during a load says nothing any more', async () => {
    let aborted = false;
    const late = Promise.withResolvers<readonly Target[]>();
    const { clock, lists, problems, stop } = run(
      refreshedTargets((signal) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          late.reject(signal.reason);
        });
        return late.promise;
      }, 10_000),
    );
    stop();
    await turn();
    expect([aborted, lists, problems, clock.pending()]).toEqual([true, [], [], 0]);
  });

  test('stopped by who hears of a list leaves no timer', async () => {
    const clock = manualClock();
    const { discovery } = scripted([a]);
    const stop = discovery.start(() => stop(), { clock, random: () => 0, onProblem: () => {} });
    await turn();
    expect(clock.pending()).toBe(0);
  });

  test('can be started twice, each for itself', async () => {
    const { discovery } = scripted([a]);
    const [first, second] = [run(discovery), run(discovery)];
    await turn();
    first.stop();
    expect([first.lists, second.lists, second.clock.pending()]).toEqual([[[a]], [[a]], 1]);
  });
});

describe('joined sources', () => {
  /** A source that hands over what the test says. */
  const manual = () => {
    let hand: (targets: readonly Target[]) => void = () => {};
    let stopped = false;
    const discovery: Discovery = {
      start(onTargets) {
        hand = onTargets;
        return () => {
          stopped = true;
        };
      },
    };
    return { discovery, hand: (...targets: readonly Target[]) => hand(targets), stopped: () => stopped };
  };

  test('are one list, of what is known so far', () => {
    const [first, second] = [manual(), manual()];
    const { lists } = run(joinTargets(first.discovery, second.discovery));
    second.hand(c);
    first.hand(a, b);
    second.hand(target('d'));
    expect(lists).toEqual([[c], [a, b, c], [a, b, target('d')]]);
  });

  test('name an origin once: the first source decides its version', () => {
    const { lists } = run(
      joinTargets(staticTargets([target('a', 'v1')]), staticTargets([target('a', 'v2'), b])),
    );
    expect(lists.at(-1)).toEqual([target('a', 'v1'), b]);
  });

  test('have at most 1000 targets together; a list too many is told and not used', () => {
    const many = Array.from({ length: 600 }, (_, index) => target(`many${index}`));
    const more = Array.from({ length: 401 }, (_, index) => target(`more${index}`));
    const { lists, problems } = run(joinTargets(staticTargets(many), staticTargets(more)));
    expect(lists).toEqual([many]);
    expect(problems).toEqual(['targets must be from 1 to 1000 addresses, got 1001']);
  });

  test('stop together', () => {
    const [first, second] = [manual(), manual()];
    run(joinTargets(first.discovery, second.discovery)).stop();
    expect([first.stopped(), second.stopped()]).toEqual([true, true]);
  });
});
