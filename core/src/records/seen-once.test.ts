import { expect, test, vi } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { memoryRecords } from './memory-records.ts';
import { seenOnce } from './seen-once.ts';

test('an id is seen for the first time once, until its time is over', async () => {
  const clock = manualClock();
  const isFirst = seenOnce(memoryRecords({ clock }), 'proof');
  expect(await isFirst('a', 1_000)).toBe(true);
  expect(await isFirst('a', 1_000)).toBe(false);
  expect(await isFirst('b', 1_000)).toBe(true);
  clock.advance(1_000);
  expect(await isFirst('a', 1_000)).toBe(true);
});

test('the same id of another kind is another one', async () => {
  const records = memoryRecords();
  expect(await seenOnce(records, 'proof')('a', 1_000)).toBe(true);
  expect(await seenOnce(records, 'token')('a', 1_000)).toBe(true);
});

test('no id is in a key in clear, whatever is in it', async () => {
  const records = memoryRecords();
  const set = vi.spyOn(records, 'set');
  await seenOnce(records, 'proof')('} secret {', 1_000);
  expect(set.mock.calls.map(([key]) => key)).toEqual([expect.stringMatching(/^proof:\{[\w-]{43}\}$/)]);
});
