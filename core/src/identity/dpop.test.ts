import { createHash } from 'node:crypto';
import {
  type CompactJWSHeaderParameters,
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
} from 'jose';
import { customFetch, validateJwtAccessToken } from 'oauth4webapi';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { bearer } from './bearer.ts';
import type { DpopOptions } from './dpop.ts';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly thumbprint: string;
}

const algorithms = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const;
let issuerPair: Pair;
let phones: Readonly<Record<(typeof algorithms)[number], Pair>>;
let thief: Pair;

async function pairOf(algorithm: string): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

beforeAll(async () => {
  issuerPair = await pairOf('ES256');
  const made = await Promise.all(algorithms.map(pairOf));
  phones = Object.fromEntries(
    algorithms.map((algorithm, index) => [algorithm, made[index]]),
  ) as typeof phones;
  thief = await pairOf('ES256');
});

const origin = 'https://api.shop.example';
const issuer = 'https://login.example';

/** Signs whatever it is told; `undefined` leaves a member out. */
function signed(header: object, payload: object | string, key: CryptoKey): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: 'ES256', ...header } as CompactJWSHeaderParameters)
    .sign(key, { crit: { evil: true, b64: true } });
}

function rig(more: Partial<DpopOptions> & { readonly none?: boolean } = {}) {
  const { none = false, ...dpop } = more;
  // The oracle below reads the clock of the machine.
  const clock = manualClock(Math.floor(Date.now() / 1_000) * 1_000);
  const records = memoryRecords({ clock });
  const authenticator = bearer({
    issuer,
    audience: 'mobile',
    jwksUrl: `${issuer}/jwks`,
    clock,
    fetchKeys: async () => ({ keys: [issuerPair.jwk] }),
    ...(none ? {} : { dpop: { publicOrigin: origin, records, ...dpop } }),
  });
  const now = (): number => clock.wallMs() / 1_000;
  const tokenFor = (thumbprint: string | undefined): Promise<string> =>
    signed(
      { typ: 'at+jwt' },
      {
        iss: issuer,
        aud: 'mobile',
        sub: 'usr_1',
        client_id: 'app',
        jti: 'token-1',
        iat: now(),
        exp: now() + 3_600,
        ...(thumbprint === undefined ? {} : { cnf: { jkt: thumbprint } }),
      },
      issuerPair.privateKey,
    );
  return {
    clock,
    records,
    authenticator,
    now,
    tokenFor,
    async judge(
      headers: Readonly<Record<string, string>>,
      request: { method?: string; target?: string } = {},
    ) {
      const context = testContext({ method: 'POST', target: '/v1/orders?page=2', headers, ...request });
      try {
        const principal: Principal | undefined = await authenticator.authenticate(context);
        return { principal, subjectToken: context.subjectToken, error: undefined };
      } catch (thrown) {
        expect(context.subjectToken).toBeUndefined();
        return { principal: undefined, subjectToken: undefined, error: GatewayError.from(thrown) };
      }
    },
  };
}

type Rig = ReturnType<typeof rig>;

interface ProofParts {
  readonly header?: object;
  readonly claims?: object;
  readonly key?: Pair;
}

/** A good proof for `POST /v1/orders`, but for what `parts` says. */
function proofOf(
  it: Rig,
  token: string,
  { header, claims, key = phones.ES256 }: ProofParts = {},
): Promise<string> {
  return signed(
    { typ: 'dpop+jwt', jwk: key.jwk, ...header },
    {
      jti: 'proof-1',
      htm: 'POST',
      htu: `${origin}/v1/orders`,
      iat: it.now(),
      ath: createHash('sha256').update(token).digest('base64url'),
      ...claims,
    },
    key.privateKey,
  );
}

const algs = 'algs="ES256 EdDSA PS256 RS256"';

function expectRefused(judged: Awaited<ReturnType<Rig['judge']>>, challenge: string): void {
  expect([judged.error?.code, judged.error?.status]).toEqual(['invalid-token', 401]);
  expect(judged.error?.options.headers).toEqual({ 'www-authenticate': challenge });
}

