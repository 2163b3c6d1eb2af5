import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { LastGood, lastGoodKey } from './last-good.ts';

test('an answer stands in until it is too old', () => {
  const clock = manualClock();
  const answers = new LastGood(clock);
  answers.keep('key', { id: '1' });
  clock.advance(1_000);
  expect(answers.find('key', 1_000)?.value).toEqual({ id: '1' });
  clock.advance(1);
  expect(answers.find('key', 1_000)).toBeUndefined();
});

test('what is kept cannot be changed any more, at any depth', () => {
  const answers = new LastGood(manualClock());
  const value = { items: [{ id: '1' }] };
  answers.keep('key', value);
  expect(() => value.items.push({ id: '2' })).toThrow(TypeError);
  expect(() => Object.assign(value.items[0] ?? {}, { id: '2' })).toThrow(TypeError);
});

test('memory is bounded: the least recently used answers go first, and giants are not kept', () => {
  const answers = new LastGood(manualClock());
  const large = 'x'.repeat(250 * 1_024);
  for (let index = 0; index < 100; index += 1) answers.keep(`key ${index}`, large);
  expect(answers.find('key 0', 1)).toBeUndefined();
  expect(answers.find('key 99', 1)?.value).toBe(large);
  answers.keep('giant', 'x'.repeat(300 * 1_024));
  expect(answers.find('giant', 1)).toBeUndefined();
});

test('keys of different callers, places and requests never meet', () => {
  const keys = [
    lastGoodKey('user:a', 'b:c', {}),
    lastGoodKey('user:a:b', 'c', {}),
    lastGoodKey('user:a', 'b:c', { query: { page: 1 } }),
  ];
  expect(new Set(keys).size).toBe(3);
});
