import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { BACKEND_CLIENT, TOKEN_EXCHANGE, WEB_CLIENT } from './identity/clients.ts';
import { mintToken } from './mint-token.ts';
import { type Services, startServices } from './start-services.ts';

const GRANT = { grant_type: 'password', username: 'ada', password: 'ada', client_id: 'shop-mobile' };
const TokenAnswer = z.strictObject({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.literal(3_600),
  scope: z.string(),
});

let services: Services;
beforeAll(async () => {
  services = await startServices({ ports: 'free' });
});
afterAll(() => services.close());

const post = (form: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(`${services.urls.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });

const verify = (token: string, audience: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${services.urls.issuer}/jwks`)), {
    issuer: services.urls.issuer,
    audience,
    typ: 'at+jwt',
    algorithms: ['RS256'],
    requiredClaims: ['sub', 'client_id', 'exp', 'iat', 'jti'],
  });

describe('the password grant', () => {
  it('gives a token that the published keys verify', async () => {
    const response = await post({ ...GRANT, audience: 'mobile' });
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-store']);
    const { access_token, scope } = TokenAnswer.parse(await response.json());
    const { payload } = await verify(access_token, 'mobile');
    expect(payload).toMatchObject({
      sub: 'usr_0001',
      aud: ['mobile'],
      client_id: 'shop-mobile',
      tenant: 'acme',
      scope,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
    await expect(verify(access_token, 'web')).rejects.toMatchObject({ claim: 'aud' });
  });

  it('gives all audiences and the usual scope unless told', async () => {
    const answer = TokenAnswer.parse(
      await (await post({ ...GRANT, username: 'linus', password: 'linus' })).json(),
    );
    expect(answer.scope).toBe('profile:read orders:read orders:write cart:write');
    expect(decodeJwt(answer.access_token)).toMatchObject({
      sub: 'usr_0003',
      aud: ['web', 'mobile', 'partner'],
    });
  });

  it('gives the scope that was asked for', async () => {
    const answer = TokenAnswer.parse(await (await post({ ...GRANT, scope: 'orders:read' })).json());
    expect(decodeJwt(answer.access_token).scope).toBe('orders:read');
  });

  it.each([
    ['invalid_grant', { ...GRANT, password: 'lovelace' }],
    ['invalid_grant', { ...GRANT, username: 'mallory' }],
    ['invalid_request', { ...GRANT, username: '' }],
    ['invalid_request', { ...GRANT, client_id: '' }],
    ['invalid_request', {}],
    ['unsupported_grant_type', { ...GRANT, grant_type: 'implicit' }],
    ['invalid_target', { ...GRANT, audience: 'http://admin' }],
    ['invalid_target', { ...GRANT, audience: 'payroll' }],
    ['invalid_target', { ...GRANT, audience: 'web', resource: 'urn:acme:mobile' }],
    ['invalid_target', { ...GRANT, resource: 'https://acme.example/web' }],
    ['invalid_scope', { ...GRANT, scope: 'a  "b"' }],
  ])('refuses with %s: %j', async (error, form) => {
    const response = await post(form);
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([400, 'no-store']);
    expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
  });

  it('is not for clients that nobody knows, nor for those that have better', async () => {
    const unknown = await post({ ...GRANT, client_id: 'shop-fridge' });
    expect([unknown.status, await unknown.json()]).toMatchObject([401, { error: 'invalid_client' }]);
    const web = await post({ ...GRANT, client_id: WEB_CLIENT.id, client_secret: WEB_CLIENT.secret });
    expect([web.status, await web.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it('refuses what is no form, and what is sent twice', async () => {
    const token = `${services.urls.issuer}/token`;
    const json = await fetch(token, { method: 'POST', body: JSON.stringify(GRANT) });
    const twice = await fetch(token, {
      method: 'POST',
      body: new URLSearchParams('username=ada&username=eve'),
    });
    expect(await json.json()).toMatchObject({ error: 'invalid_request' });
    expect(await twice.json()).toMatchObject({ error: 'invalid_request' });
  });
});

const backend = { client_id: BACKEND_CLIENT.id, client_secret: BACKEND_CLIENT.secret };

describe('the client credentials grant', () => {
  it('gives a client a token of its own for one service', async () => {
    const response = await post({
      grant_type: 'client_credentials',
      resource: 'urn:acme:orders',
      scope: 'orders:read',
      ...backend,
    });
    const { access_token } = TokenAnswer.parse(await response.json());
    const { payload } = await verify(access_token, 'orders');
    expect(payload).toMatchObject({ sub: 'shop-backend', client_id: 'shop-backend', scope: 'orders:read' });
    expect(payload).not.toHaveProperty('roles');
  });

  it.each([
    ['invalid_target', {}],
    ['invalid_scope', { audience: 'orders', scope: 'orders:delete' }],
  ])('refuses with %s: %j', async (error, form) => {
    const response = await post({ grant_type: 'client_credentials', ...backend, ...form });
    expect([response.status, await response.json()]).toMatchObject([400, { error }]);
  });

  it('is not for who does not know the secret', async () => {
    const form = { ...backend, client_secret: 'guess', grant_type: 'client_credentials', audience: 'orders' };
    expect((await post(form)).status).toBe(401);
  });
});

describe('token exchange', () => {
  const exchange = async (form: Readonly<Record<string, string>>) => {
    const response = await post({
      grant_type: TOKEN_EXCHANGE,
      subject_token: await mintToken(services.issuer, { user: 'ada', audience: 'mobile' }),
      subject_token_type: accessToken,
      audience: 'orders',
      ...backend,
      ...form,
    });
    return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
  };
  const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

  it('gives a short token of the same person for one service, that says who acts', async () => {
    const { status, body } = await exchange({ scope: 'orders:read' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ issued_token_type: accessToken, token_type: 'Bearer', expires_in: 300 });
    const { payload } = await verify(String(body.access_token), 'orders');
    expect(payload).toMatchObject({
      sub: 'usr_0001',
      aud: ['orders'],
      scope: 'orders:read',
      client_id: 'shop-backend',
      act: { sub: 'shop-backend' },
      tenant: 'acme',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });

  it('gives the scope of the subject unless told, and never outlives it', async () => {
    const subject_token = await mintToken(services.issuer, {
      user: 'ada',
      audience: 'web',
      scope: 'cart:write',
      expiresInSeconds: 30,
    });
    const { body } = await exchange({ subject_token, requested_token_type: accessToken });
    expect(body.scope).toBe('cart:write');
    expect(body.expires_in).toBeLessThanOrEqual(30);
  });

  it.each([
    ['invalid_target', { audience: 'payroll' }],
    ['invalid_target', { audience: '' }],
    ['invalid_scope', { scope: 'orders:read inventory:read' }],
    ['invalid_request', { subject_token: '' }],
    ['invalid_request', { subject_token: 'no.token.atall' }],
    ['invalid_request', { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }],
    ['invalid_request', { requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['invalid_request', { actor_token: 'mine' }],
  ])('refuses with %s: %j', async (error, form) => {
    expect(await exchange(form)).toMatchObject({ status: 400, body: { error } });
  });

  it.each([
    ['has expired', { user: 'ada', audience: 'web', expiresInSeconds: -1 }],
    ['was exchanged already', { user: 'ada', audience: 'orders' }],
  ])('refuses a token that %s', async (_what, request) => {
    const subject_token = await mintToken(services.issuer, request);
    expect(await exchange({ subject_token })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  it('is for gateways only', async () => {
    const form = { client_id: WEB_CLIENT.id, client_secret: WEB_CLIENT.secret };
    expect(await exchange(form)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

it('publishes public keys only, and says where', async () => {
  const metadata = await (await fetch(`${services.urls.issuer}/.well-known/openid-configuration`)).json();
  expect(metadata).toMatchObject({
    issuer: services.urls.issuer,
    jwks_uri: `${services.urls.issuer}/jwks`,
    token_endpoint: `${services.urls.issuer}/token`,
  });
  const { keys }: JSONWebKeySet = JSON.parse(await (await fetch(`${services.urls.issuer}/jwks`)).text());
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']]);
});

describe('tokens minted in the process', () => {
  it('verify like those of the endpoint, for whomever', async () => {
    const token = await mintToken(services.issuer, {
      user: 'usr_0042',
      audience: 'partner',
      scope: 'orders:read',
    });
    const { payload, protectedHeader } = await verify(token, 'partner');
    expect(payload).toMatchObject({ sub: 'usr_0042', scope: 'orders:read' });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt', kid: expect.any(String) });
  });

  it('can be expired already', async () => {
    const token = await mintToken(services.issuer, { user: 'ada', expiresInSeconds: -10 });
    await expect(verify(token, 'web')).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });

  it('are worth nothing at another start', async () => {
    const other = await startServices({ ports: 'free' });
    const keys: JSONWebKeySet = JSON.parse(await (await fetch(`${other.urls.issuer}/jwks`)).text());
    await other.close();
    const token = await mintToken(services.issuer, { user: 'ada' });
    await expect(jwtVerify(token, createLocalJWKSet(keys))).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    });
  });
});