describe('a bound token with a proof of its key', () => {
  test.each(algorithms)('is taken, signed with %s', async (alg) => {
    const it = rig();
    const token = await it.tokenFor(phones[alg].thumbprint);
    const proof = await proofOf(it, token, { header: { alg }, key: phones[alg] });
    const judged = await it.judge({ authorization: `DPoP ${token}`, dpop: proof });
    expect(judged).toMatchObject({ principal: { subject: 'usr_1' }, subjectToken: token });
  });

  test.each<[string, object]>([
    ['a query in htu', { htu: `${origin}/v1/orders?page=9` }],
    ['a fragment in htu', { htu: `${origin}/v1/orders#top` }],
    ['the host in another case', { htu: 'HTTPS://API.shop.example/v1/orders' }],
    ['the port said', { htu: 'https://api.shop.example:443/v1/orders' }],
    ['an escape that was not needed', { htu: `${origin}/v1/%6frders` }],
    ['more claims', { nonce: 'n', sub: 'usr_2', exp: 1 }],
  ])('may have %s', async (_what, claims) => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    const judged = await it.judge({
      authorization: `dpop ${token}`,
      dpop: await proofOf(it, token, { claims }),
    });
    expect(judged.error).toBeUndefined();
  });

  test('may be a minute early or late', async () => {
    for (const late of [-60, 60]) {
      const it = rig();
      const token = await it.tokenFor(phones.ES256.thumbprint);
      const dpop = await proofOf(it, token, { claims: { iat: it.now() + late } });
      expect((await it.judge({ authorization: `DPoP ${token}`, dpop })).error).toBeUndefined();
    }
  });

  test('is asked for a proof each time, although the token is known', async () => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    const send = async (jti: string) =>
      it.judge({ authorization: `DPoP ${token}`, dpop: await proofOf(it, token, { claims: { jti } }) });
    expect((await send('one')).principal).toBeDefined();
    expect((await send('two')).principal).toBeDefined();
    expectRefused(
      await it.judge({ authorization: `DPoP ${token}` }),
      `DPoP error="invalid_dpop_proof", ${algs}`,
    );
  });
});

describe('a proof is used once', () => {
  test('also by many at the same time', async () => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    const headers = { authorization: `DPoP ${token}`, dpop: await proofOf(it, token) };
    const judged = await Promise.all(Array.from({ length: 20 }, () => it.judge(headers)));
    expect(judged.filter(({ principal }) => principal !== undefined)).toHaveLength(1);
    for (const one of judged.filter(({ error }) => error !== undefined)) {
      expectRefused(one, `DPoP error="invalid_dpop_proof", ${algs}`);
    }
  });

  test('as long as it could be used', async () => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    const headers = {
      authorization: `DPoP ${token}`,
      dpop: await proofOf(it, token, { claims: { iat: it.now() + 60 } }),
    };
    expect((await it.judge(headers)).principal).toBeDefined();
    for (const _half of [1, 2, 3]) {
      it.clock.advance(40_000);
      expectRefused(await it.judge(headers), `DPoP error="invalid_dpop_proof", ${algs}`);
    }
  });

  test('by its key: another phone may have the same jti', async () => {
    const it = rig();
    for (const alg of ['ES256', 'EdDSA'] as const) {
      const token = await it.tokenFor(phones[alg].thumbprint);
      const dpop = await proofOf(it, token, { header: { alg }, key: phones[alg] });
      expect((await it.judge({ authorization: `DPoP ${token}`, dpop })).principal).toBeDefined();
    }
  });

  test('and one that does not hold uses nothing up', async () => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    const wrong = await proofOf(it, token, { claims: { htm: 'GET' } });
    expect((await it.judge({ authorization: `DPoP ${token}`, dpop: wrong })).error).toBeDefined();
    const right = await proofOf(it, token);
    expect((await it.judge({ authorization: `DPoP ${token}`, dpop: right })).principal).toBeDefined();
  });

  test('and when nobody can tell whether it was, the answer is 503', async () => {
    const away = new GatewayError('dependency-unavailable', { retryAfterMs: 1_000 });
    const records: RecordStore = { ...memoryRecords(), set: () => Promise.reject(away) };
    const it = rig({ records });
    const token = await it.tokenFor(phones.ES256.thumbprint);
    const judged = await it.judge({ authorization: `DPoP ${token}`, dpop: await proofOf(it, token) });
    expect([judged.error?.code, judged.error?.status]).toEqual(['dependency-unavailable', 503]);
  });

  test('and the mark keeps neither the proof nor the key in clear', async () => {
    const kept: unknown[] = [];
    const records: RecordStore = {
      ...memoryRecords(),
      async set(...call) {
        kept.push(call);
        return true;
      },
    };
    const it = rig({ records });
    const token = await it.tokenFor(phones.ES256.thumbprint);
    await it.judge({ authorization: `DPoP ${token}`, dpop: await proofOf(it, token) });
    expect(kept).toEqual([
      [expect.stringMatching(/^dpop:\{[\w-]{43}\}$/), '1', { ttlMs: 300_000, when: 'absent' }],
    ]);
    expect(JSON.stringify(kept)).not.toContain('proof-1');
  });
});

