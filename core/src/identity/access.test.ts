import { describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type Access, allOf, anyone, requireAccess, roles, scopes, signedIn } from './access.ts';

const ada: Principal = {
  kind: 'user',
  subject: 'usr_1',
  clientId: 'app',
  scopes: new Set(['orders:read', 'profile:read']),
  tenant: undefined,
};

function refusalOf(access: Access, principal: Principal | undefined): GatewayError | undefined {
  try {
    requireAccess(access, principal, { nobody: 'Bearer, Session', scheme: () => 'Bearer' });
  } catch (error) {
    return GatewayError.from(error);
  }
  return undefined;
}

test('a rule says what it needs and nothing else', () => {
  expect([anyone(), signedIn(), scopes('a', 'b'), roles('x')]).toEqual([
    { kind: 'anyone', scopes: [], roles: [] },
    { kind: 'signed-in', scopes: [], roles: [] },
    { kind: 'scopes', scopes: ['a', 'b'], roles: [] },
    { kind: 'roles', scopes: [], roles: ['x'] },
  ]);
});

test('anyone may do what is open to anyone', () => {
  expect(refusalOf(anyone(), undefined)).toBeUndefined();
  expect(refusalOf(anyone(), ada)).toBeUndefined();
});

describe('nobody', () => {
  test.each([
    signedIn(),
    scopes('orders:read'),
    roles('support'),
    allOf(scopes('orders:read'), roles('support')),
  ])('is asked to sign in by %o', (access) => {
    const error = refusalOf(access, undefined);
    expect([error?.code, error?.status]).toEqual(['not-signed-in', 401]);
    expect(error?.options.headers).toEqual({ 'www-authenticate': 'Bearer, Session' });
  });
});

test('a caller without scopes may do what needs a sign-in only', () => {
  expect(refusalOf(signedIn(), { ...ada, scopes: new Set() })).toBeUndefined();
});

test('all scopes are needed, not one of them', () => {
  expect(refusalOf(scopes('orders:read', 'profile:read'), ada)).toBeUndefined();
  const error = refusalOf(scopes('orders:read', 'orders:write', 'admin'), ada);
  expect([error?.code, error?.status]).toEqual(['insufficient-scope', 403]);
  expect(error?.options.detail).toBe('The credential lacks: orders:write admin.');
  expect(error?.options.headers).toEqual({
    'www-authenticate': 'Bearer error="insufficient_scope", scope="orders:read orders:write admin"',
  });
});

test('a scope counts in full: neither its beginning nor a list in one text', () => {
  expect(refusalOf(scopes('orders'), ada)?.code).toBe('insufficient-scope');
  expect(
    refusalOf(scopes('orders:read'), { ...ada, scopes: new Set(['orders:read profile:read']) })?.code,
  ).toBe('insufficient-scope');
});

const support: Principal = { ...ada, roles: new Set(['support', 'night-shift']) };

test('all roles are needed, and they come from the principal', () => {
  expect(refusalOf(roles('support'), support)).toBeUndefined();
  expect(refusalOf(roles('support', 'night-shift'), support)).toBeUndefined();
  const error = refusalOf(roles('support', 'admin', 'owner'), support);
  expect([error?.code, error?.status]).toEqual(['insufficient-role', 403]);
  expect(error?.options.detail).toBe('The caller lacks the role: admin, owner.');
  expect(error?.options.headers).toBeUndefined();
});

test('a caller without roles has none, and a scope of that name is no role', () => {
  expect(refusalOf(roles('support'), ada)?.code).toBe('insufficient-role');
  expect(refusalOf(roles('orders:read'), ada)?.code).toBe('insufficient-role');
  expect(refusalOf(scopes('support'), support)?.code).toBe('insufficient-scope');
});

describe('all of several rules', () => {
  test('are needed together; a missing scope is named first', () => {
    const access = allOf(scopes('orders:read'), roles('support'));
    expect(refusalOf(access, support)).toBeUndefined();
    expect(refusalOf(access, ada)?.code).toBe('insufficient-role');
    expect(refusalOf(access, { ...support, scopes: new Set() })?.code).toBe('insufficient-scope');
    expect(refusalOf(access, { ...ada, scopes: new Set() })?.code).toBe('insufficient-scope');
  });

  test('are one rule, in which nothing stands twice', () => {
    const inner = allOf(scopes('a', 'b'), roles('x'));
    expect(allOf(inner, scopes('b', 'c'), roles('x', 'y'), signedIn())).toEqual({
      kind: 'all-of',
      scopes: ['a', 'b', 'c'],
      roles: ['x', 'y'],
    });
  });
});

test('a caller with a bound token is told so by its own scheme', () => {
  const judge = (): void => requireAccess(scopes('admin'), ada, { nobody: 'Bearer', scheme: () => 'DPoP' });
  expect(judge).toThrow(
    expect.objectContaining({
      options: expect.objectContaining({
        headers: { 'www-authenticate': 'DPoP error="insufficient_scope", scope="admin"' },
      }),
    }),
  );
});

test.each([
  [() => scopes('a b'), "scopes must be 1 to 128 characters that can stand in a token, got 'a b'"],
  [() => scopes('ok', 'a"b'), "scopes must be 1 to 128 characters that can stand in a token, got 'a\"b'"],
  [() => scopes('a\\b'), "scopes must be 1 to 128 characters that can stand in a token, got 'a\\b'"],
  [() => scopes(''), "scopes must be 1 to 128 characters that can stand in a token, got ''"],
  [() => scopes('x'.repeat(129)), /^scopes must be 1 to 128 characters/],
  [() => scopes(7 as never), "scopes must be 1 to 128 characters that can stand in a token, got '7'"],
  [() => roles('a\r\nb'), /^roles must be 1 to 128 characters/],
  [() => roles(''), /^roles must be 1 to 128 characters/],
  [() => (scopes as () => Access)(), 'scopes must name one or more, got none'],
  [() => (roles as () => Access)(), 'roles must name one or more, got none'],
])(
  'a rule that nobody could satisfy, or that a header could not repeat, is refused at boot %#',
  (rule, message) => {
    expect(rule).toThrow(RangeError);
    expect(rule).toThrow(message);
  },
);

test('scopes and roles of the longest allowed length are fine', () => {
  expect(scopes('x'.repeat(128)).scopes).toHaveLength(1);
  expect(roles('Kundendienst Süd').roles).toEqual(['Kundendienst Süd']);
});
