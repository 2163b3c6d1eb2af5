import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
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

describe('the token endpoint', () => {
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
    ['invalid_scope', { ...GRANT, scope: 'a  "b"' }],
  ])('refuses with %s: %j', async (error, form) => {
    const response = await post(form);
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([400, 'no-store']);
    expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
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
