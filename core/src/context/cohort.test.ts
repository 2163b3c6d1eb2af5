import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cohort } from './cohort.ts';

test('what comes in one turn is done in the next phase, in the order in which it came', async () => {
  const done: number[] = [];
  const add = cohort((item: number) => void done.push(item));
  for (const item of [1, 2, 3]) add(item);
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual([1, 2, 3]);
});

test('what comes of it is done a turn later, so that nothing starves', async () => {
  const done: number[] = [];
  const add = cohort((item: number) => {
    done.push(item);
    if (item < 3) add(item + 1);
  });
  add(1);
  await turn();
  expect(done).toEqual([1]);
  await turn();
  await turn();
  expect(done).toEqual([1, 2, 3]);
});
