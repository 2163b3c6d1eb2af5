import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { functionTargets, type ResolveTargets } from './discover-function.ts';
import type { Target, TargetList } from './target.ts';

function run(resolve: ResolveTargets, refreshMs?: number) {
  const clock = manualClock();
  const lists: (readonly Target[])[] = [];
  const problems: Error[] = [];
  const stop = functionTargets(resolve, refreshMs === undefined ? {} : { refreshMs }).start(
    (targets) => lists.push(targets),
    { clock, random: () => 0.5, onProblem: (error) => problems.push(error) },
  );
  return { clock, lists, problems, stop };
}

test('a function may answer at once or later, in every form of the configuration', async () => {
  const answers: readonly (TargetList | Promise<TargetList>)[] = [
    'http://a',
    Promise.resolve(['http://a', { url: 'http://b:2', weight: 3, version: 'v2' }]),
  ];
  let asked = 0;
  const { clock, lists } = run(() => {
    asked += 1;
    return answers[asked - 1] ?? [];
  });
  await turn();
  clock.advance(10_000);
  await turn();
  expect(lists).toEqual([
    [{ origin: 'http://a', weight: 1 }],
    [
      { origin: 'http://a', weight: 1 },
      { origin: 'http://b:2', weight: 3, version: 'v2' },
    ],
  ]);
});

test('an answer that is not valid or empty is told and leaves the last list in use', async () => {
  const answers: readonly TargetList[] = ['http://a', [], ['http://a', 'b'], 'http://c'];
  let asked = 0;
  const { clock, lists, problems } = run(() => {
    asked += 1;
    return answers[asked - 1] ?? [];
  }, 1_000);
  for (const _ of answers) {
    await turn();
    clock.advance(1_000);
  }
  expect(lists.map(([target]) => target?.origin)).toEqual(['http://a', 'http://c']);
  expect(problems.slice(0, 2)).toEqual([
    new RangeError('functionTargets: targets must be from 1 to 1000 addresses, got 0'),
    new RangeError("functionTargets: targets[1] must be an origin such as http://host:8080, got 'b'"),
  ]);
});

test('a function that throws is told, and asked again', async () => {
  let asked = 0;
  const { clock, problems, stop } = run(() => {
    asked += 1;
    throw new Error('registry down');
  });
  await turn();
  clock.advance(1_000);
  await turn();
  expect([asked, problems.map(({ message }) => message)]).toEqual([2, ['registry down', 'registry down']]);
  stop();
  expect(clock.pending()).toBe(0);
});

test.each([99, 3_600_001, Number.NaN])('refreshMs of %d refuses to start', (refreshMs) => {
  expect(() => functionTargets(() => 'http://a', { refreshMs })).toThrow(
    new RangeError(`functionTargets: refreshMs must be a number from 100 to 3600000, got ${refreshMs}`),
  );
});
