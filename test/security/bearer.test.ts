/**
 * Attacks on access tokens, A51 to A64, over real sockets: what a phone app, a thief and a broken provider
 * can send, and what they get.
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { rawClient } from '../support/raw-client.ts';
import {
  canary,
  goodKeys,
  jwkOf,
  keyServer,
  keys,
  signers,
  type TokenLab,
  tokenLab,
} from '../support/token-lab.ts';

let lab: TokenLab;

beforeAll(async () => {
  lab = await tokenLab();
});
afterAll(() => lab.close());

const now = (): number => Math.floor(Date.now() / 1_000);
const invalid = {
  status: 401,
  code: 'invalid-token',
  challenge: 'Bearer realm="mobile", error="invalid_token"',
} as const;

async function expectInvalid(token: string): Promise<void> {
  const secrets = token.split('.').filter((part) => part.length >= 40);
  await lab.expectRefused(await lab.call('/me', token), { ...invalid, secrets });
}

test('a good token is served, on every kind of endpoint', async () => {
  const token = lab.forge({ claims: { roles: ['support'] } });
  for (const path of ['/me', '/orders', '/support', '/open', '/who']) {
    expect((await lab.call(path, token)).status).toBe(200);
  }
});

test('A62: without a credential, or with cookies only, the challenge names no error', async () => {
  const nobody = { status: 401, code: 'not-signed-in', challenge: 'Bearer realm="mobile"' };
  await lab.expectRefused(await lab.call('/me'), nobody);
  const token = lab.forge({ claims: { sub: canary } });
  const cookie = `__Host-Http-bff=${token}; access_token=${token}; session=${token}`;
  await lab.expectRefused(await lab.call('/me', undefined, { headers: { cookie } }), {
    ...nobody,
    secrets: [token],
  });
});

test('cookies of a caller with a token are neither needed nor sent on', async () => {
  const answer = await lab.call('/me', lab.forge(), { headers: { cookie: 'session=mine' } });
  expect(answer.status).toBe(200);
  expect(lab.service.requests.at(-1)?.headers).not.toHaveProperty('cookie');
  expect(lab.service.requests.at(-1)?.headers).not.toHaveProperty('authorization');
});

describe('A60: a good token that is not enough', () => {
  test('for the scopes of an endpoint: 403 that lists all of them', async () => {
    const token = lab.forge({ claims: { scope: 'profile:read', note: canary } });
    await lab.expectRefused(await lab.call('/orders', token), {
      status: 403,
      code: 'insufficient-scope',
      challenge: 'Bearer realm="mobile", error="insufficient_scope", scope="orders:read profile:read"',
      secrets: [token],
    });
  });

  test.each<[string, object]>([
    ['no scopes', { scope: undefined }],
    ['an empty text', { scope: '' }],
    ['a list instead of a text', { scope: ['orders:read', 'profile:read'] }],
    ['scopes in another case', { scope: 'ORDERS:READ PROFILE:READ' }],
    ['scopes behind a tab', { scope: 'orders:read\tprofile:read' }],
    ['the beginning of one', { scope: 'orders profile:read' }],
    ['an object', { scope: { 'orders:read': true } }],
  ])('with %s', async (_what, claims) => {
    const answer = await lab.call('/orders', lab.forge({ claims }));
    expect([answer.status, (await answer.json()).code]).toEqual([403, 'insufficient-scope']);
  });

  test('for its role: 403 of its own', async () => {
    await lab.expectRefused(await lab.call('/support', lab.forge({ claims: { roles: ['supporter'] } })), {
      status: 403,
      code: 'insufficient-role',
      challenge: null,
    });
  });

  test.each<[string, unknown]>([
    ['no roles', undefined],
    ['a text', 'support'],
    ['an object', { support: true }],
    ['a list of lists', [['support']]],
    ['a list of numbers', [1]],
    ['another case', ['Support']],
    [
      'only after a hundred others',
      [...Array.from({ length: 100 }, (_, index) => `role-${index}`), 'support'],
    ],
  ])('for its role, with %s', async (_what, claim) => {
    const answer = await lab.call('/support', lab.forge({ claims: { roles: claim } }));
    expect([answer.status, (await answer.json()).code]).toEqual([403, 'insufficient-role']);
  });
});

describe('A61: a credential where it does not belong', () => {
  const misplaced = {
    status: 400,
    code: 'credential-in-url',
    challenge: 'Bearer realm="mobile", error="invalid_request"',
  } as const;

  test.each([
    'access_token',
    'ACCESS_TOKEN',
    'access-token',
    'accessToken',
    'access%5Ftoken',
    '%61ccess_token',
    'token',
    'api_key',
    'apikey',
    'apiKey',
    'X-Api-Key',
    'id_token',
    'refresh_token',
    'client_secret',
    'authorization',
    'bearer_token',
    'auth_token',
  ])('in the query as %s: 400, with and without the same in the header, wherever', async (name) => {
    const token = lab.forge({ claims: { sub: canary } });
    for (const path of ['/me', '/open', '/who?page=1']) {
      const target = `${path}${path.includes('?') ? '&' : '?'}${name}=${token}`;
      await lab.expectRefused(await lab.call(target), { ...misplaced, secrets: [token] });
      await lab.expectRefused(await lab.call(target, token), { ...misplaced, secrets: [token] });
    }
  });

  test.each(['?', '?access_token', '?a=1&&access_token=', '?=&access_token=x'])(
    'in the query %s, however short',
    async (query) => {
      const answer = await lab.call(`/open${query}`);
      expect(answer.status).toBe(query === '?' ? 200 : 400);
    },
  );

  test('in a form: 400, whether the endpoint reads a body or not', async () => {
    const token = lab.forge({ claims: { sub: canary } });
    const form = new URLSearchParams({ id: 'p1', access_token: token });
    await lab.expectRefused(await lab.call('/parts', undefined, { method: 'POST', body: form }), {
      ...misplaced,
      secrets: [token],
    });
    await lab.expectRefused(await lab.call('/parts', token, { method: 'POST', body: form }), misplaced);
  });

  test('in the first 8 KiB of a form that goes on; the rest is not waited for', async () => {
    const client = await rawClient(lab.bff.url);
    onTestFinished(() => void client.socket.destroy());
    const start = `access_token=${canary}&rest=`;
    const type = 'Content-Type: application/x-www-form-urlencoded; charset=utf-8';
    client.write(`POST /parts HTTP/1.1\r\nHost: bff.test\r\n${type}\r\nContent-Length: 99000\r\n\r\n`);
    client.write(start.padEnd(8_192, 'x'));
    const answer = await client.answer();
    expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([400, 'credential-in-url']);
  });

  test('a form without one is what it is: no JSON', async () => {
    const body = new URLSearchParams({ id: 'p1', secretary: 'ada' });
    const answer = await lab.call('/parts', lab.forge(), { method: 'POST', body });
    expect(answer.status).toBe(415);
  });

  test('a JSON body may have such a member: it is data', async () => {
    const body = JSON.stringify({ id: 'p1', access_token: 'data' });
    const headers = { 'content-type': 'application/json' };
    expect((await lab.call('/parts', lab.forge(), { method: 'POST', body, headers })).status).toBe(200);
  });
});

describe('an Authorization header that is not one credential is 400', () => {
  test.each([
    'Bearer',
    'Bearer a b',
    'Bearer a,b',
    'Bearer a, Bearer b',
    'Basic a, Bearer b',
    'Bearer "a.b.c"',
    'bearer a=b',
  ])('%s', async (authorization) => {
    for (const path of ['/me', '/open']) {
      await lab.expectRefused(await lab.call(path, undefined, { headers: { authorization } }), {
        status: 400,
        code: 'bad-request-header',
        challenge: 'Bearer realm="mobile", error="invalid_request"',
      });
    }
  });

  test('nor are two lines of it', async () => {
    const client = await rawClient(lab.bff.url);
    onTestFinished(() => void client.socket.destroy());
    const token = lab.forge();
    client.write(
      `GET /me HTTP/1.1\r\nHost: bff.test\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    expect((await client.answer()).status).toBe(400);
  });
});

test.each([
  'Basic dXNlcjpwdw==',
  'Bearer opaque',
  `Bearer bffk_live_${'a'.repeat(12)}`,
  'DPoP a.b.c',
  'Negotiate x',
])('a credential of another kind is refused, also where anyone may call: %s', async (authorization) => {
  for (const path of ['/me', '/open']) {
    await lab.expectRefused(await lab.call(path, undefined, { headers: { authorization } }), {
      ...invalid,
      challenge: 'Bearer realm="mobile"',
    });
  }
});

test.each([
  ['expired', { iat: now() - 7_200, exp: now() - 3_600 }],
  ['forged', { sub: 'usr_2' }],
])(
  'a token that is %s is refused where anyone may call: it is not the same as none',
  async (what, claims) => {
    const sign = signers.es((what === 'forged' ? keys.strangerEc : keys.ec).privateKey);
    const token = lab.forge({ claims: { ...claims, note: canary }, sign });
    await lab.expectRefused(await lab.call('/open', token), { ...invalid, secrets: [token] });
  },
);

describe('A54 and A63: keys nobody knows', () => {
  test.each([
    '../../dev/null',
    "' OR 1=1",
    '__proto__',
    'constructor',
    'x'.repeat(5_000),
    `${'../'.repeat(9)}jwks.json`,
  ])('kid %j is refused', async (kid) => {
    await expectInvalid(lab.forge({ header: { kid }, sign: signers.es(keys.strangerEc.privateKey) }));
  });

  test('500 tokens with random key ids are all refused, and cost the provider nothing more', async () => {
    await lab.call('/me', lab.forge());
    const before = lab.provider.fetches;
    const tokens = Array.from({ length: 500 }, (_, index) =>
      lab.forge({ header: { kid: `guess-${index}` }, claims: { note: canary } }),
    );
    const statuses = await Promise.all(
      tokens.map(async (token) => {
        const answer = await lab.call('/me', token);
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(lab.provider.fetches - before).toBeLessThanOrEqual(1);
    expect(JSON.stringify(lab.bff.log)).not.toContain(canary);
  });
});

describe('A64: a provider that is away is no reason to sign out', () => {
  test('at start: 503 with Retry-After for 50 callers, at most two fetches, and no 401', async () => {
    const down = await tokenLab();
    onTestFinished(() => down.close());
    down.provider.answer = (response) => void response.writeHead(500).end('provider secret');
    const answers = await Promise.all(Array.from({ length: 50 }, () => down.call('/me', down.forge())));
    for (const answer of answers) {
      const body = await answer.text();
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect(JSON.parse(body).code).toBe('dependency-unavailable');
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(body).not.toMatch(/provider secret|127\.0\.0\.1|jwks/);
    }
    expect(down.provider.fetches).toBeLessThanOrEqual(2);
    expect(down.service.requests).toEqual([]);
    expect((await down.call('/open')).status).toBe(200); // who needs no token needs no provider
  });

  test.each<[string, unknown]>([
    ['no keys', { keys: [] }],
    ['only secrets', { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'ec', alg: 'HS256' }] }],
    ['only keys for encryption', { keys: [jwkOf(keys.ec, { kid: 'ec', use: 'enc' })] }],
    ['private keys', { keys: [keys.ec.privateKey.export({ format: 'jwk' })] }],
    ['text', 'keys'],
  ])('publishing %s: 503', async (_what, document) => {
    const odd = await tokenLab();
    onTestFinished(() => odd.close());
    odd.provider.document = document;
    expect((await odd.call('/me', odd.forge())).status).toBe(503);
  });

  test('while the keys are known: good tokens are served, also new ones', async () => {
    const later = await tokenLab();
    onTestFinished(() => later.close());
    expect((await later.call('/me', later.forge())).status).toBe(200);
    await later.provider.close();
    expect((await later.call('/me', later.forge())).status).toBe(200);
    await later.bff.close();
  });

  test('a bad key among good ones spoils nothing', async () => {
    const odd = await tokenLab();
    onTestFinished(() => odd.close());
    odd.provider.document = {
      keys: [7, null, {}, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, ...goodKeys],
    };
    expect((await odd.call('/me', odd.forge())).status).toBe(200);
  });
});

test('a redirect of the provider is not followed: keys come from where they were said to be', async () => {
  const evil = await keyServer();
  evil.document = { keys: [jwkOf(keys.strangerEc, { kid: 'ec', alg: 'ES256' })] };
  const moved = await tokenLab();
  onTestFinished(async () => {
    await moved.close();
    await evil.close();
  });
  moved.provider.answer = (response) => void response.writeHead(302, { location: evil.url }).end();
  const token = moved.forge({ sign: signers.es(keys.strangerEc.privateKey) });
  expect((await moved.call('/me', token)).status).toBe(503);
  expect(evil.fetches).toBe(0);
});

describe('A53: keys that come with the token', () => {
  test('are not used, and nothing is fetched from where they point', async () => {
    const evil = await keyServer();
    onTestFinished(() => evil.close());
    const jwk = jwkOf(keys.strangerEc, { kid: 'ec', alg: 'ES256' });
    evil.document = { keys: [jwk] };
    await lab.call('/me', lab.forge());
    const fetches = lab.provider.fetches;
    for (const header of [
      { jwk },
      { jwk, kid: undefined },
      { jku: evil.url },
      { jku: evil.url, kid: 'evil' },
      { x5u: evil.url },
      { x5c: ['MIIBszCCAVmgAwIBAgIUQ='] },
      { jwk, jku: evil.url, x5u: evil.url, kid: evil.url },
    ]) {
      await expectInvalid(
        lab.forge({ header, claims: { note: canary }, sign: signers.es(keys.strangerEc.privateKey) }),
      );
    }
    expect([evil.fetches, lab.provider.fetches - fetches]).toEqual([0, 0]);
  });
});

describe('A56 to A58: a token signed by the provider, for another time, place or purpose', () => {
  test.each<[string, object]>([
    ['expired 10 seconds ago', { iat: now() - 60, exp: now() - 10 }],
    ['not valid for another minute', { nbf: now() + 60 }],
    ['without an end', { exp: undefined }],
    ['with its end as text', { exp: String(now() + 60) }],
    ['with its end as null', { exp: null }],
    ['with its end as a list', { exp: [now() + 60] }],
    ['with its end as true', { exp: true }],
    ['that ends never, nearly', { exp: 1e308 }],
    ['that lives 24 hours and a second', { iat: now(), exp: now() + 86_401 }],
    ['that ends before it begins', { iat: now(), exp: now() - 3_600 }],
    ['from the future', { iat: now() + 120, exp: now() + 600 }],
    ['from long ago', { iat: -1e15, exp: now() + 60 }],
    ['without its beginning', { iat: undefined }],
    ['with its beginning as text', { iat: String(now()) }],
    ['with nbf as text', { nbf: String(now()) }],
    ['for another audience', { aud: 'web' }],
    ['for an audience that begins alike', { aud: 'mobile2' }],
    ['for an audience in another case', { aud: 'Mobile' }],
    ['for a list of other audiences', { aud: ['web', 'partner'] }],
    ['for an empty list of audiences', { aud: [] }],
    ['for a list in a list', { aud: [['mobile']] }],
    ['for an object', { aud: { mobile: true } }],
    ['for no audience', { aud: undefined }],
    ['of an issuer with a slash more', { iss: 'https://login.example/' }],
    ['of an issuer in another case', { iss: 'https://LOGIN.example' }],
    ['of an issuer over http', { iss: 'http://login.example' }],
    ['of an issuer that ends alike', { iss: 'https://evil.example/https://login.example' }],
    ['of a list of issuers', { iss: ['https://login.example'] }],
    ['of no issuer', { iss: undefined }],
    ['without a name', { jti: undefined }],
    ['with a number for a name', { jti: 7 }],
    ['with an empty name', { jti: '' }],
    ['without a subject', { sub: undefined }],
    ['with an empty subject', { sub: '' }],
    ['with an object for a subject', { sub: { toString: 'usr_1' } }],
    ['with a subject of 513 characters', { sub: 'x'.repeat(513) }],
    ['with a line break in its subject', { sub: 'usr_1\r\nusr_2' }],
    ['with a NUL in its subject', { sub: 'usr_1\u0000' }],
    ['without a client', { client_id: undefined }],
    ['with a list of clients', { client_id: ['app'] }],
    ['with a tenant that is a number', { tenant: 7 }],
    ['with a tenant that is null', { tenant: null }],
    ['with an empty tenant', { tenant: '' }],
    ['with a list of tenants', { tenant: ['acme', 'other'] }],
    ['bound to a certificate', { cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' } }],
    ['bound to nothing', { cnf: {} }],
    ['bound to text', { cnf: 'jkt' }],
    ['bound to null', { cnf: null }],
    ['bound to a number', { cnf: { jkt: 7 } }],
    ['bound to two things', { cnf: { jkt: 'x'.repeat(43), kid: 'k' } }],
    ['bound to a key, in an API that takes no proofs', { cnf: { jkt: 'x'.repeat(43) } }],
  ])('%s', async (_what, claims) => {
    await expectInvalid(lab.forge({ claims: { note: canary, ...claims } }));
  });

  test.each<[string, object]>([
    ['an ID token', { typ: 'JWT' }],
    ['no type', { typ: undefined }],
    ['a logout token', { typ: 'logout+jwt' }],
    ['a proof', { typ: 'dpop+jwt' }],
    ['a type that begins alike', { typ: 'at+jwt2' }],
    ['a list of types', { typ: ['at+jwt'] }],
  ])('%s', async (_what, header) => {
    await expectInvalid(lab.forge({ header, claims: { note: canary } }));
  });

  test.each<[string, object]>([
    ['one audience of several', { aud: ['web', 'mobile'] }],
    ['times with fractions', { iat: now() - 0.5, exp: now() + 60.5 }],
    ['a subject of 512 characters', { sub: 'x'.repeat(512) }],
    ['a subject in another script', { sub: 'пользователь' }],
  ])('but %s is fine', async (_what, claims) => {
    expect((await lab.call('/me', lab.forge({ claims }))).status).toBe(200);
  });

  test('a token of more than 8 KiB is refused, one of nearly 8 KiB is not', async () => {
    const padded = (length: number): string => {
      const short = lab.forge({ claims: { jti: 'j', pad: '' } }).length;
      return lab.forge({ claims: { jti: 'j', pad: 'x'.repeat(Math.floor(((length - short) * 3) / 4)) } });
    };
    expect((await lab.call('/me', padded(8_100))).status).toBe(200);
    await lab.expectRefused(await lab.call('/me', padded(8_300)), invalid);
  });
});
