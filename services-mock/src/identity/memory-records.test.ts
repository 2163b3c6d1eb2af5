import { expect, it } from 'vitest';
import { memoryRecords } from './memory-records.ts';

function open(max = 10) {
  let nowMs = 1_000_000;
  const records = memoryRecords(() => nowMs, max);
  const pass = (seconds: number): void => {
    nowMs += seconds * 1_000;
  };
  return { records, pass };
}

it('keeps a record until it ends', async () => {
  const { records, pass } = open();
  await records.upsert('a', { uid: 'u', jti: 'a' }, 60);
  await records.upsert('b', { jti: 'b' });
  expect(await records.find('a')).toEqual({ uid: 'u', jti: 'a' });
  expect(await records.findByUid('u')).toEqual({ uid: 'u', jti: 'a' });
  pass(60);
  expect(await records.find('a')).toBeUndefined();
  expect(await records.findByUid('u')).toBeUndefined();
  expect(await records.find('b')).toEqual({ jti: 'b' });
});

it('marks what was used and forgets what was destroyed or revoked', async () => {
  const { records } = open();
  await records.upsert('a', { grantId: 'g' }, 60);
  await records.upsert('b', { grantId: 'g' }, 60);
  await records.upsert('c', { grantId: 'h' }, 60);
  await records.consume('c');
  await records.consume('nobody');
  expect(await records.find('c')).toEqual({ grantId: 'h', consumed: 1_000 });
  await records.destroy('a');
  await records.revokeByGrantId('g');
  expect([await records.find('a'), await records.find('b')]).toEqual([undefined, undefined]);
  expect(await records.find('c')).toBeDefined();
  expect(await records.findByUserCode('c')).toBeUndefined();
});

it('lets what has ended go first, then the oldest', async () => {
  const { records, pass } = open(2);
  await records.upsert('a', {}, 60);
  await records.upsert('b', {}, 1);
  pass(2);
  await records.upsert('c', {}, 60);
  expect(await records.find('a')).toBeDefined();
  await records.upsert('d', {}, 60);
  expect(await records.find('a')).toBeUndefined();
  expect([await records.find('c'), await records.find('d')]).toEqual([{}, {}]);
});
