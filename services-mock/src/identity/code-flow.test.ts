import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Services, startServices } from '../start-services.ts';
import { WEB_CLIENT } from './clients.ts';
import {
  askToken,
  authorizationUrl,
  callbackUrl,
  locationOf,
  openBrowser,
  redeem,
  signInByCode,
} from './sign-in.fixture.ts';

const secret = { client_id: WEB_CLIENT.id, client_secret: WEB_CLIENT.secret };

let services: Services;
beforeAll(async () => {
  services = await startServices({ ports: 'free', environment: {} });
});
afterAll(() => services.close());

const claims = (token: unknown): Readonly<Record<string, unknown>> => decodeJwt(String(token));

describe('signing in', () => {
  it('sends the browser back with a code that gives tokens of the person for the web BFF', async () => {
    const signIn = await signInByCode(services);
    expect(signIn.callback.href.split('?')[0]).toBe(callbackUrl);
    expect(Object.fromEntries(signIn.callback.searchParams)).toEqual({
      code: expect.any(String),
      state: 'the-state',
      iss: services.urls.issuer,
    });
    const { status, body } = await redeem(services, signIn);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3_600,
      scope: 'profile:read orders:read',
    });
    expect(claims(body.id_token)).toMatchObject({
      sub: 'usr_0001',
      name: 'Ada Lovelace',
      email: 'ada@acme.example',
      tenant: 'acme',
      roles: ['customer'],
      nonce: 'the-nonce',
      sid: expect.any(String),
      aud: 'shop-web',
    });
    const keys: JSONWebKeySet = JSON.parse(await (await fetch(`${services.urls.issuer}/jwks`)).text());
    const { payload } = await jwtVerify(String(body.access_token), createLocalJWKSet(keys), {
      issuer: services.urls.issuer,
      audience: 'web',
      typ: 'at+jwt',
    });
    expect(payload).toMatchObject({
      sub: 'usr_0001',
      client_id: 'shop-web',
      tenant: 'acme',
      roles: ['customer'],
    });
  });

  it('asks nobody twice who is signed in already', async () => {
    const { browser, verifier } = await signInByCode(services);
    const again = await browser.visit(authorizationUrl(services, verifier));
    expect(locationOf(again).href).toContain(`${callbackUrl}?code=`);
    const anew = await browser.visit(authorizationUrl(services, verifier, { prompt: 'login' }));
    expect(locationOf(anew).pathname).toMatch(/^\/interaction\//);
  });

  it('is a page of the shop that works without scripts and leads only here and back to the client', async () => {
    const browser = openBrowser(services.urls.issuer);
    const page = await browser.visit(
      locationOf(await browser.visit(authorizationUrl(services, 'v'.repeat(43)))),
    );
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://localhost:4001;");
    const text = await page.text();
    expect(text).not.toContain('<script');
    for (const name of ['Ada Lovelace', 'Grace Hopper', 'Linus Pauling']) expect(text).toContain(name);
  });

  it('shows the page again after a wrong password, with what was typed and nothing of it believed', async () => {
    const browser = openBrowser(services.urls.issuer);
    const page = locationOf(await browser.visit(authorizationUrl(services, 'v'.repeat(43))));
    const refused = await browser.visit(page, { login: '"><b>ada', password: 'lovelace' });
    expect(refused.status).toBe(401);
    const text = await refused.text();
    expect(text).toContain('role="alert"');
    expect(text).toContain('value="&#34;&#62;&#60;b&#62;ada"');
    expect((await browser.visit(page, { login: 'ada', password: 'ada' })).status).toBe(303);
  });

  it.each([
    ['too long', new URLSearchParams({ login: 'a'.repeat(5_000), password: 'ada' })],
    ['no form', JSON.stringify({ login: 'ada', password: 'ada' })],
  ])('refuses a sign-in that is %s', async (_what, body) => {
    const first = await fetch(authorizationUrl(services, 'v'.repeat(43)), { redirect: 'manual' });
    const cookie = first.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const answer = await fetch(locationOf(first), { method: 'POST', body, headers: { cookie } });
    expect(answer.status).toBe(401);
  });

  it('belongs to the browser that began it', async () => {
    const [mine, theirs] = [openBrowser(services.urls.issuer), openBrowser(services.urls.issuer)];
    const page = locationOf(await mine.visit(authorizationUrl(services, 'v'.repeat(43))));
    expect((await theirs.visit(page)).status).toBe(400);
    expect((await theirs.visit(page, { login: 'ada', password: 'ada' })).status).toBe(400);
    await theirs.visit(authorizationUrl(services, 'v'.repeat(43)));
    expect((await theirs.visit(page)).status).toBe(400);
  });
});

