import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldWeights, weighAnswer } from './field-weights.ts';

const of = (value: unknown) =>
  Object.fromEntries(
    fieldWeights(JSON.stringify(value)).map(({ field, count, bytes }) => [field, [count, bytes]]),
  );

test.each<[unknown, Record<string, [number, number]>]>([
  [
    { id: 'a', n: 12 },
    { id: [1, 9], n: [1, 7] },
  ],
  [{ items: [{ id: 1 }, { id: 22 }] }, { 'items.id': [2, 15], items: [0, 9] }],
  [{ tags: ['a', 'bb', null] }, { tags: [3, 19] }],
  [
    { a: {}, b: [] },
    { a: [0, 5], b: [0, 5] },
  ],
  [[[{ x: true }]], { x: [1, 9] }],
  [{ ü: 'ü' }, { ü: [1, 10] }],
  ['text', { '*': [1, 6] }],
  [null, { '*': [1, 4] }],
])('the weight of the fields of %j', (value, expected) => {
  expect(of(value)).toEqual(expected);
});

test('the heaviest field comes first, with its share', () => {
  const [first, second] = fieldWeights('{"a":1,"b":"0123456789"}');
  expect(first).toEqual({ field: 'b', count: 1, bytes: 17, share: 17 / 24 });
  expect(second).toMatchObject({ field: 'a' });
});

test('the fields together never weigh more than the answer and a comma', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const body = JSON.stringify(value);
      const sum = fieldWeights(body).reduce((total, { bytes }) => total + bytes, 0);
      expect(sum).toBeLessThanOrEqual(Buffer.byteLength(body));
    }),
  );
});

test('a field saves little when it compresses well', async () => {
  const items = Array.from({ length: 100 }, (_, index) => ({
    same: 'the same long text for everybody',
    different: ((index * 2_654_435_761) % 4_294_967_296).toString(36),
  }));
  const { bytes, compressedBytes, fields } = await weighAnswer(JSON.stringify({ items, tags: ['a', 'b'] }));
  const weightOf = (name: string) => fields.find(({ field }) => field === name);
  expect(compressedBytes).toBeLessThan(bytes / 3);
  expect(weightOf('items.same')?.share).toBeGreaterThan(0.5);
  expect(weightOf('items.same')?.compressedBytes).toBeLessThan(
    weightOf('items.different')?.compressedBytes ?? 0,
  );
  expect(weightOf('tags')?.compressedBytes).toBeGreaterThan(0);
});

test('an answer that is one value is weighed too', async () => {
  expect(await weighAnswer('"text"')).toMatchObject({ bytes: 6, fields: [{ field: '*', share: 1 }] });
});
