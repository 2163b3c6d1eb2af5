import { describe, expect, test } from 'vitest';
import { keyRig } from '../testing/key-rig.ts';
import { KeyStore } from './key-store.ts';

const order = { partner: 'acme', scopes: ['orders:read'] };
const day = 86_400_000;

describe('what has ended', () => {
  test('is listed for ninety days, then nothing is left of it', async () => {
    const { keys, call, records, clock } = keyRig();
    const revoked = await keys.create(order, 'ada');
    const expiring = await keys.create({ ...order, expiresInMs: 1_000 }, 'ada');
    const replaced = await keys.create(order, 'ada');
    await call(revoked.key);
    await keys.revoke(revoked.id, 'ada');
    const { id: fresh } = await keys.rotate(replaced.id, { overlapMs: 1_000 }, 'ada');
    clock.advance(90 * day - 1);
    expect((await keys.list()).keys).toHaveLength(4);
    clock.advance(1);
    expect((await keys.list()).keys.map(({ id }) => id).toSorted()).toEqual(
      [expiring.id, replaced.id, fresh].toSorted(),
    );
    clock.advance(1_000);
    expect((await keys.list()).keys.map(({ id }) => id)).toEqual([fresh]);
    for (const id of [revoked.id, expiring.id, replaced.id]) {
      for (const part of ['', ':end', ':used'])
        expect(await records.get(`key:{${id}}${part}`)).toBeUndefined();
      expect(await records.members(`keys:{${id.charAt(0)}}`)).not.toContain(id);
    }
    expect(await records.members('keys-of:{acme}')).toEqual([fresh]);
    expect((await call(revoked.key)).status).toBe(401);
  });

  test('does not come back when the forgetting breaks off: what it was goes first', async () => {
    const { keys, call, records, clock } = keyRig();
    const { id, key } = await keys.create(order, 'ada');
    await keys.revoke(id, 'ada');
    clock.advance(90 * day);
    const { delete: remove } = records;
    records.delete = async (name) => {
      const isRemoved = await remove(name);
      records.isAway = true;
      return isRemoved;
    };
    await expect(keys.list()).rejects.toMatchObject({ code: 'dependency-unavailable' });
    records.isAway = false;
    expect(await records.get(`key:{${id}}:end`)).toBeDefined();
    expect((await call(key)).status).toBe(401);
    expect((await keys.list()).keys).toEqual([]);
  });
});

test('when a key was used last is known for 400 days', async () => {
  const { keys, call, clock } = keyRig();
  const { key, id } = await keys.create(order, 'ada');
  await call(key);
  clock.advance(400 * day - 1);
  expect((await keys.show(id)).lastUsedAt).toBe('2026-11-01T00:00:00.000Z');
  clock.advance(1);
  expect((await keys.show(id)).lastUsedAt).toBeUndefined();
});

test('a key is in the lists before it is a key, so that it can always be found to be revoked', async () => {
  const { keys, records } = keyRig();
  const { id } = await keys.create(order, 'ada');
  const at = (command: string): number => records.commands.indexOf(command);
  expect(at('add keys-of:{acme}')).toBeLessThan(at(`set key:{${id}}`));
  expect(at(`add keys:{${id.charAt(0)}}`)).toBeLessThan(at(`set key:{${id}}`));
});

test('an id that is taken is not taken over', async () => {
  const rolls = [...Array(42).fill(0), ...Array(42).fill(0), ...Array(42).fill(1)];
  const { keys, call } = keyRig({ keys: { random: () => rolls.shift() ?? 2 } });
  const first = await keys.create(order, 'ada');
  const second = await keys.create({ ...order, partner: 'other' }, 'ada');
  expect([first.id, second.id]).toEqual(['000000000000', '111111111111']);
  expect(await (await call(first.key)).json()).toEqual({ partner: 'acme' });
});

test('a list has a thousand keys at most, and says when there are more', async () => {
  const { records, keys } = keyRig();
  const store = new KeyStore(records, []);
  const idOf = (count: number): string => count.toString(36).padStart(12, '0');
  for (let count = 0; count < 1_001; count += 1) {
    const id = `${idOf(count).slice(-1)}${idOf(count).slice(1)}`;
    await store.add({
      ...order,
      id,
      hash: '0'.repeat(64),
      partner: `p${count % 10}`,
      environment: 'live',
      createdMs: count,
    });
  }
  const all = await keys.list();
  expect([all.keys.length, all.isCut]).toEqual([1_000, true]);
  const some = await keys.list('p3');
  expect([some.keys.length, some.isCut]).toEqual([100, false]);
});

test('a change on one instance is told to the others', async () => {
  const { records } = keyRig();
  const heard: string[] = [];
  const stop = new KeyStore(records, []).listen(
    (id) => heard.push(id),
    () => heard.push('gap'),
  );
  await new KeyStore(records, []).tell('aaaaaaaaaaaa');
  records.gap();
  stop();
  await new KeyStore(records, []).tell('bbbbbbbbbbbb');
  expect(heard).toEqual(['aaaaaaaaaaaa', 'gap']);
});
