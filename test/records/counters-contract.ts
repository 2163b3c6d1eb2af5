/**
 * What every store of records promises of its counters.
 *
 * @module
 */
import type { RecordStore } from 'bffkit';
import { beforeAll, expect, test } from 'vitest';
import { all, eventually, freshKey, ofMinutes, type RecordsRig, writers } from './rig.ts';

const amounts = (counts: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(counts));

/** Runs the contract for the stores of `current`, which are open by then. */
export function countersContract(current: () => RecordsRig): void {
  let rig: RecordsRig;
  let one: RecordStore;
  let other: RecordStore;
  beforeAll(() => {
    rig = current();
    [one, other] = rig.stores;
  });

  test('what both instances count, both read', async () => {
    const key = freshKey();
    expect(await one.counts(key)).toEqual(new Map());
    expect(await one.count(key, amounts({ a: 1, 'GET /v1/orders/:id|': 2 }), ofMinutes)).toBe(true);
    expect(await other.count(key, amounts({ a: 40, constructor: 3 }), ofMinutes)).toBe(true);
    const sums = amounts({ a: 41, 'GET /v1/orders/:id|': 2, constructor: 3 });
    expect(await one.counts(key)).toEqual(sums);
    expect(await other.counts(key)).toEqual(sums);
  });

  test('fifty who count at once lose nothing and make nothing up', async () => {
    const key = freshKey();
    const added = await all(rig, (store, index) =>
      store.count(key, amounts({ all: 1, [`of ${index % 2}`]: index + 1 }), ofMinutes),
    );
    expect(added).toEqual(Array(writers).fill(true));
    expect(await one.counts(key)).toEqual(amounts({ all: 50, 'of 0': 625, 'of 1': 650 }));
  });

  test('of fifty repetitions of one turn, one is counted', async () => {
    const key = freshKey();
    const once = { by: 'process 1', turn: 7 };
    const added = await all(rig, (store) => store.count(key, amounts({ a: 5 }), { ...ofMinutes, once }));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await other.counts(key)).toEqual(amounts({ a: 5 }));
  });

  test('turns of one only go on, and are no matter to another or at another key', async () => {
    const [key, elsewhere] = [freshKey(), freshKey()];
    const count = (by: string, turn: number, at = key): Promise<boolean> =>
      one.count(at, amounts({ a: 1 }), { ...ofMinutes, once: { by, turn } });
    expect(await count('one', 1_790_000_000_000)).toBe(true);
    expect(await count('one', 1_789_999_999_999)).toBe(false);
    expect(await count('two', 1)).toBe(true);
    expect(await count('one', 1, elsewhere)).toBe(true);
    expect(await count('one', 1_790_000_000_001)).toBe(true);
    expect(await other.count(key, amounts({ a: 1 }), ofMinutes)).toBe(true);
    expect(await other.counts(key)).toEqual(amounts({ a: 4 }));
  });

  test('counters end together, when their longest time is over', async () => {
    const [short, long] = [freshKey(), freshKey()];
    await one.count(short, amounts({ a: 1 }), { ttlMs: 50 });
    await one.count(short, amounts({ b: 1 }), { ttlMs: 150 });
    await one.count(long, amounts({ a: 1 }), { ttlMs: 600_000 });
    await one.count(long, amounts({ a: 1 }), { ttlMs: 50 });
    rig.pass(150);
    await eventually(async () => (await other.counts(short)).size === 0);
    expect(await other.counts(long)).toEqual(amounts({ a: 2 }));
  });

  test('a key has ten thousand counters; what is added to more goes to one of its own', async () => {
    const key = freshKey();
    const many = new Map(Array.from({ length: 9_999 }, (_, index) => [`${index}`, 1]));
    await one.count(key, many, ofMinutes);
    await other.count(key, amounts({ x: 1, y: 2, z: 3, 7: 1 }), ofMinutes);
    const counts = await one.counts(key);
    expect([counts.get('x'), counts.get('y'), counts.get(''), counts.get('7')]).toEqual([1, undefined, 5, 2]);
    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(10_006);
    expect(await one.delete(key)).toBe(true);
    expect(await other.counts(key)).toEqual(new Map());
  });

  test.each([
    ['an amount of 0', { a: 0 }, { ttlMs: 1 }],
    ['half an amount', { a: 0.5 }, { ttlMs: 1 }],
    ['an amount that is none', { a: Number.NaN }, { ttlMs: 1 }],
    ['a name that is too long', { ['x'.repeat(513)]: 1 }, { ttlMs: 1 }],
    ['half a turn', { a: 1 }, { ttlMs: 1, once: { by: 'one', turn: 0.5 } }],
    ['no time', { a: 1 }, { ttlMs: Number.NaN }],
  ])('counts nothing with %s', async (_what, named, options) => {
    const key = freshKey();
    await expect(one.count(key, amounts({ fine: 1, ...named }), options)).rejects.toThrow(RangeError);
    expect(await one.counts(key)).toEqual(new Map());
  });

  test('counters are neither text nor set, and neither of them is counters', async () => {
    const [text, counters] = [freshKey(), freshKey()];
    await one.set(text, 'a');
    await one.count(counters, amounts({ a: 1 }), ofMinutes);
    const once = { by: 'one', turn: 1 };
    await expect(one.count(text, amounts({ a: 1 }), { ...ofMinutes, once })).rejects.toThrow(TypeError);
    await expect(one.counts(text)).rejects.toThrow(TypeError);
    await expect(one.get(counters)).rejects.toThrow(TypeError);
    await expect(one.members(counters)).rejects.toThrow(TypeError);
    expect(await one.delete(text)).toBe(true);
    expect(await one.count(text, amounts({ a: 1 }), { ...ofMinutes, once })).toBe(true);
  });
}
