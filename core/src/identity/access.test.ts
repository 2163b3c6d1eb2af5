import { describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type Access, anyone, requireAccess, scopes, signedIn } from './access.ts';

const ada: Principal = {
  kind: 'user',
  subject: 'usr_1',
  clientId: 'app',
  scopes: new Set(['orders:read', 'profile:read']),
  tenant: undefined,
};

function refusalOf(access: Access, principal: Principal | undefined): GatewayError | undefined {
  try {
    requireAccess(access, principal, 'Bearer, Session');
  } catch (error) {
    return GatewayError.from(error);
  }
  return undefined;
}

test('anyone may do what is open to anyone', () => {
  expect(refusalOf(anyone(), undefined)).toBeUndefined();
  expect(refusalOf(anyone(), ada)).toBeUndefined();
});

describe('nobody', () => {
  test.each([signedIn(), scopes('orders:read')])('is asked to sign in by %o', (access) => {
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