describe('a client', () => {
  it('that names an address of somebody else is shown an error, and the browser stays', async () => {
    const url = authorizationUrl(services, 'v'.repeat(43), {
      redirect_uri: 'https://evil.example/bff/callback',
    });
    const answer = await openBrowser(services.urls.issuer).visit(url);
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(await answer.text()).toContain('invalid_redirect_uri');
  });

  it('gets no code without PKCE', async () => {
    const url = authorizationUrl(services, '');
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const { searchParams } = locationOf(await openBrowser(services.urls.issuer).visit(url));
    expect(searchParams.get('error')).toBe('invalid_request');
  });

  it.each([
    ['the wrong verifier', { code_verifier: 'w'.repeat(43) }, 'invalid_grant', 400],
    ['another address', { redirect_uri: 'http://localhost:4001/elsewhere' }, 'invalid_grant', 400],
    ['the wrong secret', { client_secret: 'x'.repeat(40) }, 'invalid_client', 401],
    ['no code', { code: 'nobody-gave-this' }, 'invalid_grant', 400],
  ])('gets no token for %s', async (_what, changed, error, status) => {
    const { callback, verifier } = await signInByCode(services);
    const form = {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: callbackUrl,
      code_verifier: verifier,
      ...secret,
      ...changed,
    };
    expect(await askToken(services, form)).toMatchObject({ status, body: { error } });
  });

  it('redeems a code once; again takes back what it gave', async () => {
    const signIn = await signInByCode(services);
    const { body } = await redeem(services, signIn);
    expect(await redeem(services, signIn)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const form = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token), ...secret };
    expect(await askToken(services, form)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('gets a token for another gateway only by its resource indicator', async () => {
    const { body } = await redeem(services, await signInByCode(services, { resource: 'urn:acme:web' }));
    expect(claims(body.access_token)).toMatchObject({ aud: 'web' });
    const unknown = authorizationUrl(services, 'v'.repeat(43), { resource: 'urn:acme:payroll' });
    const { searchParams } = locationOf(await openBrowser(services.urls.issuer).visit(unknown));
    expect(searchParams.get('error')).toBe('invalid_target');
  });

  it('that proves its key gets a token bound to it (DPoP)', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const url = `${services.urls.issuer}/token`;
    const proof = await new SignJWT({ htm: 'POST', htu: url, jti: randomUUID() })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
      .setIssuedAt()
      .sign(privateKey);
    const { body } = await redeem(services, await signInByCode(services), { dpop: proof });
    expect(body.token_type).toBe('DPoP');
    expect(claims(body.access_token)).toMatchObject({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
  });

  it('on a phone is public and gets tokens for the mobile BFF', async () => {
    const redirect = 'com.acme.shop:/callback';
    const signIn = await signInByCode(services, { client_id: 'shop-mobile', redirect_uri: redirect });
    expect(signIn.callback.href).toContain(`${redirect}?code=`);
    const { body } = await askToken(services, {
      grant_type: 'authorization_code',
      code: signIn.callback.searchParams.get('code') ?? '',
      redirect_uri: redirect,
      code_verifier: signIn.verifier,
      client_id: 'shop-mobile',
    });
    expect(claims(body.access_token)).toMatchObject({
      aud: 'mobile',
      client_id: 'shop-mobile',
      sub: 'usr_0001',
    });
  });
});

describe('a refresh token', () => {
  const refresh = (token: unknown) =>
    askToken(services, { grant_type: 'refresh_token', refresh_token: String(token), ...secret });

  it('gives new tokens and its successor; used again, it ends the whole family', async () => {
    const first = await redeem(services, await signInByCode(services));
    const second = await refresh(first.body.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect(claims(second.body.access_token)).toMatchObject({ aud: 'web', sub: 'usr_0001' });
    expect(await refresh(first.body.refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } });
    expect(await refresh(second.body.refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } });
  });

  it('is worth nothing after revocation, which only its own client may do', async () => {
    const { body } = await redeem(services, await signInByCode(services));
    const token = String(body.refresh_token);
    const revoke = (client: Readonly<Record<string, string>>) =>
      fetch(`${services.urls.issuer}/token/revocation`, {
        method: 'POST',
        body: new URLSearchParams({ token, ...client }),
      });
    expect((await revoke({ client_id: 'shop-mobile' })).status).toBe(200); // and nothing happened
    const successor = await refresh(token);
    expect(successor.status).toBe(200);
    await fetch(`${services.urls.issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ token: String(successor.body.refresh_token), ...secret }),
    });
    expect(await refresh(successor.body.refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } });
  });
});

describe('signing out', () => {
  it('asks first, then ends the sign-in, tells the web BFF and goes back there', async () => {
    const heard: string[] = [];
    const bff = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk) => heard.push(`${request.url} ${chunk}`));
      request.on('end', () => response.end());
    });
    const webOrigin = await new Promise<string>((resolve) => {
      bff.listen(0, '127.0.0.1', () => {
        const address = bff.address();
        resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
      });
    });
    const shop = await startServices({ ports: 'free', webOrigins: [webOrigin] });
    try {
      const redirect = `${webOrigin}/bff/callback`;
      const { browser, callback, verifier } = await signInByCode(shop, { redirect_uri: redirect });
      const { body } = await askToken(shop, {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: redirect,
        code_verifier: verifier,
        ...secret,
      });
      const query = new URLSearchParams({
        id_token_hint: String(body.id_token),
        post_logout_redirect_uri: `${webOrigin}/`,
      });
      const page = await browser.visit(`/session/end?${query}`);
      expect(page.headers.get('content-security-policy')).toContain(`form-action 'self' ${webOrigin};`);
      const text = await page.text();
      expect(text).toContain('Sign out of Acme?');
      expect(text).not.toContain('<script');
      const xsrf = /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? '';
      const done = await browser.visit('/session/end/confirm', { xsrf, logout: 'yes' });
      expect(locationOf(done).href).toBe(`${webOrigin}/`);
      expect(heard).toEqual([expect.stringMatching(/^\/bff\/backchannel-logout logout_token=ey/)]);
      const token = claims(heard[0]?.split('=')[1]);
      expect(token).toMatchObject({ sub: 'usr_0001', sid: claims(body.id_token).sid, aud: 'shop-web' });
      const again = await browser.visit(authorizationUrl(shop, verifier, { redirect_uri: redirect }));
      expect(locationOf(again).pathname).toMatch(/^\/interaction\//);
    } finally {
      await shop.close();
      bff.close();
    }
  });

  it('says so to who has nowhere to go', async () => {
    const page = await openBrowser(services.urls.issuer).visit('/session/end/success');
    expect(await page.text()).toContain('You are signed out');
  });

  it('goes to no address that is not the client’s', async () => {
    const { body } = await redeem(services, await signInByCode(services));
    const query = new URLSearchParams({
      id_token_hint: String(body.id_token),
      post_logout_redirect_uri: 'https://evil.example/',
    });
    const page = await openBrowser(services.urls.issuer).visit(`/session/end?${query}`);
    expect(page.status).toBe(400);
  });
});

it('refuses a web origin that is no origin', async () => {
  await expect(startServices({ ports: 'free', webOrigins: ['http://localhost:4001/'] })).rejects.toThrow(
    'webOrigins must be origins such as http://localhost:4001, got "http://localhost:4001/"',
  );
});
