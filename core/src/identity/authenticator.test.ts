import { describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { testContext } from '../testing/test-context.ts';
import { type Authenticator, authenticate, bearerToken, challengeOf } from './authenticator.ts';

const principalOf = (subject: string): Principal => ({
  kind: 'user',
  subject,
  clientId: 'app',
  scopes: new Set(),
  tenant: undefined,
});

/** An authenticator that says `verdict`, and writes down that it was asked. */
function saying(
  name: string,
  verdict: Principal | GatewayError | undefined,
  asked: string[],
  challenge = 'Bearer',
): Authenticator {
  return {
    name,
    challenge,
    authenticate() {
      asked.push(name);
      if (verdict instanceof GatewayError) throw verdict;
      return verdict;
    },
  };
}

const withCredential = { headers: { authorization: 'Bearer x' } };

describe('authenticators are asked in order', () => {
  test('until one of them knows who it is', async () => {
    const asked: string[] = [];
    const all = [
      saying('a', undefined, asked),
      saying('b', principalOf('ada'), asked),
      saying('c', principalOf('bob'), asked),
    ];
    expect((await authenticate(all, testContext(withCredential)))?.subject).toBe('ada');
    expect(asked).toEqual(['a', 'b']);
  });

  test('and a credential that does not hold ends it: the next one cannot save it', async () => {
    const asked: string[] = [];
    const all = [
      saying('a', new GatewayError('invalid-token'), asked),
      saying('b', principalOf('ada'), asked),
    ];
    await expect(authenticate(all, testContext(withCredential))).rejects.toMatchObject({
      code: 'invalid-token',
    });
    expect(asked).toEqual(['a']);
  });

  test('also when one answers later', async () => {
    const slow: Authenticator = {
      name: 'slow',
      challenge: 'Bearer',
      authenticate: () => Promise.resolve(principalOf('ada')),
    };
    expect((await authenticate([slow, saying('b', principalOf('bob'), [])], testContext()))?.subject).toBe(
      'ada',
    );
  });
});

test('without any credential there is nobody', async () => {
  expect(await authenticate([saying('a', undefined, [])], testContext())).toBeUndefined();
  expect(await authenticate([], testContext())).toBeUndefined();
});

test('a credential that nobody understands is refused, with all challenges there are', async () => {
  const all = [saying('a', undefined, []), saying('b', undefined, [], 'Session'), saying('c', undefined, [])];
  const error = await authenticate(all, testContext({ headers: { authorization: 'Basic secret' } })).then(
    () => undefined,
    GatewayError.from,
  );
  expect([error?.code, error?.status]).toEqual(['invalid-token', 401]);
  expect(error?.options.headers).toEqual({ 'www-authenticate': 'Bearer, Session' });
  expect(error?.options.detail).not.toContain('secret');
});

test('a challenge is said once', () => {
  expect(challengeOf([saying('a', undefined, []), saying('b', undefined, [])])).toBe('Bearer');
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER a-b.c_d~e+f/g==', 'a-b.c_d~e+f/g=='],
  ['Bearer', undefined],
  ['Bearer  abc', undefined],
  ['Bearer abc ', undefined],
  ['Bearer abc, Bearer def', undefined],
  ['Bearer a=b', undefined],
  ['Bearerabc', undefined],
  ['Basic abc', undefined],
  ['', undefined],
])('the token of %j is %j', (authorization, token) => {
  expect(bearerToken(testContext({ headers: { authorization } }))).toBe(token);
});
