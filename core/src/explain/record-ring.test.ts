import { expect, test } from 'vitest';
import type { DecisionRecord } from './decision-record.ts';
import { recordRing } from './record-ring.ts';

const record = (requestId: string, status = 200): DecisionRecord =>
  ({ requestId, status }) as Partial<DecisionRecord> as DecisionRecord;

test('keeps the last ones, newest first', () => {
  const ring = recordRing(3);
  for (const id of ['a', 'b', 'c', 'd']) ring.add(record(id));
  expect(ring.all().map(({ requestId }) => requestId)).toEqual(['d', 'c', 'b']);
  expect(ring.of('a')).toBeUndefined();
  expect(ring.of('c')?.requestId).toBe('c');
});

test('the same id again replaces the old record and is the newest', () => {
  const ring = recordRing(2);
  for (const each of [record('a'), record('b'), record('a', 500), record('c')]) ring.add(each);
  expect(ring.all().map(({ requestId, status }) => [requestId, status])).toEqual([
    ['c', 200],
    ['a', 500],
  ]);
});

test.each([0, 10_001, 1.5])('refuses to keep %s', (keep) => {
  expect(() => recordRing(keep)).toThrow(RangeError);
});