describe('a proof that does not hold', () => {
  const wrong: readonly (readonly [
    string,
    (it: Rig, token: string) => ProofParts | Promise<string> | string,
  ])[] = [
    ['is empty', () => ''],
    ['is no token', () => 'proof'],
    ['is two', async (it, token) => `${await proofOf(it, token)}, ${await proofOf(it, token)}`],
    ['is padded', async (it, token) => `${await proofOf(it, token)}=`],
    ['is too long', (it, token) => proofOf(it, token, { claims: { x: 'x'.repeat(4_096) } })],
    [
      'has no claims',
      (_it, _token) => signed({ typ: 'dpop+jwt', jwk: phones.ES256.jwk }, '[]', phones.ES256.privateKey),
    ],
    ['has no type', () => ({ header: { typ: undefined } })],
    ['has the type of a token', () => ({ header: { typ: 'at+jwt' } })],
    ['has its type in another case', () => ({ header: { typ: 'DPOP+JWT' } })],
    ['has a critical extension', () => ({ header: { crit: ['evil'], evil: true } })],
    ['has no key', () => ({ header: { jwk: undefined } })],
    ['has null for a key', () => ({ header: { jwk: null } })],
    ['has text for a key', () => ({ header: { jwk: 'key' } })],
    ['has a list for a key', () => ({ header: { jwk: [] } })],
    ['has a key of no kind', () => ({ header: { jwk: { kty: 'none' } } })],
    [
      'shows its private key',
      async (it, token) => proofOf(it, token, { header: { jwk: await exportJWK(phones.ES256.privateKey) } }),
    ],
    ['shows a secret', () => ({ header: { jwk: { ...phones.ES256.jwk, k: 'AA' } } })],
    ['is of another key than the token', () => ({ key: thief })],
    [
      'shows the right key and is signed with another',
      () => ({ header: { jwk: phones.ES256.jwk }, key: thief }),
    ],
    ['is for another method', () => ({ claims: { htm: 'GET' } })],
    ['is for the method in lowercase', () => ({ claims: { htm: 'post' } })],
    ['is for no method', () => ({ claims: { htm: undefined } })],
    ['is for another path', () => ({ claims: { htu: `${origin}/v1/order` } })],
    ['is for the path with a slash more', () => ({ claims: { htu: `${origin}/v1/orders/` } })],
    ['is for the path in another case', () => ({ claims: { htu: `${origin}/v1/Orders` } })],
    ['is for an escaped slash', () => ({ claims: { htu: `${origin}/v1%2Forders` } })],
    ['is for another host', () => ({ claims: { htu: 'https://evil.example/v1/orders' } })],
    ['is for another port', () => ({ claims: { htu: 'https://api.shop.example:444/v1/orders' } })],
    ['is for http', () => ({ claims: { htu: 'http://api.shop.example/v1/orders' } })],
    ['is for a URL with a user', () => ({ claims: { htu: 'https://u:p@api.shop.example/v1/orders' } })],
    ['is for a user without a password', () => ({ claims: { htu: 'https://u@api.shop.example/v1/orders' } })],
    [
      'is for a password without a user',
      () => ({ claims: { htu: 'https://:p@api.shop.example/v1/orders' } }),
    ],
    ['is for a path only', () => ({ claims: { htu: '/v1/orders' } })],
    ['is for no URL', () => ({ claims: { htu: undefined } })],
    ['is for a list of URLs', () => ({ claims: { htu: [`${origin}/v1/orders`] } })],
    ['is 61 seconds old', (it) => ({ claims: { iat: it.now() - 61 } })],
    ['is 61 seconds early', (it) => ({ claims: { iat: it.now() + 61 } })],
    ['is of no time', () => ({ claims: { iat: undefined } })],
    ['is of a time as text', (it) => ({ claims: { iat: String(it.now()) } })],
    [
      'is for another token',
      () => ({ claims: { ath: createHash('sha256').update('x').digest('base64url') } }),
    ],
    [
      'is for the token in hexadecimal',
      (_it, token) => ({ claims: { ath: createHash('sha256').update(token).digest('hex') } }),
    ],
    ['is for no token', () => ({ claims: { ath: undefined } })],
    ['has no jti', () => ({ claims: { jti: undefined } })],
    ['has an empty jti', () => ({ claims: { jti: '' } })],
    ['has a number for a jti', () => ({ claims: { jti: 1 } })],
    ['has a jti of 513 characters', () => ({ claims: { jti: 'x'.repeat(513) } })],
    [
      'was changed',
      async (it, token) => (await proofOf(it, token)).replace(/\.[^.]+$/, `.${'A'.repeat(86)}`),
    ],
    [
      'is not signed',
      async (it, token) => {
        const [, payload] = (await proofOf(it, token)).split('.');
        const header = JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: phones.ES256.jwk });
        return `${Buffer.from(header).toString('base64url')}.${payload}.AAAA`;
      },
    ],
    [
      'is signed with a secret',
      async (it, token) => {
        const [, payload = ''] = (await proofOf(it, token)).split('.');
        return new CompactSign(Buffer.from(payload, 'base64url'))
          .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: phones.ES256.jwk })
          .sign(Buffer.from(JSON.stringify(phones.ES256.jwk)));
      },
    ],
  ];

  test.each(wrong)('because it %s', async (_what, change) => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    const changed = await change(it, token);
    const dpop = typeof changed === 'string' ? changed : await proofOf(it, token, changed);
    const judged = await it.judge({ authorization: `DPoP ${token}`, dpop });
    expectRefused(judged, `DPoP error="invalid_dpop_proof", ${algs}`);
    expect(judged.error?.options.detail).toBe('The DPoP proof is not valid.');
    const { error } = await it.judge({ authorization: `DPoP ${token}`, dpop: await proofOf(it, token) });
    expect(error).toBeUndefined();
  });

  test('because its RSA key is short', async () => {
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
    const jwk = await exportJWK(weak.publicKey);
    const it = rig();
    const token = await it.tokenFor(await calculateJwkThumbprint(jwk));
    const claims = {
      jti: 'j',
      htm: 'POST',
      htu: `${origin}/v1/orders`,
      iat: it.now(),
      ath: createHash('sha256').update(token).digest('base64url'),
    };
    const input = [{ alg: 'RS256', typ: 'dpop+jwt', jwk }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', weak.privateKey, Buffer.from(input));
    const dpop = `${input}.${Buffer.from(signature).toString('base64url')}`;
    expectRefused(
      await it.judge({ authorization: `DPoP ${token}`, dpop }),
      `DPoP error="invalid_dpop_proof", ${algs}`,
    );
  });

  test('because the target is none of ours', async () => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    for (const target of ['http://api.shop.example/v1/orders', '*', '@evil.example/v1/orders']) {
      const dpop = await proofOf(it, token, { claims: { htu: target } });
      expectRefused(
        await it.judge({ authorization: `DPoP ${token}`, dpop }, { target }),
        `DPoP error="invalid_dpop_proof", ${algs}`,
      );
    }
  });

  test('agrees with oauth4webapi on all but the window, which is five minutes there, and on what is used twice', async () => {
    const request = (token: string, dpop: string): Request =>
      new Request(`${origin}/v1/orders?page=2`, {
        method: 'POST',
        headers: { authorization: `DPoP ${token}`, dpop },
      });
    const keySet = { keys: [{ ...issuerPair.jwk, alg: 'ES256' }] };
    const oracle = (token: string, dpop: string): Promise<boolean> =>
      validateJwtAccessToken({ issuer, jwks_uri: `${issuer}/jwks` }, request(token, dpop), 'mobile', {
        [customFetch]: async () => Response.json(keySet),
      }).then(
        () => true,
        () => false,
      );
    // Ours is the stricter one about spellings, sizes, and keys that show more than they should.
    const stricter =
      /61 seconds|other case|escaped|513|empty jti|too long|a user|a password|padded|shows a secret/;
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    expect(await oracle(token, await proofOf(it, token))).toBe(true);
    const taken: string[] = [];
    for (const [what, change] of wrong.filter(([name]) => !stricter.test(name) && name !== 'is empty')) {
      const changed = await change(it, token);
      const dpop = typeof changed === 'string' ? changed : await proofOf(it, token, changed);
      if (await oracle(token, dpop)) taken.push(what);
    }
    expect(taken).toEqual([]);
  });
});

