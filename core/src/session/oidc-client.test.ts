/** The provider's answers, good and malformed, from a server that says what the test wrote. */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayError } from '../problem/gateway-error.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { type OidcClient, oidcClient } from './oidc-client.ts';

interface Scripted {
  readonly status?: number;
  readonly type?: string;
  readonly body: unknown;
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const secret = 'canary-secret';
const checks = { state: 'the-state', nonce: 'the-nonce', verifier: randomBytes(32).toString('base64url') };

let issuer: string;
let script: Record<string, Scripted | 'hang' | undefined>;
let requests: { path: string; method: string; form: URLSearchParams; authorization: string | undefined }[];
let clock: ManualClock;
let client: OidcClient;
let stop: () => Promise<void>;

const metadata = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  end_session_endpoint: `${issuer}/end`,
  revocation_endpoint: `${issuer}/revoke`,
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
  id_token_signing_alg_values_supported: ['RS256'],
  ...over,
});
const jwks = () => ({
  keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }],
});

async function idToken(
  over: Record<string, unknown> = {},
  key = keys.privateKey,
  header = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: issuer,
    aud: 'web',
    sub: 'usr_1',
    nonce: checks.nonce,
    iat: now,
    exp: now + 60,
    ...over,
  };
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(present).setProtectedHeader({ alg: 'RS256', kid: 'k', ...header }).sign(key);
}
const answer = async (over: Record<string, unknown> = {}): Promise<Scripted> => ({
  body: {
    access_token: 'canary-access',
    token_type: 'Bearer',
    id_token: await idToken(),
    refresh_token: 'canary-refresh',
    expires_in: 60,
    ...over,
  },
});
const callback = (over: Record<string, string> = {}): string =>
  `?${new URLSearchParams({ code: 'canary-code', state: checks.state, iss: issuer, ...over })}`;

async function failing(work: Promise<unknown>): Promise<GatewayError> {
  const error = await work.then(
    () => undefined,
    (thrown: GatewayError) => thrown,
  );
  if (error === undefined) throw new Error('it did not fail');
  const whole = [error.message, String(error.options.cause), JSON.stringify(error.options.cause)].join('\n');
  expect(whole).not.toMatch(/canary|eyJ/);
  expect(error.options.cause).not.toHaveProperty('cause');
  return error;
}

