import { expect, test } from 'vitest';
import type { RequestFact } from '../context/events.ts';
import { TopCallers } from './top-callers.ts';

const fact = (requestId: string): RequestFact => ({ requestId }) as RequestFact;

test('whoever really calls often is among the busiest, however many others there are', () => {
  const callers = new TopCallers();
  for (let turn = 0; turn < 1_000; turn += 1) {
    callers.note('often', fact('often'), 0);
    for (let other = 0; other < 20; other += 1) callers.note(`${turn} ${other}`, fact('once'), 0);
  }
  const [first] = callers.list(64, 0);
  expect(first).toMatchObject({ latest: { requestId: 'often' } });
  expect(first?.count).toBeGreaterThanOrEqual(1_000);
  expect(callers.list(10_000, 0)).toHaveLength(64);
});

test('callers are forgotten when they stay away for five minutes', () => {
  const callers = new TopCallers();
  callers.note('ada', fact('1'), 10);
  callers.note('ada', fact('2'), 160);
  expect(callers.list(5, 160)).toMatchObject([{ count: 2, latest: { requestId: '2' } }]);
  expect(callers.list(5, 460)).toEqual([]);
});