describe('a token and its scheme belong together', () => {
  test('a bound token as Bearer is 401, whatever proof comes with it', async () => {
    const it = rig();
    const token = await it.tokenFor(phones.ES256.thumbprint);
    for (const more of [{}, { dpop: await proofOf(it, token) }]) {
      expectRefused(
        await it.judge({ authorization: `Bearer ${token}`, ...more }),
        `DPoP error="invalid_token", ${algs}`,
      );
    }
  });

  test('an unbound token as DPoP is 401, whatever proof comes with it', async () => {
    const it = rig();
    const token = await it.tokenFor(undefined);
    const dpop = await proofOf(it, token);
    expectRefused(
      await it.judge({ authorization: `DPoP ${token}`, dpop }),
      `DPoP error="invalid_token", ${algs}`,
    );
  });

  test('an unbound token as Bearer is taken, unless proofs are required', async () => {
    const it = rig();
    const token = await it.tokenFor(undefined);
    expect((await it.judge({ authorization: `Bearer ${token}` })).principal).toBeDefined();
    const strict = rig({ required: true });
    expectRefused(
      await strict.judge({ authorization: `Bearer ${token}` }),
      `DPoP error="invalid_token", ${algs}`,
    );
    const bound = await strict.tokenFor(phones.ES256.thumbprint);
    const dpop = await proofOf(strict, bound);
    expect((await strict.judge({ authorization: `DPoP ${bound}`, dpop })).principal).toBeDefined();
  });

  test('a forged token is told so by the scheme it came with', async () => {
    const it = rig();
    const token = `${(await it.tokenFor(phones.ES256.thumbprint)).slice(0, -86)}${'A'.repeat(86)}`;
    const dpop = await proofOf(it, token);
    expectRefused(
      await it.judge({ authorization: `DPoP ${token}`, dpop }),
      `DPoP error="invalid_token", ${algs}`,
    );
    expectRefused(
      await it.judge({ authorization: 'DPoP opaque', dpop }),
      `DPoP error="invalid_token", ${algs}`,
    );
    expectRefused(await it.judge({ authorization: `Bearer ${token}` }), 'Bearer error="invalid_token"');
  });

  test('where no proofs are taken, a bound token is 401 and DPoP is left to others', async () => {
    const it = rig({ none: true });
    const token = await it.tokenFor(phones.ES256.thumbprint);
    expectRefused(await it.judge({ authorization: `Bearer ${token}` }), 'Bearer error="invalid_token"');
    expect(await it.judge({ authorization: `DPoP ${token}`, dpop: await proofOf(it, token) })).toEqual({
      principal: undefined,
      subjectToken: undefined,
      error: undefined,
    });
  });

  test('the challenge says what is taken', () => {
    expect(rig({ none: true }).authenticator.challenge).toBe('Bearer');
    expect(rig().authenticator.challenge).toBe(`Bearer, DPoP ${algs}`);
    expect(rig({ required: true }).authenticator.challenge).toBe(`DPoP ${algs}`);
  });
});

test.each<[object, string]>([
  [{ publicOrigin: 'https://api.example/v1' }, "got 'https://api.example/v1'"],
  [{ publicOrigin: 'https://api.example/' }, "got 'https://api.example/'"],
  [{ publicOrigin: 'api.example' }, "got 'api.example'"],
  [{ publicOrigin: undefined }, "got 'undefined'"],
  [{ origin: 'https://api.example' }, "bearer: dpop: unknown option 'origin'"],
])('refuses to start with %j', (wrong, message) => {
  expect(() => rig(wrong)).toThrow(RangeError);
  expect(() => rig(wrong)).toThrow(message);
});
