import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RequestContext } from '../context/request-context.ts';
import { memoryRecords } from '../records/memory-records.ts';
import { keyRing } from '../records/seal.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { unavailable } from './circuit.ts';
import type { OidcClient } from './oidc-client.ts';
import { lockKey } from './record-keys.ts';
import { type Refresh, refresher } from './refresh.ts';
import { newSession, type RenewedTokens, type Session } from './session-record.ts';
import { idHashOf, SessionStore } from './session-store.ts';

type Answer = RenewedTokens | 'refused';

let clock: ManualClock;
let records: ReturnType<typeof memoryRecords>;
let store: SessionStore;
let asked: { token: string; answer(tokens: Answer): Promise<void>; fail(): Promise<void> }[];
let revoked: string[];
let refresh: Refresh;
let otherInstance: Refresh;
let idHash: string;

const session = (): Session =>
  newSession(
    {
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      idToken: 'id-1',
      claims: { iss: 'i', aud: 'a', iat: 0, exp: 1, sub: 'usr_1', sid: 'sid-1' },
      scopes: [],
      expiresInMs: 300_000,
    },
    clock.wallMs(),
    8 * 3_600_000,
  );
const renewed: RenewedTokens = { accessToken: 'access-2', refreshToken: 'refresh-2', expiresInMs: 300_000 };
const open = (): RequestContext => testContext({}, { clock, deadlineMs: 2_000 });
/** A call that begins now; how it ended, once it has. */
const call = async (by: Refresh = refresh, context = open()) => {
  const state: { token?: string | undefined; code?: string; isDone: boolean } = { isDone: false };
  const kept = (await store.find(idHash, clock.wallMs())) ?? session();
  void by(context, idHash, kept)
    .then(
      (found) => Object.assign(state, { token: found?.accessToken }),
      (error: { code?: string }) => Object.assign(state, { code: error.code ?? String(error) }),
    )
    .finally(() => {
      state.isDone = true;
    });
  await settle();
  return state;
};
const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) await turn();
};
const pass = async (ms: number): Promise<void> => {
  clock.advance(ms);
  await settle();
};

beforeEach(async () => {
  clock = manualClock();
  records = memoryRecords({ clock });
  asked = [];
  revoked = [];
  const provider = {
    refresh(token: string) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      asked.push({
        token,
        answer(tokens) {
          resolve(tokens);
          return settle();
        },
        fail() {
          reject(unavailable(new Error('away')));
          return settle();
        },
      });
      return promise;
    },
    revoke(token: string) {
      revoked.push(token);
      return Promise.reject(new Error('away'));
    },
  } as unknown as OidcClient;
  store = new SessionStore({
    records,
    seal: keyRing('test', [Buffer.alloc(32, 1).toString('base64')])('session'),
    issuer: 'i',
    idleMs: 3_600_000,
    absoluteMs: 8 * 3_600_000,
  });
  refresh = refresher({ store, provider, clock });
  otherInstance = refresher({ store, provider, clock });
  idHash = idHashOf((await store.create(session(), 0, clock.wallMs())) ?? '') ?? '';
});

describe('a token with more than half a minute left', () => {
  test('is used, and nobody is asked', async () => {
    await pass(269_999);
    expect(await call()).toEqual({ isDone: true, token: 'access-1' });
    expect(asked).toEqual([]);
    await pass(1);
    await call();
    expect(asked).toHaveLength(1);
  });
});

