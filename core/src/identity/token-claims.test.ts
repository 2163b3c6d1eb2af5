import { errors, type JWTPayload } from 'jose';
import { expect, test } from 'vitest';
import { verifiedToken } from './token-claims.ts';

const names = { tenant: 'tenant', roles: 'roles' };
const claims: JWTPayload = { sub: 'usr_1', client_id: 'app', jti: 'j1', iat: 1_000, exp: 4_600 };
const jkt = 'x'.repeat(43);

test('the claims of a token are its principal, its name, its end and what it is bound to', () => {
  expect(verifiedToken(claims, names)).toEqual({
    principal: {
      kind: 'user',
      subject: 'usr_1',
      clientId: 'app',
      scopes: new Set(),
      tenant: undefined,
    },
    jti: 'j1',
    thumbprint: undefined,
    expires: 4_600,
  });
  expect(verifiedToken({ ...claims, cnf: { jkt } }, names).thumbprint).toBe(jkt);
});

test('a life of exactly 24 hours, a name of 512 and a role of 128 characters are fine', () => {
  const longest = { exp: 87_400, sub: 'x'.repeat(512), roles: ['x'.repeat(128)] };
  expect(verifiedToken({ ...claims, ...longest }, names)).toMatchObject({
    principal: { subject: longest.sub, roles: new Set(longest.roles) },
    expires: 87_400,
  });
});

const life = 'the token lives longer than 24 h';
const bound = 'cnf must name the thumbprint of one key, and nothing else';

test.each<[object, string]>([
  [{ exp: undefined }, 'exp and iat must be there'],
  [{ iat: undefined }, 'exp and iat must be there'],
  [{ exp: 87_401 }, life],
  [{ exp: Number.NaN }, life],
  [{ sub: '' }, 'sub must be 1 to 512 characters of text'],
  [{ jti: 'x'.repeat(513) }, 'jti must be 1 to 512 characters of text'],
  [{ client_id: 'a\u0000b' }, 'client_id must be 1 to 512 characters of text'],
  [{ tenant: 7 }, 'tenant must be 1 to 512 characters of text'],
  [{ cnf: null }, bound],
  [{ cnf: { jkt: [jkt] } }, bound],
  [{ cnf: { jkt: 7 } }, bound],
  [{ cnf: { jkt: `${jkt}x` } }, bound],
  [{ cnf: { jkt: `${jkt}=` } }, bound],
  [{ cnf: { jkt: `=${jkt}` } }, bound],
  [{ cnf: { jkt, kid: 'k' } }, bound],
])('%j makes nobody: %s', (wrong, message) => {
  expect(() => verifiedToken({ ...claims, ...wrong }, names)).toThrow(new errors.JWTInvalid(message));
});
