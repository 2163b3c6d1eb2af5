import { expect, test } from 'vitest';
import { z } from 'zod';
import type { OverBudgetFact } from '../context/events.ts';
import { anyone } from '../identity/access.ts';
import { requireBudget, testBff } from '../testing/index.ts';
import { endpoint } from './endpoint.ts';

const options = { summary: 'X.', access: anyone(), deadlineMs: 1_000 };
const text = (bytes: number, body: string) =>
  endpoint('GET', '/x/:id', { ...options, budget: { bytes } }).handle(
    z.object({ text: z.string() }),
    async () => ({
      text: body,
    }),
  );

/** The facts of one answer, whose body is 11 bytes longer than `body`. */
async function answered(bytes: number, body: string) {
  const bff = testBff([text(bytes, body)], {});
  const facts: OverBudgetFact[] = [];
  bff.events.on('overBudget', (fact) => facts.push(fact));
  const answer = await bff.app.request('/x/1');
  return {
    status: answer.status,
    size: (await answer.arrayBuffer()).byteLength,
    facts,
    metrics: await bff.metrics.text(),
  };
}

test('an answer over its budget goes out, and is told and counted by its route', async () => {
  const { status, size, facts, metrics } = await answered(20, 'abcdefghij');
  expect([status, size]).toEqual([200, 21]);
  expect(facts).toEqual([{ bff: 'test', method: 'GET', route: '/x/:id', bytes: 21, max: 20 }]);
  expect(metrics).toMatch(/bff_over_budget_answers_total\{method="GET",route="\/x\/:id",bff="test"\} 1/);
});

test.each([
  ['of exactly its budget', 21, 'abcdefghij', 0],
  ['far below it', 1_000, 'a', 0],
  ['over it because of what its characters weigh', 21, 'äbcdefghij', 1],
])('an answer %s', async (_what, bytes, body, facts) => {
  expect((await answered(bytes, body)).facts).toHaveLength(facts);
});

test.each<[object, RegExp]>([
  [{ bytes: 0 }, /GET \/x\/:id: budget.bytes must be .*got 0/],
  [{ bytes: 1.5 }, /budget.bytes/],
  [{ bytes: 20_000_000 }, /budget.bytes/],
  [{ byte: 100 }, /budget.*byte/],
])('the budget %j refuses to boot', (budget, message) => {
  const declared = { ...text(1, ''), options: { ...text(1, '').options, budget: budget as never } };
  expect(() => testBff([declared], {})).toThrow(RangeError);
  expect(() => testBff([declared], {})).toThrow(message);
});

test('an answer that an endpoint writes itself has no budget', () => {
  const page = endpoint('GET', '/x', { ...options, budget: { bytes: 100 } }).answer(() => ({ status: 200 }));
  expect(() => testBff([page], {})).toThrow(/GET \/x: budget is for JSON answers only/);
});

test('the graph says what an answer may weigh, and whether fields can be selected', () => {
  const plain = endpoint('GET', '/y', { ...options, fields: true }).handle(z.object({}), async () => ({}));
  const { graph } = testBff([text(100, ''), plain], {});
  expect(graph.endpoints).toMatchObject([{ budget: { bytes: 100 } }, { fields: true }]);
  expect(graph.endpoints[0]).not.toHaveProperty('fields');
  expect(graph.endpoints[1]).not.toHaveProperty('budget');
});

test('a test of an answer over its budget fails with its heaviest fields', () => {
  const body = JSON.stringify({
    text: 'abc',
    items: [
      { id: 1, url: '/a/long/way' },
      { id: 2, url: '/a/long/road' },
    ],
  });
  expect(() => requireBudget(text(40, ''), body)).toThrow(
    `GET /x/:id weighs ${body.length} bytes, ${body.length - 40} over its budget of 40; the heaviest fields:
  items.url: 41 bytes, 49 %
  items.id: 14 bytes, 17 %
  text: 13 bytes, 16 %
  items: 9 bytes, 11 %`,
  );
  expect(() => requireBudget(text(body.length, ''), body)).not.toThrow();
});

test('a test of an answer without a budget fails', () => {
  const none = endpoint('GET', '/y', options).handle(z.object({}), async () => ({}));
  expect(() => requireBudget(none, '{}')).toThrow('GET /y has no budget');
});