describe('a token that is due', () => {
  beforeEach(() => pass(300_000));

  test('is renewed once for everybody who asks meanwhile, on this instance', async () => {
    const calls = [await call(), await call(), await call()];
    expect(asked.map(({ token }) => token)).toEqual(['refresh-1']);
    await asked[0]?.answer(renewed);
    expect(calls.map(({ token }) => token)).toEqual(['access-2', 'access-2', 'access-2']);
    expect(await call()).toMatchObject({ token: 'access-2' });
    expect(asked).toHaveLength(1);
  });

  test('and on another, which sees it within a twentieth of a second', async () => {
    const [mine, theirs] = [await call(), await call(otherInstance)];
    await asked[0]?.answer(renewed);
    expect([mine.isDone, theirs.isDone]).toEqual([true, false]);
    await pass(50);
    expect(theirs.token).toBe('access-2');
    expect(asked).toHaveLength(1);
  });

  test('is renewed again later, with the newest refresh token', async () => {
    await call();
    await asked[0]?.answer(renewed);
    await pass(300_000);
    await call(otherInstance);
    expect(asked.map(({ token }) => token)).toEqual(['refresh-1', 'refresh-2']);
  });

  test('is renewed again by the instance that renewed it before', async () => {
    await call();
    await asked[0]?.answer(renewed);
    await pass(300_000);
    const again = await call();
    await asked[1]?.answer({ ...renewed, accessToken: 'access-3' });
    expect([again.token, asked[1]?.token]).toEqual(['access-3', 'refresh-2']);
  });

  test('leaves no timer behind once it is renewed', async () => {
    const context = open();
    const before = clock.pending();
    const mine = await call(refresh, context);
    expect(clock.pending()).toBe(before + 1);
    await asked[0]?.answer(renewed);
    expect([mine.token, clock.pending()]).toEqual(['access-2', before]);
  });

  test('whose holder of the lock died is renewed when the lock has ended', async () => {
    await records.set(lockKey(idHash), 'dead', { ttlMs: 1_000 });
    const waiting = await call();
    for (let polls = 0; polls < 20; polls += 1) await pass(50);
    expect(asked).toHaveLength(1);
    await asked[0]?.answer(renewed);
    expect(waiting.token).toBe('access-2');
  });

  test('whose session ends while another instance refreshes is nobody’s', async () => {
    await call();
    const theirs = await call(otherInstance);
    await store.end(idHash, clock.wallMs());
    await pass(50);
    expect(theirs).toEqual({ isDone: true, token: undefined });
  });

  test('whose session ends during the refresh is nobody’s, and its new refresh token is revoked', async () => {
    const mine = await call();
    await store.end(idHash, clock.wallMs());
    await asked[0]?.answer(renewed);
    expect(mine).toEqual({ isDone: true, token: undefined });
    expect(revoked).toEqual(['refresh-2']);
  });

  test('not rotated, the old one is revoked then', async () => {
    await call();
    await store.end(idHash, clock.wallMs());
    await asked[0]?.answer({ accessToken: 'access-2' });
    expect(revoked).toEqual(['refresh-1']);
  });

  test('whose session ended before the lock was had is not renewed', async () => {
    const kept = session();
    await store.end(idHash, clock.wallMs());
    const stale = { ...kept, refreshAtMs: 0 };
    expect(await refresh(open(), idHash, stale)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('ends the session when the provider says that the grant is over', async () => {
    const mine = await call();
    await asked[0]?.answer('refused');
    expect(mine).toEqual({ isDone: true, token: undefined });
    expect(await store.find(idHash, clock.wallMs())).toBeUndefined();
    expect(await records.get(lockKey(idHash))).toBeUndefined();
  });

  test('goes on when the provider says again who it is', async () => {
    const mine = await call();
    const claims = { iss: 'i', aud: 'a', iat: 0, exp: 1, sub: 'usr_1', name: 'Ada' };
    await asked[0]?.answer({ ...renewed, idToken: 'id-2', claims });
    expect(mine).toEqual({ isDone: true, token: 'access-2' });
    expect(await store.find(idHash, clock.wallMs())).toMatchObject({
      idToken: 'id-2',
      profile: { name: 'Ada' },
    });
  });

  test('ends the session when the provider answers with somebody else', async () => {
    const mine = await call();
    const claims = { iss: 'i', aud: 'a', iat: 0, exp: 1, sub: 'usr_2' };
    await asked[0]?.answer({ ...renewed, idToken: 'id-2', claims });
    expect(mine).toEqual({ isDone: true, token: undefined });
    expect(await store.find(idHash, clock.wallMs())).toBeUndefined();
  });

  test('keeps the session when the provider is away, for everybody who waits', async () => {
    const calls = [await call(), await call()];
    await asked[0]?.fail();
    expect(calls.map(({ code }) => code)).toEqual(['dependency-unavailable', 'dependency-unavailable']);
    expect(await store.find(idHash, clock.wallMs())).toBeDefined();
    expect(await records.get(lockKey(idHash))).toBeUndefined();
  });

  test('is answered 503 within the deadline when the provider hangs; the refresh goes on and is kept', async () => {
    const mine = await call();
    await pass(1_519);
    expect(mine.isDone).toBe(false);
    await pass(1);
    expect(mine).toEqual({ isDone: true, code: 'dependency-unavailable' });
    await asked[0]?.answer(renewed);
    expect(await call()).toMatchObject({ token: 'access-2' });
  });

  test('a refresh that nobody waits for any more fails in silence', async () => {
    await call();
    await pass(2_000);
    await asked[0]?.fail();
    expect(await records.get(lockKey(idHash))).toBeUndefined();
  });

  test('held too long by another instance is given up', async () => {
    await records.set(lockKey(idHash), 'another', { ttlMs: 60_000 });
    const patient = await call(refresh, testContext({}, { clock, deadlineMs: 30_000 }));
    for (let polls = 0; polls < 99; polls += 1) await pass(50);
    expect(patient.isDone).toBe(false);
    await pass(50);
    expect(patient).toEqual({ isDone: true, code: 'dependency-unavailable' });
    expect(clock.pending()).toBeLessThan(3); // the deadlines of the contexts
  });

  test('without a refresh token there is nothing to renew', async () => {
    const { refreshToken: _none, ...rest } = session();
    const lonely = { ...rest, refreshAtMs: 0 };
    expect(await refresh(open(), idHash, lonely)).toBe(lonely);
  });
});

describe('while the token still holds', () => {
  test('a request waits half a second for the new one, then takes the old', async () => {
    await pass(280_000);
    const mine = await call();
    await pass(499);
    expect(mine.isDone).toBe(false);
    await pass(1);
    expect(mine).toEqual({ isDone: true, token: 'access-1' });
    await asked[0]?.answer(renewed);
    expect(await call()).toMatchObject({ token: 'access-2' });
  });

  test('a provider that is away is not noticed until two seconds before the end', async () => {
    await pass(298_000);
    const mine = await call();
    await asked[0]?.fail();
    expect(mine).toEqual({ isDone: true, token: 'access-1' });
    await pass(1);
    const late = await call();
    await asked[1]?.fail();
    expect(late).toEqual({ isDone: true, code: 'dependency-unavailable' });
  });
});
