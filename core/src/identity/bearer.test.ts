import fc from 'fast-check';
import { type CompactJWSHeaderParameters, CompactSign, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import type { Authenticator } from './authenticator.ts';
import { type BearerOptions, bearer } from './bearer.ts';
import type { FetchKeys } from './jwks.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
let pairs: Readonly<Record<(typeof algorithms)[number], Pair>>;
let stranger: Pair;
let fetchKeys: FetchKeys;

beforeAll(async () => {
  const made = await Promise.all(
    algorithms.map((algorithm) => generateKeyPair(algorithm, { extractable: true })),
  );
  pairs = Object.fromEntries(algorithms.map((algorithm, index) => [algorithm, made[index]])) as typeof pairs;
  stranger = await generateKeyPair('ES256', { extractable: true });
  const keys = await Promise.all(
    algorithms.map(async (alg) => ({
      ...(await exportJWK(pairs[alg].publicKey)),
      alg,
      kid: alg,
      use: 'sig',
    })),
  );
  fetchKeys = () => Promise.resolve({ keys });
});

const options: BearerOptions = {
  issuer: 'https://login.example',
  audience: 'mobile',
  jwksUrl: 'https://login.example/jwks',
};

interface Rig {
  readonly clock: ManualClock;
  readonly authenticator: Authenticator;
  /** Seconds since the epoch, now. */
  now(): number;
  /** Who the token is, or the error it ends in. */
  judge(token: string): Promise<Principal | undefined | GatewayError>;
}

function rig(more: Partial<BearerOptions> = {}): Rig {
  const clock = manualClock();
  const authenticator = bearer({ ...options, clock, fetchKeys, ...more });
  return {
    clock,
    authenticator,
    now: () => clock.wallMs() / 1_000,
    async judge(token) {
      try {
        return await authenticator.authenticate(
          testContext({ headers: { authorization: `Bearer ${token}` } }),
        );
      } catch (error) {
        return GatewayError.from(error);
      }
    },
  };
}

interface TokenParts {
  /** Claims over the good ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: Parameters<CompactSign['sign']>[0];
}

/** A good token, but for what `parts` says. */
function tokenOf(
  it: Rig,
  { claims = {}, header = {}, key = pairs.ES256.privateKey }: TokenParts = {},
): Promise<string> {
  const payload = {
    iss: 'https://login.example',
    aud: 'mobile',
    sub: 'usr_1',
    client_id: 'app',
    jti: 'token-1',
    scope: 'profile:read orders:read',
    iat: it.now(),
    exp: it.now() + 3_600,
    ...claims,
  };
  const protectedHeader = {
    alg: 'ES256',
    kid: 'ES256',
    typ: 'at+jwt',
    ...header,
  } as CompactJWSHeaderParameters;
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader(protectedHeader)
    .sign(key, { crit: { evil: true } });
}

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function expectRefused(judged: Principal | undefined | GatewayError): void {
  expect(judged).toBeInstanceOf(GatewayError);
  if (!(judged instanceof GatewayError)) return;
  expect([judged.code, judged.status]).toEqual(['invalid-token', 401]);
  expect(judged.options.headers).toEqual({ 'www-authenticate': 'Bearer error="invalid_token"' });
  expect(judged.options.detail).toBeUndefined();
}

describe('accepts', () => {
  test.each(algorithms)('a good token signed with %s', async (alg) => {
    const it = rig();
    const token = await tokenOf(it, { header: { alg, kid: alg }, key: pairs[alg].privateKey });
    expect(await it.judge(token)).toEqual({
      kind: 'user',
      subject: 'usr_1',
      clientId: 'app',
      scopes: new Set(['profile:read', 'orders:read']),
      tenant: undefined,
    });
  });

  test.each<[string, TokenParts]>([
    ['one of several audiences', { claims: { aud: ['web', 'mobile'] } }],
    ['the media type in full', { header: { typ: 'application/at+jwt' } }],
    ['a token without scope', { claims: { scope: undefined } }],
    ['a header it does not know', { header: { cty: 'json' } }],
  ])('%s', async (_what, parts) => {
    const it = rig();
    expect(await it.judge(await tokenOf(it, parts))).toMatchObject({ subject: 'usr_1' });
  });

  test('5 seconds of skew in every time', async () => {
    const it = rig();
    const now = it.now();
    expect(await it.judge(await tokenOf(it, { claims: { iat: now - 60, exp: now - 4 } }))).toMatchObject({
      subject: 'usr_1',
    });
    expect(await it.judge(await tokenOf(it, { claims: { nbf: now + 5 } }))).toMatchObject({
      subject: 'usr_1',
    });
    expect(await it.judge(await tokenOf(it, { claims: { iat: now + 5 } }))).toMatchObject({
      subject: 'usr_1',
    });
  });

  test('the tenant of the token', async () => {
    const it = rig();
    expect(await it.judge(await tokenOf(it, { claims: { tenant: 'acme' } }))).toMatchObject({
      tenant: 'acme',
    });
  });
});

describe('refuses with 401', () => {
  const now = manualClock().wallMs() / 1_000;

  test.each<[string, TokenParts]>([
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['the issuer with a slash more', { claims: { iss: 'https://login.example/' } }],
    ['no issuer', { claims: { iss: undefined } }],
    ['another audience', { claims: { aud: 'web' } }],
    ['audiences without ours', { claims: { aud: ['web', 'mobile2'] } }],
    ['no audience', { claims: { aud: undefined } }],
    ['an ID token', { header: { typ: 'JWT' } }],
    ['a token without a type', { header: { typ: undefined } }],
    ['a token that is over for 6 seconds', { claims: { iat: now - 60, exp: now - 6 } }],
    ['a token that never ends', { claims: { exp: undefined } }],
    ['an end that is text', { claims: { exp: String(now + 60) } }],
    ['an end at infinity', { claims: { exp: 1e308 } }],
    ['a life of more than 24 hours', { claims: { exp: now + 86_401 } }],
    ['an issue 25 hours ago', { claims: { iat: now - 90_000, exp: now + 60 } }],
    ['an issue in the future', { claims: { iat: now + 60 } }],
    ['a token without its time of issue', { claims: { iat: undefined } }],
    ['a token not valid yet', { claims: { nbf: now + 60 } }],
    ['no jti', { claims: { jti: undefined } }],
    ['no client_id', { claims: { client_id: undefined } }],
    ['no sub', { claims: { sub: undefined } }],
    ['a sub that is a number', { claims: { sub: 1 } }],
    ['an empty sub', { claims: { sub: '' } }],
    ['a client_id that is a list', { claims: { client_id: ['app'] } }],
    ['an unknown critical extension', { header: { crit: ['evil'], evil: true } }],
    ['the algorithm of another key', { header: { kid: 'RS256' } }],
  ])('%s', async (_what, parts) => {
    const it = rig();
    expectRefused(await it.judge(await tokenOf(it, parts)));
  });

  test.each(['none', 'None', 'NONE', 'nOnE', ''])('alg %j, with and without a signature', async (alg) => {
    const it = rig();
    const [, payload = '', signature = ''] = (await tokenOf(it)).split('.');
    for (const end of ['', signature]) {
      expectRefused(await it.judge(`${part({ alg, kid: 'ES256', typ: 'at+jwt' })}.${payload}.${end}`));
    }
  });

  test('HS256 with the public key as the secret', async () => {
    const it = rig();
    const pem = await exportSPKI(pairs.RS256.publicKey);
    const jwk = JSON.stringify(await exportJWK(pairs.RS256.publicKey));
    const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\n/g, ''), 'base64');
    for (const secret of [Buffer.from(pem), Buffer.from(pem.trim()), Buffer.from(jwk), der]) {
      for (const kid of ['RS256', undefined]) {
        expectRefused(await it.judge(await tokenOf(it, { header: { alg: 'HS256', kid }, key: secret })));
      }
    }
  });

  test('an algorithm that is not among those allowed, though the key would do', async () => {
    const it = rig({ algorithms: ['RS256', 'EdDSA'] });
    expectRefused(await it.judge(await tokenOf(it)));
    const { alg: _alg, ...anyAlg } = {
      ...(await exportJWK(pairs.RS256.publicKey)),
      kid: 'any',
      alg: undefined,
    };
    const open = rig({ fetchKeys: () => Promise.resolve({ keys: [anyAlg] }) });
    const secondKey = await crypto.subtle.importKey(
      'jwk',
      { ...(await exportJWK(pairs.RS256.privateKey)), alg: 'RS512' },
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
      false,
      ['sign'],
    );
    expectRefused(
      await open.judge(await tokenOf(open, { header: { alg: 'RS512', kid: 'any' }, key: secondKey })),
    );
    const good = await tokenOf(open, { header: { alg: 'RS256', kid: 'any' }, key: pairs.RS256.privateKey });
    expect(await open.judge(good)).toMatchObject({ subject: 'usr_1' });
  });

  test('a key that came with the token', async () => {
    let fetched: string[] = [];
    const it = rig({
      fetchKeys: (url) => {
        fetched = [...fetched, url];
        return fetchKeys(url);
      },
    });
    const jwk = await exportJWK(stranger.publicKey);
    for (const header of [
      { jwk },
      { jwk, kid: undefined },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/x5u', x5c: ['MII='] },
    ]) {
      expectRefused(await it.judge(await tokenOf(it, { header, key: stranger.privateKey })));
    }
    expect(fetched).toEqual(['https://login.example/jwks']);
  });

  test.each(['../../dev/null', "' OR 1=1", '__proto__', 'x'.repeat(5_000), '', 7, null, {}])(
    'kid %#',
    async (kid) => {
      const it = rig();
      expectRefused(await it.judge(await tokenOf(it, { header: { kid }, key: stranger.privateKey })));
    },
  );

  test('a signature of zeros', async () => {
    const it = rig();
    const [header, payload] = (await tokenOf(it)).split('.');
    expectRefused(await it.judge(`${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`));
  });

  test('a payload that was changed', async () => {
    const it = rig();
    const [header, payload = '', signature] = (await tokenOf(it)).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    for (const changed of [
      { ...claims, sub: 'usr_2' },
      { ...claims, scope: 'admin' },
      { ...claims, exp: claims.exp + 1 },
    ]) {
      expectRefused(await it.judge(`${header}.${part(changed)}.${signature}`));
    }
  });

  test('a token of more than 8 KiB, before anything is verified', async () => {
    let fetches = 0;
    const it = rig({
      fetchKeys: (url) => {
        fetches += 1;
        return fetchKeys(url);
      },
    });
    expectRefused(await it.judge(await tokenOf(it, { claims: { padding: 'x'.repeat(8_192) } })));
    expect(fetches).toBe(0);
  });

  test.each(['.', '..', 'a.b', 'a.b.c', 'a.b.c.d.e', `${part('[]')}.${part('{}')}.x`])(
    '%s',
    async (token) => {
      expectRefused(await rig().judge(token));
    },
  );

  test('whatever has the form of a token and is none', async () => {
    const it = rig();
    const json = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          alg: fc.constantFrom('ES256', 'RS256', 'PS256', 'EdDSA', 'HS256', 'none', 7),
          typ: fc.constantFrom('at+jwt', 'JWT', 7),
          kid: fc.constantFrom('ES256', 'RS256', 'PS256', 'EdDSA', 'other', 7),
          crit: fc.constantFrom(['b64'], [], 'b64'),
          b64: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    );
    const segment = fc.oneof(json.map(part), fc.stringMatching(/^[A-Za-z0-9_-]{0,40}$/));
    await fc.assert(
      fc.asyncProperty(segment, segment, segment, async (header, payload, signature) => {
        expectRefused(await it.judge(`${header}.${payload}.${signature}`));
      }),
    );
  });
});