beforeEach(async () => {
  requests = [];
  const server = createServer((request, response) => {
    void readForm(request).then((form) => {
      const path = request.url ?? '';
      requests.push({
        path,
        method: request.method ?? '',
        form,
        authorization: request.headers.authorization,
      });
      const scripted = script[path];
      if (scripted === 'hang') return;
      const { status = 200, type = 'application/json', body } = scripted ?? { status: 404, body: {} };
      response.writeHead(status, { 'content-type': type, 'set-cookie': ['a=1', 'b=2'] });
      response.end(typeof body === 'string' || status === 204 ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  clock = manualClock();
  client = make();
  script = { '/.well-known/openid-configuration': { body: metadata() }, '/jwks': { body: jwks() } };
  stop = async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterEach(() => stop());

const make = (over: { resource?: string } = {}): OidcClient =>
  oidcClient({
    issuer,
    clientId: 'web',
    clientSecret: secret,
    scope: 'openid profile',
    resource: over.resource,
    redirectUri: 'http://localhost/bff/callback',
    clock,
  });

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}

const discoveries = (): number => requests.filter(({ path }) => path.startsWith('/.well-known')).length;

describe('the metadata', () => {
  test('is fetched when first needed, once, and again after an hour', async () => {
    expect(discoveries()).toBe(0);
    await Promise.all([client.authorizationUrl(checks, undefined), client.authorizationUrl(checks, 'login')]);
    expect(discoveries()).toBe(1);
    clock.advance(3_599_999);
    await client.keysUrl();
    expect(discoveries()).toBe(1);
    clock.advance(1);
    await client.keysUrl();
    expect(discoveries()).toBe(2);
  });

  test('is kept while the provider is away', async () => {
    await client.keysUrl();
    clock.advance(3_600_000);
    script['/.well-known/openid-configuration'] = { status: 500, body: {} };
    await client.keysUrl();
    await client.keysUrl();
    expect(discoveries()).toBe(2);
    clock.advance(30_000);
    await client.keysUrl();
    expect(discoveries()).toBe(3);
  });

  test('is asked for again after a failure', async () => {
    script['/.well-known/openid-configuration'] = { status: 503, body: {} };
    expect(await failing(client.keysUrl())).toMatchObject({ code: 'dependency-unavailable' });
    script['/.well-known/openid-configuration'] = { body: metadata() };
    expect(await client.keysUrl()).toBe(`${issuer}/jwks`);
  });

  test.each<[string, () => Scripted]>([
    ['without S256', () => ({ body: metadata({ code_challenge_methods_supported: ['plain'] }) })],
    ['without PKCE', () => ({ body: metadata({ code_challenge_methods_supported: undefined }) })],
    ['of another issuer', () => ({ body: metadata({ issuer: 'https://evil.example' }) })],
    ['that is no JSON', () => ({ body: '<html>', type: 'text/html' })],
    ['that is too large', () => ({ body: JSON.stringify({ ...metadata(), x: 'x'.repeat(300_000) }) })],
  ])('%s is of no use', async (_what, scripted) => {
    script['/.well-known/openid-configuration'] = scripted();
    expect(await failing(client.authorizationUrl(checks, undefined))).toMatchObject({
      code: 'dependency-unavailable',
    });
  });

  test('with an address in clear outside this machine is not followed', async () => {
    script['/.well-known/openid-configuration'] = {
      body: metadata({ token_endpoint: 'http://id.example/token' }),
    };
    expect(await failing(client.refresh('r'))).toMatchObject({ code: 'dependency-unavailable' });
  });

  test('without keys has none', async () => {
    script['/.well-known/openid-configuration'] = { body: metadata({ jwks_uri: undefined }) };
    expect(await failing(client.keysUrl())).toMatchObject({ code: 'dependency-unavailable' });
  });
});

describe('the way to the provider', () => {
  test('says what is asked for, and proves with S256 who asks', async () => {
    const url = new URL(await client.authorizationUrl(checks, undefined));
    expect(url.origin + url.pathname).toBe(`${issuer}/auth`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'web',
      response_type: 'code',
      redirect_uri: 'http://localhost/bff/callback',
      scope: 'openid profile',
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: createHash('sha256').update(checks.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  test('tells how to ask the person, where that is wanted', async () => {
    const url = new URL(await client.authorizationUrl(checks, 'login'));
    expect(url.searchParams.get('prompt')).toBe('login');
  });
});

describe('a code', () => {
  test('becomes tokens, with the verifier and the secret in the header', async () => {
    script['/token'] = await answer({ scope: 'openid  api', refresh_expires_in: 3_600 });
    expect(await client.exchange(callback(), checks)).toMatchObject({
      accessToken: 'canary-access',
      refreshToken: 'canary-refresh',
      claims: { sub: 'usr_1' },
      scopes: ['openid', 'api'],
      expiresInMs: 60_000,
      refreshExpiresInMs: 3_600_000,
    });
    const [request] = requests.filter(({ path }) => path === '/token');
    expect(request?.authorization).toMatch(/^Basic /);
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: 'authorization_code',
      code: 'canary-code',
      code_verifier: checks.verifier,
      redirect_uri: 'http://localhost/bff/callback',
    });
  });

  test('is for the audience, where there is one', async () => {
    const other = make({ resource: 'https://api.example' });
    script['/token'] = await answer();
    await other.exchange(callback(), checks);
    await other.refresh('r');
    expect(requests.filter(({ path }) => path === '/token').map(({ form }) => form.get('resource'))).toEqual([
      'https://api.example',
      'https://api.example',
    ]);
    expect(await other.authorizationUrl(checks, undefined)).toContain('resource=https%3A%2F%2Fapi.example');
    await other.close();
  });

  test('gives the scopes that were asked for when the provider names none, and no end that it does not name', async () => {
    script['/token'] = await answer({
      expires_in: undefined,
      refresh_token: undefined,
      refresh_expires_in: 0,
    });
    const tokens = await client.exchange(callback(), checks);
    expect(tokens.scopes).toEqual(['openid', 'profile']);
    expect(tokens).not.toHaveProperty('expiresInMs');
    expect(tokens).not.toHaveProperty('refreshToken');
    expect(tokens).not.toHaveProperty('refreshExpiresInMs');
  });

  test('takes the end of the refresh token by its other name too', async () => {
    script['/token'] = await answer({ refresh_token_expires_in: 60 });
    expect(await client.exchange(callback(), checks)).toMatchObject({ refreshExpiresInMs: 60_000 });
  });

  test.each<[string, () => Promise<string>]>([
    ['of another issuer', () => idToken({ iss: 'https://evil.example' })],
    ['for another client', () => idToken({ aud: 'mobile' })],
    ['for several clients without azp', () => idToken({ aud: ['web', 'mobile'] })],
    ['with another nonce', () => idToken({ nonce: 'other' })],
    ['without a nonce', () => idToken({ nonce: undefined })],
    ['without a subject', () => idToken({ sub: undefined })],
    ['that is over', () => idToken({ exp: Math.floor(Date.now() / 1_000) - 600 })],
    ['from the future', () => idToken({ nbf: Math.floor(Date.now() / 1_000) + 600 })],
    ['signed by another key', () => idToken({}, otherKeys.privateKey)],
    ['of an unknown key', () => idToken({}, otherKeys.privateKey, { kid: 'other' })],
    ['signed with PS256, which was not agreed', () => idToken({}, keys.privateKey, { alg: 'PS256' })],
    ['without a signature', async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ['that is none', async () => 'canary'],
  ])('with an ID token %s is refused', async (_what, make_) => {
    script['/token'] = await answer({ id_token: await make_() });
    expect(await failing(client.exchange(callback(), checks))).toMatchObject({ code: 'login-failed' });
  });

  test.each<[string, Record<string, unknown>]>([
    ['without an ID token', { id_token: undefined }],
    ['without an access token', { access_token: undefined }],
    ['with a token of another type', { token_type: 'mac' }],
    ['with a token bound to a key', { token_type: 'DPoP' }],
    ['with a life that is no number', { expires_in: 'soon' }],
    ['with a refresh token that is none', { refresh_token: 7 }],
    ['with a scope that is none', { scope: ['a'] }],
  ])('answered %s is refused', async (_what, over) => {
    script['/token'] = await answer(over);
    expect(await failing(client.exchange(callback(), checks))).toMatchObject({ code: 'login-failed' });
  });

  test.each<[string, Record<string, string>]>([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['of no issuer', { iss: '' }],
    ['of another state', { state: 'other' }],
    ['that is a refusal', { error: 'access_denied', error_description: 'canary' }],
    ['with a token in it', { id_token: 'canary' }],
    ['as a JWT', { response: 'canary' }],
  ])('that came back %s asks the provider nothing', async (_what, over) => {
    expect(await failing(client.exchange(callback(over), checks))).toMatchObject({ code: 'login-failed' });
    expect(requests.filter(({ path }) => path === '/token')).toEqual([]);
  });

  test.each<[string, Scripted, string]>([
    [
      'invalid_grant',
      { status: 400, body: { error: 'invalid_grant', error_description: 'canary' } },
      'login-failed',
    ],
    ['invalid_client', { status: 401, body: { error: 'invalid_client' } }, 'dependency-unavailable'],
    ['500', { status: 500, body: 'canary' }, 'dependency-unavailable'],
    ['a redirect', { status: 302, body: '' }, 'dependency-unavailable'],
    ['no JSON', { body: 'canary' }, 'dependency-unavailable'],
    ['another type', { body: '{}', type: 'text/html' }, 'login-failed'],
    ['a list', { body: [] }, 'login-failed'],
  ])('answered with %s', async (_what, scripted, code) => {
    script['/token'] = scripted;
    expect((await failing(client.exchange(callback(), checks))).code).toBe(code);
  });

  test.each<[string, () => Scripted | Promise<Scripted>]>([
    ['the answer is refused', () => ({ status: 400, body: { error: 'invalid_grant' } })],
    ['the answer is invalid', () => ({ body: [] })],
    ['the answer has tokens of another type', () => answer({ token_type: 'DPoP' })],
  ])('that fails asks to sign in again, and the log says why: %s', async (message, scripted) => {
    script['/token'] = await scripted();
    const { options } = await failing(client.exchange(callback(), checks));
    expect(options).toMatchObject({ detail: 'Please sign in again.', cause: { message } });
  });

  test('is not believed while the keys cannot be had', async () => {
    script['/token'] = await answer();
    script['/jwks'] = { status: 503, body: {} };
    expect(await failing(client.exchange(callback(), checks))).toMatchObject({
      code: 'dependency-unavailable',
    });
  });
});

describe('a refresh', () => {
  test('gives new tokens; what is not repeated is not there', async () => {
    script['/token'] = { body: { access_token: 'a', token_type: 'bearer' } };
    expect(await client.refresh('r')).toEqual({ accessToken: 'a' });
  });

  test('needs no keys: a new refresh token must not be lost for want of them', async () => {
    script['/jwks'] = { status: 503, body: {} };
    script['/token'] = await answer({ id_token: await idToken({ nonce: undefined }) });
    expect(await client.refresh('r')).toMatchObject({
      claims: { sub: 'usr_1' },
      refreshToken: 'canary-refresh',
    });
  });

  test('is over only when the provider says invalid_grant', async () => {
    script['/token'] = { status: 400, body: { error: 'invalid_grant' } };
    expect(await client.refresh('r')).toBe('refused');
    for (const body of [{ access_token: 7 }, { access_token: 'a', token_type: 'mac' }]) {
      script['/token'] = { body };
      expect(await failing(client.refresh('r'))).toMatchObject({
        code: 'dependency-unavailable',
        options: { cause: { message: 'identity provider: invalid answer to a refresh' } },
      });
    }
  });

  test('that succeeds makes the failures before it forgotten', async () => {
    for (const [times, status] of [
      [2, 500],
      [1, 200],
      [2, 500],
      [1, 200],
    ] as const) {
      script['/token'] = { status, body: { access_token: 'a', token_type: 'bearer' } };
      for (let time = 0; time < times; time += 1) await client.refresh('r').catch(() => undefined);
    }
    expect(requests.filter(({ path }) => path === '/token')).toHaveLength(6);
  });

  test('with an ID token for somebody else’s client is refused, and the session kept', async () => {
    script['/token'] = await answer({ id_token: await idToken({ aud: 'mobile' }) });
    expect(await failing(client.refresh('r'))).toMatchObject({ code: 'dependency-unavailable' });
  });

  test('rests after three failures in a row, and not after three refusals', async () => {
    script['/token'] = { status: 400, body: { error: 'invalid_grant' } };
    for (let times = 0; times < 4; times += 1) expect(await client.refresh('r')).toBe('refused');
    script['/token'] = { status: 500, body: {} };
    for (let times = 0; times < 5; times += 1) await failing(client.refresh('r'));
    expect(requests.filter(({ path }) => path === '/token')).toHaveLength(7);
    clock.advance(2_000);
    script['/token'] = { body: { access_token: 'a', token_type: 'bearer' } };
    expect(await client.refresh('r')).toEqual({ accessToken: 'a' });
  });

  test('of a provider that hangs fails after three seconds', { timeout: 10_000 }, async () => {
    script['/token'] = 'hang';
    expect(await failing(client.refresh('r'))).toMatchObject({ code: 'dependency-unavailable' });
  });
});

describe('a sign-out', () => {
  test('goes to the page of the provider, which knows whom', async () => {
    const url = new URL((await client.endSessionUrl('id', 'http://localhost/')) ?? '');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      id_token_hint: 'id',
      post_logout_redirect_uri: 'http://localhost/',
      client_id: 'web',
    });
  });

  test('goes nowhere when there is no such page, and revokes nothing where nothing is revoked', async () => {
    script['/.well-known/openid-configuration'] = {
      body: metadata({ end_session_endpoint: undefined, revocation_endpoint: undefined }),
    };
    expect(await client.endSessionUrl('id', 'http://localhost/')).toBeUndefined();
    await client.revoke('r');
    expect(requests.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration']);
  });

  test('revokes the refresh token', async () => {
    script['/revoke'] = { body: '' };
    await client.revoke('r');
    expect(Object.fromEntries(requests.at(-1)?.form ?? [])).toEqual({
      token: 'r',
      token_type_hint: 'refresh_token',
    });
    script['/revoke'] = { status: 400, body: { error: 'invalid_grant' } };
    expect(await failing(client.revoke('r'))).toMatchObject({
      code: 'dependency-unavailable',
      options: { cause: { message: 'the answer to a revocation is refused' } },
    });
  });
});

test('an answer without a body is read too', async () => {
  script['/empty'] = { status: 204, body: undefined };
  const empty = await client.fetch(`${issuer}/empty`, {
    method: 'GET',
    headers: {},
    body: null,
    redirect: 'manual',
  });
  expect([empty.status, await empty.text(), empty.headers.getSetCookie()]).toEqual([204, '', ['a=1', 'b=2']]);
});
