import { describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { testContext } from '../testing/test-context.ts';
import { type Authenticator, authenticate, bearerToken, challengeOf } from './authenticator.ts';
import { authorizationOf } from './authorization.ts';

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

function refusalOf(judge: () => unknown): GatewayError | undefined {
  try {
    judge();
  } catch (error) {
    return GatewayError.from(error);
  }
  return undefined;
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

  test('and who answers later is waited for, with a promise of any library', async () => {
    const asked: string[] = [];
    const later: Authenticator = {
      name: 'later',
      challenge: 'Bearer',
      // biome-ignore lint/suspicious/noThenProperty: what libraries for promises return
      authenticate: () => ({ then: (settle: (who: undefined) => void) => settle(undefined) }) as never,
    };
    const judged = authenticate([later, saying('b', principalOf('bob'), asked)], testContext(withCredential));
    expect(judged).toBeInstanceOf(Promise);
    expect((await judged)?.subject).toBe('bob');
  });

  test('and a credential that does not hold ends it: the next one cannot save it', async () => {
    const asked: string[] = [];
    const all = [
      saying('a', new GatewayError('invalid-token'), asked),
      saying('b', principalOf('ada'), asked),
    ];
    expect(refusalOf(() => authenticate(all, testContext(withCredential)))?.code).toBe('invalid-token');
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
  const error = refusalOf(() =>
    authenticate(all, testContext({ headers: { authorization: 'Basic secret' } })),
  );
  expect([error?.code, error?.status]).toEqual(['invalid-token', 401]);
  expect(error?.options.headers).toEqual({ 'www-authenticate': 'Bearer, Session' });
  expect(error?.options.detail).toBe('The Authorization header carries no credential this API accepts.');
});

test('a challenge is said once', () => {
  expect(challengeOf([saying('a', undefined, []), saying('b', undefined, [])])).toBe('Bearer');
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER a-b.c_d~e+f/g==', 'a-b.c_d~e+f/g=='],
  ['Bearer  abc', 'abc'],
  ['Bearerabc', undefined],
  ['Basic abc', undefined],
  ['', undefined],
  ['DPoP abc', undefined],
  ['Custom bearer abc', undefined],
  ['Digest username="ada", realm="x"', undefined],
])('the token of %j is %j', (authorization, token) => {
  expect(bearerToken(testContext({ headers: { authorization } }))).toBe(token);
});

test.each([
  'Bearer',
  'Bearer ',
  'Bearer abc ',
  'Bearer abc def',
  'Bearer abc, Bearer def',
  'Bearer abc,Bearer def',
  'Bearer abc, Basic def',
  'Basic abc, Bearer def',
  'Basic abc,dpop def',
  'Basic abc, basic def',
  'Bearer a=b',
  'Bearer "abc"',
  'bearer token=abc',
  'DPoP',
  'DPoP a b',
])('%j is not one scheme and one token: 400, not 401', (authorization) => {
  const error = refusalOf(() => bearerToken(testContext({ headers: { authorization } })));
  expect([error?.code, error?.status]).toEqual(['bad-request-header', 400]);
  expect(error?.options).toEqual({
    detail: 'The Authorization header must hold one scheme and one token.',
    headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
  });
});

test('the token of DPoP is told apart from that of Bearer', () => {
  const authorized = (authorization: string) => authorizationOf(testContext({ headers: { authorization } }));
  expect(authorized('DPoP abc')).toEqual({ scheme: 'dpop', token: 'abc' });
  expect(authorized('dpop  abc')).toEqual({ scheme: 'dpop', token: 'abc' });
  expect(authorized('BEARER abc')).toEqual({ scheme: 'bearer', token: 'abc' });
  expect(authorizationOf(testContext())).toBeUndefined();
});

describe('nobody waits', () => {
  test('for authenticators that answer at once', () => {
    const ada = principalOf('ada');
    expect(authenticate([saying('a', undefined, []), saying('b', ada, [])], testContext())).toBe(ada);
    expect(authenticate([saying('a', undefined, [])], testContext())).toBeUndefined();
  });

  test('longer than for the first one that knows; those after it are not asked', async () => {
    const asked: string[] = [];
    const late = (subject: string | undefined): Authenticator => ({
      name: 'late',
      challenge: 'Bearer',
      authenticate() {
        asked.push(`late ${subject}`);
        return Promise.resolve(subject === undefined ? undefined : principalOf(subject));
      },
    });
    const all = [late(undefined), saying('b', undefined, asked), late('ada'), saying('d', undefined, asked)];
    expect((await authenticate(all, testContext()))?.subject).toBe('ada');
    expect(asked).toEqual(['late undefined', 'b', 'late ada']);
  });
});

test('a credential that nobody understands is refused also after one has thought about it', async () => {
  const late: Authenticator = { name: 'late', challenge: 'Late', authenticate: async () => undefined };
  const judged = Promise.resolve(authenticate([late], testContext(withCredential)));
  await expect(judged).rejects.toMatchObject({ code: 'invalid-token' });
});