describe('leaves to the next authenticator', () => {
  test.each([undefined, 'Basic dXNlcjpwdw==', 'Bearer bffk_live_x_y', 'DPoP a.b.c', 'a.b.c'])(
    'Authorization: %s',
    (authorization) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      expect(rig().authenticator.authenticate(testContext({ headers }))).toBeUndefined();
    },
  );

  test('a token anywhere but in the header', async () => {
    const it = rig();
    const token = await tokenOf(it);
    const context = testContext({ target: `/?access_token=${token}`, headers: { cookie: `token=${token}` } });
    expect(it.authenticator.authenticate(context)).toBeUndefined();
  });
});

describe('a verified token', () => {
  test('is remembered: the next request is answered at once, by the same principal', async () => {
    const it = rig();
    const token = await tokenOf(it);
    const context = testContext({ headers: { authorization: `bearer ${token}` } });
    const first = await it.authenticator.authenticate(context);
    expect(it.authenticator.authenticate(context)).toBe(first);
  });

  test('is forgotten when it ends', async () => {
    const it = rig();
    const token = await tokenOf(it, { claims: { exp: it.now() + 60 } });
    await it.judge(token);
    it.clock.advance(64_999);
    expect(await it.judge(token)).toMatchObject({ subject: 'usr_1' });
    it.clock.advance(1);
    expectRefused(await it.judge(token));
  });

  test('is not remembered when it was refused', async () => {
    const it = rig();
    const token = await tokenOf(it, { claims: { nbf: it.now() + 60 } });
    expectRefused(await it.judge(token));
    it.clock.advance(60_000);
    expect(await it.judge(token)).toMatchObject({ subject: 'usr_1' });
  });
});

