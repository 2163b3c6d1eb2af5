import { describe, expect, test } from 'vitest';
import type { Tokens } from './oidc-client.ts';
import { newSession, principalOf, profileOf, remainingMs, renewedSession } from './session-record.ts';

const base = { iss: 'i', aud: 'a', iat: 1, exp: 2, sub: 'usr_1', sid: 'sid-1' };
const tokens = (over: Partial<Tokens> = {}, claims: Record<string, unknown> = {}): Tokens => ({
  accessToken: 'access',
  refreshToken: 'refresh',
  idToken: 'id',
  claims: { ...base, ...claims },
  scopes: ['openid'],
  expiresInMs: 300_000,
  ...over,
});
const without = <K extends keyof Tokens>(key: K): Tokens => {
  const { [key]: _left, ...rest } = tokens();
  return rest as Tokens;
};
const absoluteMs = 8 * 3_600_000;
const begin = (given: Tokens = tokens()) => newSession(given, 1_000, absoluteMs);

describe('a new session', () => {
  test('is renewed half a minute before its token ends, or at half of a short life', () => {
    expect(begin()).toMatchObject({ accessEndsMs: 301_000, refreshAtMs: 271_000 });
    expect(begin(tokens({ expiresInMs: 20_000 }))).toMatchObject({
      accessEndsMs: 21_000,
      refreshAtMs: 11_000,
    });
  });

  test('takes a minute for tokens of unknown life', () => {
    expect(begin(without('expiresInMs'))).toMatchObject({ accessEndsMs: 61_000 });
  });

  test('ends with the refresh token, and without one with the access token', () => {
    expect(begin().endsMs).toBe(1_000 + absoluteMs);
    expect(begin(tokens({ refreshExpiresInMs: 3_600_000 })).endsMs).toBe(3_601_000);
    expect(begin(tokens({ refreshExpiresInMs: 10 * absoluteMs })).endsMs).toBe(1_000 + absoluteMs);
    expect(begin(without('refreshToken')).endsMs).toBe(301_000);
  });

  test('has an identifier of its own where the provider names none', () => {
    const ids = [
      begin(tokens({}, { sid: undefined })),
      begin(tokens({}, { sid: 7 })),
      begin(tokens({}, { sid: '' })),
    ].map(({ sid }) => sid);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    expect(begin().sid).toBe('sid-1');
  });

  test('keeps of the claims what it knows and what has a modest size', () => {
    const session = begin(
      tokens(
        {},
        {
          name: 'Ada',
          email_verified: true,
          email: 7,
          picture: 'x'.repeat(257),
          locale: 'x'.repeat(256),
          nickname: '',
          secret: 's',
          nonce: 'n',
          roles: ['a', '', 3, 'b'],
          tenant: 'acme',
        },
      ),
    );
    expect(session.profile).toEqual({ name: 'Ada', email_verified: true, locale: 'x'.repeat(256) });
    expect(profileOf(session)).toEqual({
      sub: 'usr_1',
      name: 'Ada',
      email_verified: true,
      locale: 'x'.repeat(256),
      roles: ['a', 'b'],
      tenant: 'acme',
    });
    expect(principalOf(session, 'web')).toEqual({
      kind: 'user',
      subject: 'usr_1',
      clientId: 'web',
      scopes: new Set(['openid']),
      roles: new Set(['a', 'b']),
      tenant: 'acme',
    });
  });

  test('has a profile of ten claims, and of no other', () => {
    const profile = {
      name: 'Ada Lovelace',
      given_name: 'Ada',
      family_name: 'Lovelace',
      nickname: 'ada',
      preferred_username: 'ada.l',
      email: 'ada@shop.example',
      email_verified: false,
      picture: 'https://shop.example/ada.png',
      locale: 'en-GB',
      zoneinfo: 'Europe/London',
    };
    expect(begin(tokens({}, { ...profile, phone_number: '1', at_hash: 'x' })).profile).toEqual(profile);
  });

  test('without roles and tenant has none; with too many roles, the first fifty', () => {
    expect(profileOf(begin())).toEqual({ sub: 'usr_1', roles: [] });
    expect(principalOf(begin(), 'web').tenant).toBeUndefined();
    expect(begin(tokens({}, { roles: 'admin' })).roles).toEqual([]);
    expect(
      begin(tokens({}, { roles: Array.from({ length: 60 }, (_, index) => `r${index}`) })).roles,
    ).toHaveLength(50);
  });

  test('shows no token', () => {
    expect(JSON.stringify(profileOf(begin()))).not.toMatch(/access|refresh|"id"/);
  });
});

describe('a renewed session', () => {
  const old = begin(tokens({}, { name: 'Ada', roles: ['a'] }));

  test('keeps what the provider did not repeat', () => {
    const renewed = renewedSession(old, { accessToken: 'new', expiresInMs: 60_000 }, 10_000);
    expect(renewed).toEqual({ ...old, accessToken: 'new', accessEndsMs: 70_000, refreshAtMs: 40_000 });
  });

  test('takes the new tokens, scopes and person', () => {
    const renewed = renewedSession(
      old,
      tokens(
        { accessToken: 'a2', refreshToken: 'r2', idToken: 'i2', scopes: ['x'], refreshExpiresInMs: 5_000 },
        { roles: ['b'] },
      ),
      10_000,
    );
    expect(renewed).toMatchObject({
      accessToken: 'a2',
      refreshToken: 'r2',
      idToken: 'i2',
      scopes: ['x'],
      roles: ['b'],
      profile: {},
      endsMs: 15_000,
    });
  });

  test('is neither longer nor more in use than before', () => {
    const renewed = renewedSession(old, tokens(), 100_000);
    expect(renewed).toMatchObject({
      absoluteEndsMs: old.absoluteEndsMs,
      endsMs: old.endsMs,
      seenMs: 1_000,
      sid: old.sid,
    });
  });

  test('of one without refresh token has none', () => {
    expect(renewedSession(begin(without('refreshToken')), { accessToken: 'new' }, 2_000)).not.toHaveProperty(
      'refreshToken',
    );
  });
});

test('what remains is the nearer of both ends, and never negative', () => {
  const session = begin(tokens({ refreshExpiresInMs: 100_000 }));
  expect(remainingMs(session, 60_000, 1_000)).toBe(60_000);
  expect(remainingMs(session, 600_000, 1_000)).toBe(100_000);
  expect(remainingMs(session, 60_000, 61_000)).toBe(0);
  expect(remainingMs(session, 60_000, 99_000)).toBe(0);
});
