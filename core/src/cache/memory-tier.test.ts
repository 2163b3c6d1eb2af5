import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import type { Entry } from './entry.ts';
import { MemoryTier } from './memory-tier.ts';
import { Purges } from './purges.ts';
import { settleValue } from './settle-value.ts';

const entryOf = (value: unknown, askedMs = 0, tags: readonly string[] = []): Entry => ({
  value,
  bytes: settleValue(value) ?? 0,
  headers: [],
  tags,
  askedMs,
  terms: {
    isStorable: true,
    freshMs: 1_000,
    swrMs: 0,
    staleIfErrorMs: 0,
    etag: undefined,
    lastModified: undefined,
  },
});
const place = (key: string) => ({ key, scope: 'public' as const, tags: [] });

function tier(maxBytes = 65_536, maxEntryBytes = 32_768) {
  const clock = manualClock();
  const purges = new Purges(clock);
  return { clock, purges, memory: new MemoryTier({ clock, purges, maxBytes, maxEntryBytes }) };
}

test('memory is bounded in bytes: what was used longest ago goes first, and giants are not kept', () => {
  const { memory } = tier();
  for (let index = 0; index < 100; index += 1) {
    memory.keep(place(`${index}`), entryOf('x'.repeat(5_000)));
    memory.find(place('0'));
    expect(memory.bytes).toBeLessThanOrEqual(65_536);
  }
  expect(
    [memory.find(place('0')).entry, memory.find(place('1')).entry].map((entry) => entry !== undefined),
  ).toEqual([true, false]);
  memory.keep(place('giant'), entryOf('x'.repeat(20_000)));
  expect(memory.find(place('giant')).entry).toBeUndefined();
});

test('what is over is gone, and what was purged never came', () => {
  const { clock, purges, memory } = tier();
  memory.keep(place('a'), entryOf('a'));
  clock.advance(1_001);
  expect(memory.find(place('a')).entry).toBeUndefined();
  purges.purge('tag');
  memory.keep(place('b'), entryOf('b', clock.monotonicMs(), ['tag']));
  expect(memory.find(place('b')).entry).toBeUndefined();
  clock.advance(1);
  memory.keep(place('b'), entryOf('b', clock.monotonicMs(), ['tag']));
  expect(memory.find(place('b')).entry?.value).toBe('b');
  purges.purgeAll();
  expect(memory.find(place('b')).entry).toBeUndefined();
});

test('forgetting that a tag was purged brings nothing back', () => {
  const { clock, purges } = tier();
  clock.advance(5);
  purges.purge('first');
  for (let index = 0; index < 10_000; index += 1) purges.purge(`tag ${index}`);
  expect(purges.hasEnded(['first'], 5)).toBe(true);
  expect(purges.hasEnded(['first'], 6)).toBe(false);
});

test('a settled value cannot be changed at any depth, and what could be is not settled', () => {
  const value = { items: [{ id: '1', price: 1.5, isNew: true, note: null, gone: undefined }] };
  expect(settleValue(value)).toBeGreaterThan(100);
  expect(() => value.items.push(value.items[0] as never)).toThrow(TypeError);
  expect(() => Object.assign(value.items[0] ?? {}, { id: '2' })).toThrow(TypeError);
  const deep = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown;
  for (const odd of [
    new Date(),
    new Map(),
    { at: new Date() },
    [undefined],
    Number.NaN,
    1n,
    undefined,
    deep,
  ]) {
    expect(settleValue(odd)).toBeUndefined();
  }
});

test('what is made of an entry counts for it, and goes with it', () => {
  const { memory } = tier(65_536, 10_000);
  const value = { text: 'x'.repeat(1_000) };
  memory.keep(place('a'), entryOf(value));
  const before = memory.bytes;
  expect(memory.grow('a', value, 5_000)).toBe(true);
  expect(memory.bytes).toBe(before + 5_000);
  expect(memory.grow('a', value, 5_000)).toBe(false); // too large for one entry: what is there stays
  expect(memory.find(place('a')).entry?.value).toBe(value);
  expect(memory.bytes).toBe(before + 5_000);
  memory.keep(place('a'), entryOf({ ...value }));
  expect(memory.bytes).toBe(before);
  expect(memory.grow('a', value, 1)).toBe(false); // of one that was replaced
  expect(memory.grow('b', value, 1)).toBe(false);
});

test('what grows pushes others out, never itself', () => {
  const { memory } = tier(65_536, 32_768);
  const values = Array.from({ length: 10 }, (_, index) => ({ index, text: 'x'.repeat(2_500) }));
  for (const value of values) memory.keep(place(`${value.index}`), entryOf(value));
  expect(memory.grow('0', values[0], 20_000)).toBe(true);
  expect(memory.bytes).toBeLessThanOrEqual(65_536);
  expect(memory.find(place('0')).entry?.value).toBe(values[0]);
  expect(memory.find(place('1')).entry).toBeUndefined();
});
