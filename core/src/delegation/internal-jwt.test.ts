import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { internalJwt } from './internal-jwt.ts';
import { gatewayKeys } from './signing-keys.ts';

const issuer = 'https://web-bff.acme.internal';
const keys = gatewayKeys({ issuer });

function rig(audience = 'orders') {
  const clock = manualClock();
  const identity = internalJwt({ audience, keys });
  const contextOf = (principal?: Principal) => {
    const context = testContext({ headers: { authorization: 'Bearer of-the-client' } }, { clock });
    context.principal = principal;
    context.subjectToken = 'of-the-client';
    return context;
  };
  const tokenFor = async (principal?: Principal) => {
    const { authorization = '' } = await identity.headers(contextOf(principal));
    return authorization.replace('Bearer ', '');
  };
  return { clock, identity, contextOf, tokenFor };
}

const ada = (more: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  subject: 'usr_ada',
  clientId: 'shop-web',
  scopes: new Set(['orders:read', 'cart:write']),
  tenant: 'acme',
  ...more,
});

describe('the token', () => {
  test('says who asks, through what, with which scopes, for one service and a minute', async () => {
    const { clock, tokenFor } = rig();
    const token = await tokenFor(ada({ roles: new Set(['support', 'admin']) }));
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createLocalJWKSet({ keys: keys.jwks.keys.map((jwk) => ({ ...jwk })) }),
      { issuer, audience: 'orders', typ: 'internal+jwt', currentDate: new Date(clock.wallMs()) },
    );
    const iat = clock.wallMs() / 1_000;
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'internal+jwt', kid: keys.jwks.keys[0]?.kid });
    expect(payload).toEqual({
      iss: issuer,
      aud: 'orders',
      sub: 'usr_ada',
      kind: 'user',
      client_id: 'shop-web',
      scope: 'cart:write orders:read',
      tenant: 'acme',
      roles: ['admin', 'support'],
      iat,
      exp: iat + 60,
      jti: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
    });
  });

  test('has no tenant and no roles where the caller has none', async () => {
    const { tokenFor } = rig();
    const claims = decodeJwt(await tokenFor(ada({ tenant: undefined, roles: new Set() })));
    expect(Object.keys(claims).sort()).toEqual(
      ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'kind', 'scope', 'sub'].sort(),
    );
  });

  test('for nobody says so, and has no subject', async () => {
    const { tokenFor } = rig();
    const claims = decodeJwt(await tokenFor());
    expect(claims).toMatchObject({ kind: 'anonymous', aud: 'orders', iss: issuer });
    expect(claims).not.toHaveProperty('sub');
    expect(claims).not.toHaveProperty('client_id');
  });

  test('has nothing of the token the client sent', async () => {
    const { tokenFor } = rig();
    expect(JSON.stringify(decodeJwt(await tokenFor(ada())))).not.toContain('of-the-client');
  });
});

describe('one token', () => {
  test('serves the calls of a caller until 20 s before its end, without waiting', async () => {
    const { clock, identity, contextOf, tokenFor } = rig();
    const first = await tokenFor(ada());
    clock.advance(39_999);
    expect(identity.headers(contextOf(ada()))).toEqual({ authorization: `Bearer ${first}` });
    clock.advance(1);
    expect(await tokenFor(ada())).not.toBe(first);
  });

  test('serves equal callers, in whatever order their scopes come', async () => {
    const { tokenFor } = rig();
    const [one, other] = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((scopes) => ada({ scopes: new Set(scopes) }));
    expect(await tokenFor(one)).toBe(await tokenFor(other));
  });

  test.each([
    ['kind', { kind: 'partner' }],
    ['subject', { subject: 'usr_bob' }],
    ['application', { clientId: 'shop-mobile' }],
    ['tenant', { tenant: 'other' }],
    ['absent tenant', { tenant: undefined }],
    ['scopes', { scopes: new Set(['orders:read']) }],
    ['roles', { roles: new Set(['support']) }],
  ] satisfies [string, Partial<Principal>][])(
    'does not serve a caller with another %s',
    async (_what, more) => {
      const { tokenFor } = rig();
      expect(await tokenFor(ada(more))).not.toBe(await tokenFor(ada()));
    },
  );

  test('does not serve nobody and somebody', async () => {
    const { tokenFor } = rig();
    expect(await tokenFor()).not.toBe(await tokenFor(ada()));
  });

  test('that a service refuses is replaced, once it is five seconds old', async () => {
    const { clock, identity, contextOf } = rig();
    const context = contextOf(ada());
    const headers = await identity.headers(context);
    expect(identity.refused?.(context, headers)).toBe(false);
    clock.advance(5_000);
    expect(identity.refused?.(context, headers)).toBe(true);
    expect(await identity.headers(context)).not.toEqual(headers);
  });
});

test('the key set of several audiences is one page', () => {
  expect(internalJwt({ audience: 'orders', keys }).admin).toBe(
    internalJwt({ audience: 'users', keys }).admin,
  );
});

test.each([
  ['an unknown option', { audience: 'orders', keys, ttl: 1 }, /unknown option 'ttl'/],
  ['an empty audience', { audience: '', keys }, /audience must name the service, got ''/],
  ['an audience that is no text', { audience: 7, keys }, /audience must name the service, got '7'/],
  ['no keys', { audience: 'orders' }, /keys must be gatewayKeys/],
])('%s does not boot', (_what, options, message) => {
  expect(() => internalJwt(options as never)).toThrow(message);
});
