import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { fileTargets } from './discover-file.ts';
import type { Target } from './target.ts';
import type { FileAccess } from './watch-file.ts';

function run(first: string) {
  let text = first;
  let stopped = false;
  const files: FileAccess = {
    stamp: () => Promise.resolve(text),
    read: () => Promise.resolve(text),
    watch: () => () => {
      stopped = true;
    },
  };
  const clock = manualClock();
  const lists: (readonly Target[])[] = [];
  const problems: Error[] = [];
  const stop = fileTargets('/etc/orders.json', { files }).start((targets) => lists.push(targets), {
    clock,
    random: () => 0.5,
    onProblem: (error) => problems.push(error),
  });
  const write = async (next: string): Promise<void> => {
    text = next;
    clock.advance(5_000);
    await turn();
  };
  return { clock, lists, problems, write, stop, stopped: () => stopped };
}

test('the file is a list in the forms of the configuration, and its changes are followed', async () => {
  const { lists, write } = run('["http://a", {"url": "http://b", "weight": 2, "version": "v2"}]');
  await turn();
  await write('["http://c"]');
  expect(lists).toEqual([
    [
      { origin: 'http://a', weight: 1 },
      { origin: 'http://b', weight: 2, version: 'v2' },
    ],
    [{ origin: 'http://c', weight: 1 }],
  ]);
});

test('a file that is refused leaves the last list in use, and is told', async () => {
  const { lists, problems, write } = run('["http://a"]');
  await turn();
  for (const bad of ['["http://a",', '[]', '["b"]', 'null']) await write(bad);
  expect(lists).toEqual([[{ origin: 'http://a', weight: 1 }]]);
  expect(problems.map(({ message }) => message)).toEqual([
    'fileTargets: /etc/orders.json is not JSON',
    'fileTargets: /etc/orders.json: targets must be from 1 to 1000 addresses, got 0',
    "fileTargets: /etc/orders.json: targets[0] must be an origin such as http://host:8080, got 'b'",
    "fileTargets: /etc/orders.json: target must be an origin such as http://host:8080, got 'null'",
  ]);
  expect(problems[0]?.cause).toBeInstanceOf(SyntaxError);
});

test('the same targets written differently are no change', async () => {
  const { lists, write } = run('["http://a"]');
  await turn();
  await write('[ { "url": "http://a:80/" } ]');
  expect(lists).toHaveLength(1);
});

test('stop ends watching and looking', async () => {
  const { clock, lists, write, stop, stopped } = run('["http://a"]');
  await turn();
  stop();
  await write('["http://b"]');
  expect([stopped(), clock.pending(), lists.length]).toEqual([true, 0, 1]);
});

test.each([99, 3_600_001])('pollMs of %d refuses to start', (pollMs) => {
  expect(() => fileTargets('/x', { pollMs })).toThrow(
    new RangeError(`fileTargets: pollMs must be a number from 100 to 3600000, got ${pollMs}`),
  );
});
