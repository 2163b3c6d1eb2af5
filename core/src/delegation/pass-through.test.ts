import { expect, test } from 'vitest';
import { testContext } from '../testing/test-context.ts';
import { passThrough } from './pass-through.ts';

const identity = passThrough();

test('the verified token is sent on, not what the client wrote into the header', () => {
  const context = testContext({ headers: { authorization: 'Bearer forged' } });
  context.subjectToken = 'verified';
  expect(identity.headers(context)).toEqual({ authorization: 'Bearer verified' });
});

test('it is for encrypted connections only', () => {
  expect(identity).toMatchObject({ name: 'pass-through', needsTls: true });
});

test('nobody is asked to sign in', () => {
  const context = testContext({ headers: { authorization: 'Bearer forged' } });
  expect(() => identity.headers(context)).toThrow(
    expect.objectContaining({
      code: 'not-signed-in',
      options: { headers: { 'www-authenticate': 'Bearer' } },
    }) as Error,
  );
});

test('a caller who is known by no token is a mistake of the declaration', () => {
  const context = testContext();
  context.principal = {
    kind: 'partner',
    subject: 'p1',
    clientId: 'key1',
    scopes: new Set(),
    tenant: undefined,
  };
  expect(() => identity.headers(context)).toThrow(
    expect.objectContaining({
      code: 'internal',
      cause: new Error("passThrough needs the caller's own token, and this partner has none"),
    }) as Error,
  );
});
