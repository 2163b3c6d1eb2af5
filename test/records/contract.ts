/**
 * What every store of records promises, run for each of them: two instances that share what is kept.
 *
 * @module
 */

import type { RecordStore } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countersContract } from './counters-contract.ts';
import { all, eventually, freshKey, ofMinutes, type RecordsRig, writers } from './rig.ts';

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
      const written = await all(rig, (store, index) => store.set(key, `${index}`, { when: { is: 'mine' } }));
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await one.get(key)).toBe(`${written.indexOf(true)}`);
    });

    test('of fifty who write what is absent, one writes', async () => {
      const key = freshKey();
      const written = await all(rig, (store, index) =>
        store.set(key, `${index}`, { when: 'absent', ttlMs: 60_000 }),
      );
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await one.get(key)).toBe(`${written.indexOf(true)}`);
    });

    test('of fifty who remove the same value, one removes', async () => {
      const key = freshKey();
      await one.set(key, 'mine');
      expect((await all(rig, (store) => store.delete(key, 'mine'))).filter(Boolean)).toHaveLength(1);
      expect(await one.get(key)).toBeUndefined();
    });

    test('fifty writers lose nothing of each other', async () => {
      const keys = Array.from({ length: writers }, freshKey);
      await all(rig, (store, index) => store.set(keys[index] ?? '', `${index}`));
      const read = await all(rig, (_store, index) => (index % 2 === 0 ? other : one).get(keys[index] ?? ''));
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
      await all(rig, (store, index) => store.add(key, `${index}`, 60_000));
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

    countersContract(() => rig);

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
          one.count(key, new Map([['a', 1]]), ofMinutes),
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
