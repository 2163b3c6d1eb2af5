/**
 * What every store of records promises, run for each of them: two instances that share what is kept.
 *
 * @module
 */

import type { RecordStore } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

export interface RecordsRig {
  /** Two instances; the same twice where instances share nothing. */
  readonly stores: readonly [RecordStore, RecordStore];
  /** Lets time pass, where it is not that of the machine. */
  pass(ms: number): void;
  /** Whether another instance hears the message, or only that there was one. */
  readonly hears: 'messages' | 'gaps';
  close(): Promise<void> | void;
}

const writers = 50;
let turn = 0;

/** A key that no other test uses. */
function freshKey(): string {
  turn += 1;
  return `proof:{${process.pid}-${turn}}`;
}

/** Waits until `isTrue` holds. */
export async function eventually(isTrue: () => unknown, timeoutMs = 5_000): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await isTrue())) throw new Error('not yet');
    },
    { timeout: timeoutMs, interval: 5 },
  );
}

/** Runs the contract for the stores that `open` opens. */
export function recordsContract(name: string, open: () => Promise<RecordsRig>): void {
  describe(name, () => {
    let rig: RecordsRig;
    let one: RecordStore;
    let other: RecordStore;
    beforeAll(async () => {
      rig = await open();
      [one, other] = rig.stores;
      await eventually(() => one.set('proof:{ready}', '', {}).catch(() => false));
      await eventually(() =>
        other.get('proof:{ready}').then(
          () => true,
          () => false,
        ),
      );
    });
    afterAll(() => rig.close());
    const storeOf = (index: number): RecordStore => (index % 2 === 0 ? one : other);
    const all = <T>(act: (store: RecordStore, index: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: writers }, (_, index) => act(storeOf(index), index)));

    test('what one instance writes, the other reads', async () => {
      const key = freshKey();
      expect(await other.get(key)).toBeUndefined();
      expect(await one.set(key, 'Grüße, 世界 \u0000"\n')).toBe(true);
      expect(await other.get(key)).toBe('Grüße, 世界 \u0000"\n');
      expect(await other.set(key, '')).toBe(true);
      expect(await one.get(key)).toBe('');
    });

    test('a write asks for what is there: nothing, or something', async () => {
      const key = freshKey();
      expect(await one.set(key, 'a', { when: 'present' })).toBe(false);
      expect(await one.get(key)).toBeUndefined();
      expect(await one.set(key, 'a', { when: 'absent' })).toBe(true);
      expect(await other.set(key, 'b', { when: 'absent' })).toBe(false);
      expect(await one.get(key)).toBe('a');
      expect(await other.set(key, 'b', { when: 'present' })).toBe(true);
      expect(await one.get(key)).toBe('b');
    });

    test('a write that asks for a text leaves any other, and nothing', async () => {
      const key = freshKey();
      expect(await one.set(key, 'b', { when: { is: 'a' } })).toBe(false);
      expect(await one.get(key)).toBeUndefined();
      await one.set(key, 'a', { ttlMs: 100 });
      expect(await other.set(key, 'b', { when: { is: 'A' } })).toBe(false);
      expect(await other.set(key, 'b', { when: { is: 'a' } })).toBe(true);
      rig.pass(150);
      expect(await one.get(key)).toBe('b');
      expect(await one.set(key, 'c', { when: { is: 'b' }, ttlMs: 150 })).toBe(true);
      rig.pass(150);
      await eventually(async () => (await other.get(key)) === undefined);
      expect(await one.set(key, 'd', { when: { is: 'c' } })).toBe(false);
    });

    test('of fifty who replace the same text, one does', async () => {
      const key = freshKey();
      await one.set(key, 'mine');
      const written = await all((store, index) => store.set(key, `${index}`, { when: { is: 'mine' } }));
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await one.get(key)).toBe(`${written.indexOf(true)}`);
    });

    test('of fifty who write what is absent, one writes', async () => {
      const key = freshKey();
      const written = await all((store, index) =>
        store.set(key, `${index}`, { when: 'absent', ttlMs: 60_000 }),
      );
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await one.get(key)).toBe(`${written.indexOf(true)}`);
    });

    test('of fifty who remove the same value, one removes', async () => {
      const key = freshKey();
      await one.set(key, 'mine');
      expect((await all((store) => store.delete(key, 'mine'))).filter(Boolean)).toHaveLength(1);
      expect(await one.get(key)).toBeUndefined();
    });

    test('fifty writers lose nothing of each other', async () => {
      const keys = Array.from({ length: writers }, freshKey);
      await all((store, index) => store.set(keys[index] ?? '', `${index}`));
      const read = await all((_store, index) => storeOf(index + 1).get(keys[index] ?? ''));
      expect(read).toEqual(keys.map((_key, index) => `${index}`));
    });

    test('a removal that names a value leaves any other', async () => {
      const key = freshKey();
      expect(await one.delete(key)).toBe(false);
      expect(await one.delete(key, 'mine')).toBe(false);
      await one.set(key, 'theirs');
      expect(await one.delete(key, 'mine')).toBe(false);
      expect(await other.get(key)).toBe('theirs');
      expect(await other.delete(key)).toBe(true);
      expect(await one.get(key)).toBeUndefined();
    });

    test('a record ends when its time is over, and is absent then', async () => {
      const [key, lasting] = [freshKey(), freshKey()];
      await one.set(key, 'a', { ttlMs: 300 });
      await one.set(lasting, 'a', { ttlMs: 600_000 });
      expect(await other.get(key)).toBe('a');
      rig.pass(299);
      rig.pass(1);
      await eventually(async () => (await other.get(key)) === undefined);
      expect(await one.set(key, 'b', { when: 'present' })).toBe(false);
      expect(await one.delete(key)).toBe(false);
      expect(await one.set(key, 'b', { when: 'absent' })).toBe(true);
      expect(await one.get(lasting)).toBe('a');
    });

    test('a new value has its own end, or none', async () => {
      const [kept, ending] = [freshKey(), freshKey()];
      await one.set(kept, 'a', { ttlMs: 100 });
      await one.set(kept, 'b');
      await one.set(ending, 'a');
      await one.set(ending, 'b', { ttlMs: 150 });
      rig.pass(150);
      await eventually(async () => (await other.get(ending)) === undefined);
      expect(await other.get(kept)).toBe('b');
    });

    test('what should have ended already ends at once', async () => {
      const key = freshKey();
      await one.set(key, 'a', { ttlMs: -5 });
      rig.pass(1);
      await eventually(async () => (await one.get(key)) === undefined);
    });

    test('a set has each member once, until it is taken out', async () => {
      const key = freshKey();
      expect(await one.members(key)).toEqual([]);
      for (const member of ['a', 'b', 'a', 'c']) await one.add(key, member, 60_000);
      expect([...(await other.members(key))].sort()).toEqual(['a', 'b', 'c']);
      await other.remove(key, 'b');
      await other.remove(key, 'unknown');
      expect([...(await one.members(key))].sort()).toEqual(['a', 'c']);
      await one.remove(key, 'a');
      await one.remove(key, 'c');
      expect(await one.members(key)).toEqual([]);
      expect(await one.delete(key)).toBe(false);
      await one.remove(key, 'c');
    });

    test('fifty who add to a set are all in it', async () => {
      const key = freshKey();
      await all((store, index) => store.add(key, `${index}`, 60_000));
      expect(new Set(await one.members(key)).size).toBe(writers);
      expect(await one.delete(key)).toBe(true);
      expect(await one.members(key)).toEqual([]);
    });

    test('a set ends when its longest time is over, not when its last is', async () => {
      const [short, long] = [freshKey(), freshKey()];
      await one.add(short, 'a', 50);
      await one.add(short, 'b', 150);
      await one.add(long, 'a', 600_000);
      await one.add(long, 'b', 50);
      rig.pass(150);
      await eventually(async () => (await other.members(short)).length === 0);
      expect([...(await other.members(long))].sort()).toEqual(['a', 'b']);
    });

    test('a full set forgets the member that was added longest ago', async () => {
      const key = freshKey();
      await one.add(key, '0', 600_000);
      for (let from = 1; from < 1_000; from += 37) {
        const some = Array.from({ length: 37 }, (_, index) => one.add(key, `${from + index}`, 600_000));
        await Promise.all(some);
      }
      await one.add(key, '0', 600_000);
      await one.add(key, 'new', 600_000);
      const members = await other.members(key);
      expect(members).toHaveLength(1_000);
      expect(members).toEqual(expect.arrayContaining(['0', '2', '999', 'new']));
      expect(members).not.toContain('1');
    });

    const ofMinutes = { ttlMs: 60_000 };
    const amounts = (counts: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
      new Map(Object.entries(counts));

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
      const added = await all((store, index) =>
        store.count(key, amounts({ all: 1, [`of ${index % 2}`]: index + 1 }), ofMinutes),
      );
      expect(added).toEqual(Array(writers).fill(true));
      expect(await one.counts(key)).toEqual(amounts({ all: 50, 'of 0': 625, 'of 1': 650 }));
    });

    test('of fifty repetitions of one turn, one is counted', async () => {
      const key = freshKey();
      const once = { by: 'process 1', turn: 7 };
      const added = await all((store) => store.count(key, amounts({ a: 5 }), { ...ofMinutes, once }));
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
      expect([counts.get('x'), counts.get('y'), counts.get(''), counts.get('7')]).toEqual([
        1,
        undefined,
        5,
        2,
      ]);
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

    test('a text is no set and a set is no text, and the store goes on', async () => {
      const [text, set] = [freshKey(), freshKey()];
      await one.set(text, 'a');
      await one.add(set, 'a', 60_000);
      await expect(one.members(text)).rejects.toThrow(TypeError);
      await expect(one.add(text, 'a', 60_000)).rejects.toThrow(TypeError);
      await expect(one.remove(text, 'a')).rejects.toThrow(TypeError);
      await expect(one.get(set)).rejects.toThrow(TypeError);
      await expect(one.delete(set, 'a')).rejects.toThrow(TypeError);
      expect(await one.get(text)).toBe('a');
      expect(await one.set(set, 'now a text')).toBe(true);
      expect(await one.get(set)).toBe('now a text');
    });

    test.each(['plain', 'a:{}', 'a:{open', 'a:}{', 'a:{}:{tag}', `a:{${'x'.repeat(520)}}`])(
      'the key %.12s is refused, and not told whole',
      async (key) => {
        for (const refused of [
          one.get(key),
          one.set(key, 'a'),
          one.delete(key),
          one.add(key, 'a', 1_000),
          one.remove(key, 'a'),
          one.members(key),
          one.count(key, amounts({ a: 1 }), ofMinutes),
          one.counts(key),
        ]) {
          await expect(refused).rejects.toThrow(RangeError);
        }
      },
    );

    test('a value that is too large and a time that is none are refused', async () => {
      const [key, large] = [freshKey(), 'x'.repeat(1_048_577)];
      await expect(one.set(key, large)).rejects.toThrow('at most 1048576 characters');
      await expect(one.add(key, large, 1_000)).rejects.toThrow(RangeError);
      await expect(one.publish('proof', large)).rejects.toThrow(RangeError);
      for (const ttlMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
        await expect(one.set(key, 'a', { ttlMs })).rejects.toThrow('ttlMs must be a finite number');
        await expect(one.add(key, 'a', ttlMs)).rejects.toThrow(RangeError);
      }
      expect(await one.get(key)).toBeUndefined();
    });

    test('what is published on a channel is heard on both instances, and on no other channel', async () => {
      const heard: string[] = [];
      const gaps: string[] = [];
      const listen = (store: RecordStore, as: string, channel: string): (() => void) =>
        store.subscribe(
          channel,
          (message) => heard.push(`${as} ${message}`),
          () => gaps.push(as),
        );
      const stops = [listen(one, 'one', 'news'), listen(other, 'other', 'news'), listen(one, 'else', 'else')];
      const isHeard = (as: string): boolean =>
        heard.some((line) => line.startsWith(`${as} `)) || gaps.includes(as);
      await eventually(async () => {
        await one.publish('news', 'knock');
        return isHeard('one') && isHeard('other');
      });
      heard.length = 0;
      gaps.length = 0;
      await one.publish('news', 'first');
      await one.publish('news', 'second');
      await eventually(() => isHeard('one') && isHeard('other'));
      if (rig.hears === 'messages') {
        await eventually(() => heard.includes('one second') && heard.includes('other second'));
        expect(heard.filter((line) => line.startsWith('other') && !line.endsWith('knock'))).toEqual([
          'other first',
          'other second',
        ]);
        expect(gaps).toEqual([]);
      }
      expect(heard.filter((line) => line.startsWith('else'))).toEqual([]);
      stops[1]?.();
      stops[1]?.();
      heard.length = 0;
      gaps.length = 0;
      await other.publish('news', 'third');
      await eventually(() => isHeard('one'));
      expect(isHeard('other')).toBe(false);
      for (const stop of stops) stop();
    });
  });
}
