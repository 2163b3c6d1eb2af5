import { describe, expect, test } from 'vitest';
import { memoryRecords } from '../records/memory-records.ts';
import { keyRing } from '../records/seal.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { lockKey, revokedSessionKey, revokedSubjectKey, sessionKey, sha256 } from './record-keys.ts';
import { newSession } from './session-record.ts';
import { idHashOf, SessionStore } from './session-store.ts';

const minute = 60_000;
const key = Buffer.alloc(32, 1).toString('base64');
const setUp = (clock: ManualClock = manualClock(0)) => {
  const records = memoryRecords({ clock });
  const options = { records, issuer: 'https://id.example', idleMs: 30 * minute, absoluteMs: 480 * minute };
  const store = new SessionStore({ ...options, seal: keyRing('test', [key])('session') });
  return { clock, records, store, options };
};
const session = (sub = 'usr_1', sid = 'sid-1', nowMs = 0) =>
  newSession(
    {
      accessToken: 'canary-access',
      refreshToken: 'canary-refresh',
      idToken: 'canary-id',
      claims: { iss: 'i', aud: 'a', iat: 0, exp: 1, sub, sid },
      scopes: [],
    },
    nowMs,
    480 * minute,
  );
const hashOf = (id: string | undefined): string => idHashOf(id ?? '') ?? '';

describe('a session', () => {
  test('is kept sealed, under the hash of its identifier, as long as it may idle', async () => {
    const { store, records, clock } = setUp();
    const id = await store.create(session(), 0, 0);
    expect(id).toMatch(/^[\w-]{43}$/);
    const text = (await records.get(sessionKey(sha256(id ?? '')))) ?? '';
    expect(text).not.toBe('');
    expect(text).not.toContain('canary');
    expect(await store.find(hashOf(id), 0)).toEqual(session());
    clock.advance(30 * minute);
    expect(await records.get(sessionKey(hashOf(id)))).toBeUndefined();
  });

  test('is over when its time is, whatever the store keeps', async () => {
    const { store } = setUp();
    const id = await store.create(session(), 0, 0);
    expect(await store.find(hashOf(id), 30 * minute - 1)).toBeDefined();
    expect(await store.find(hashOf(id), 30 * minute)).toBeUndefined();
  });

  test('moved to another key of the store, or sealed by another gateway, is none', async () => {
    const { store, records, options } = setUp();
    const [one, other] = [
      await store.create(session(), 0, 0),
      await store.create(session('usr_2', 'sid-2'), 0, 0),
    ];
    await records.set(sessionKey(hashOf(one)), (await records.get(sessionKey(hashOf(other)))) ?? '');
    expect(await store.find(hashOf(one), 0)).toBeUndefined();
    const foreign = new SessionStore({
      ...options,
      seal: keyRing('test', [Buffer.alloc(32, 2).toString('base64')])('session'),
    });
    expect(await foreign.find(hashOf(other), 0)).toBeUndefined();
    expect(await store.find(hashOf(other), 0)).toBeDefined();
  });

  test('that ended is not written again', async () => {
    const { store } = setUp();
    const id = await store.create(session(), 0, 0);
    expect(await store.replace(hashOf(id), { ...session(), seenMs: 5 }, 5)).toBe(true);
    expect(await store.end(hashOf(id), 5)).toMatchObject({ subject: 'usr_1', seenMs: 5 });
    expect(await store.replace(hashOf(id), session(), 5)).toBe(false);
    expect(await store.find(hashOf(id), 5)).toBeUndefined();
    expect(await store.end(hashOf(id), 5)).toBeUndefined();
  });

  test('that ended is in no index', async () => {
    const { store } = setUp();
    const id = await store.create(session(), 0, 0);
    await store.end(hashOf(id), 0);
    expect(await store.revokeProviderSession('sid-1')).toEqual([]);
    expect(await store.revokeSubject('usr_1', 0)).toEqual([]);
  });
});

describe('the provider ends', () => {
  test('one session: it is named, and cannot begin again for twenty minutes', async () => {
    const { store, clock, records } = setUp();
    const id = await store.create(session(), 0, 0);
    await store.create(session('usr_1', 'sid-2'), 0, 0);
    expect(await store.revokeProviderSession('sid-1')).toEqual([hashOf(id)]);
    expect(await store.create(session(), 0, 0)).toBeUndefined();
    expect(await store.create(session('usr_1', 'sid-3'), 0, 0)).toBeDefined();
    clock.advance(20 * minute - 1);
    expect(await store.create(session(), 0, 0)).toBeUndefined();
    clock.advance(1);
    expect(await records.get(revokedSessionKey('https://id.example', 'sid-1'))).toBeUndefined();
  });

  test('all of a person: logins that began before come to nothing, later ones work', async () => {
    const { store, clock, records } = setUp();
    await store.create(session(), 0, 0);
    await store.create(session('usr_1', 'sid-2'), 0, 0);
    await store.create(session('usr_2', 'sid-3'), 0, 0);
    expect(await store.revokeSubject('usr_1', 1_000)).toHaveLength(2);
    expect(await store.create(session('usr_1', 'sid-4'), 1_000, 1_500)).toBeUndefined();
    expect(await store.create(session('usr_1', 'sid-5'), 1_001, 1_500)).toBeDefined();
    expect(await store.create(session('usr_2', 'sid-6'), 0, 1_500)).toBeDefined();
    const marked = () => records.get(revokedSubjectKey('https://id.example', 'usr_1'));
    clock.advance(20 * minute - 1);
    expect(await marked()).toBe('1000');
    clock.advance(1);
    expect(await marked()).toBeUndefined();
  });

  test('a login that came to nothing leaves no session behind', async () => {
    const { store } = setUp();
    await store.revokeProviderSession('sid-1');
    await store.create(session(), 0, 0);
    expect(await store.revokeProviderSession('sid-1')).toEqual([]);
  });
});

describe('the lock', () => {
  test('is held by one, given back after good and bad work, and ends by itself', async () => {
    const { store, records, clock } = setUp();
    const outcome = await store.underLock('h', async () => store.underLock('h', async () => 'inner'));
    expect(outcome).toEqual({ value: undefined });
    await expect(store.underLock('h', async () => Promise.reject(new Error('bad')))).rejects.toThrowError(
      'bad',
    );
    expect(await records.get(lockKey('h'))).toBeUndefined();
    await records.set(lockKey('h'), 'a dead instance', { ttlMs: 5_000 });
    expect(await store.underLock('h', async () => 1)).toBeUndefined();
    clock.advance(5_000);
    expect(await store.underLock('h', async () => 1)).toEqual({ value: 1 });
  });

  test('of another is left alone by who was too slow', async () => {
    const { store, records, clock } = setUp();
    await store.underLock('h', async () => {
      clock.advance(5_000);
      await records.set(lockKey('h'), 'another', { ttlMs: 5_000, when: 'absent' });
    });
    expect(await records.get(lockKey('h'))).toBe('another');
  });

  test('that cannot be given back does not spoil the work', async () => {
    const { store, records } = setUp();
    records.delete = () => Promise.reject(new Error('away'));
    expect(await store.underLock('h', async () => 1)).toEqual({ value: 1 });
  });
});

test.each(['', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}{`])(
  '%j was never an identifier',
  (id) => {
    expect(idHashOf(id)).toBeUndefined();
  },
);