describe('when tokens cannot be judged', () => {
  test.each<[string, FetchKeys]>([
    ['the provider is away', () => Promise.reject(new Error('connect ECONNREFUSED'))],
    ['the provider answers with something else', () => Promise.resolve({ keys: 'none' } as never)],
  ])('%s: 503, never 401', async (_what, failing) => {
    const it = rig({ fetchKeys: failing });
    const judged = await it.judge(await tokenOf(it));
    expect(judged).toMatchObject({ code: 'dependency-unavailable', status: 503 });
  });

  test('a key of the provider that is too weak to use is 503, not our own fault', async () => {
    const weak = await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 1_024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-256',
      },
      true,
      ['sign', 'verify'],
    );
    const keys = [{ ...(await exportJWK(weak.publicKey)), kid: 'weak', alg: 'RS256' }];
    const it = rig({ fetchKeys: () => Promise.resolve({ keys }) });
    const [, payload] = (await tokenOf(it)).split('.');
    const token = `${part({ alg: 'RS256', kid: 'weak', typ: 'at+jwt' })}.${payload}.AAAA`;
    expect(await it.judge(token)).toMatchObject({ code: 'dependency-unavailable', status: 503 });
  });

  test('a client that leaves while the keys are fetched does not wait for them', async () => {
    const it = rig({ fetchKeys: () => new Promise(() => {}) });
    const context = testContext({ headers: { authorization: `Bearer ${await tokenOf(it)}` } });
    const running = it.authenticator.authenticate(context);
    context.cancellation.cancel(new GatewayError('client-gone'));
    await expect(running).rejects.toMatchObject({ code: 'client-gone' });
  });
});
