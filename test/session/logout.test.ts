/** Sign-out in both directions: attacks A34 to A38. */
import { generateKeyPairSync } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { eventName, type Forgery, forge as forgeFor, sendLogout } from './logout-tokens.ts';
import { until } from './until.ts';
import { cookieName, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const logoutUrl = async (browser: Browser): Promise<string> =>
  world.origin + String((await world.user(browser)).body.logoutUrl);
const isSignedIn = async (browser: Browser): Promise<boolean> => (await world.user(browser)).status === 200;

describe('GET /bff/logout', () => {
  test.each(['?sid=wrong', '', '?sid=', '?sid=wrong&sid=wrong'])(
    'A34: with %j is refused, and the person stays signed in',
    async (query) => {
      const browser = await world.signIn();
      const page = await browser.open(`${world.origin}/bff/logout${query}`);
      expect(page.status).toBe(400);
      expect(page.headers.getSetCookie()).toEqual([]);
      expect(await isSignedIn(browser)).toBe(true);
    },
  );

  test('A34: from another site ends nothing', async () => {
    const browser = await world.signIn();
    const page = await browser.open(await logoutUrl(browser), {
      from: 'https://evil.example',
      until: world.origin,
    });
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(await isSignedIn(browser)).toBe(true);
  });

  test('A35: ends the session, the cookie, the record and the refresh token, then the session at the provider', async () => {
    const browser = await world.signIn();
    const cookie = browser.cookie(world.origin, cookieName) ?? '';
    const tokens = world.lastTokens();
    const url = await logoutUrl(browser);
    const page = await browser.open(url, { until: world.provider.issuer });
    expect(page.status).toBe(302);
    const next = new URL(page.url);
    expect(next.pathname).toBe('/session/end');
    expect(Object.fromEntries(next.searchParams)).toMatchObject({
      post_logout_redirect_uri: `${world.origin}/`,
      id_token_hint: expect.stringMatching(/^ey/),
      client_id: 'web',
    });
    expect(browser.cookie(world.origin, cookieName)).toBeUndefined();
    const replay = await new Browser().call(`${world.origin}/bff/user`, {
      headers: { cookie: `${cookieName}=${cookie}` },
    });
    expect(replay.status).toBe(401);
    for (const token of tokens) expect(await world.provider.isActive(token)).toBe(false);
    expect((await browser.open(url, { until: `${world.origin}/` })).status).toBe(302); // repeatable
  });

  test.each(['//evil.example', 'https://evil.example', '/bff/login'])(
    'does not send anybody to %s',
    async (returnTo) => {
      const browser = await world.signIn();
      const page = await browser.open(`${await logoutUrl(browser)}&returnTo=${encodeURIComponent(returnTo)}`);
      expect(page.status).toBe(400);
      expect(await isSignedIn(browser)).toBe(true);
    },
  );

  test('clears a cookie whose session is over', async () => {
    const browser = new Browser();
    browser.set(world.origin, cookieName, 'A'.repeat(43));
    const page = await browser.open(`${world.origin}/bff/logout?sid=x`, { until: `${world.origin}/` });
    expect([page.status, page.url]).toEqual([302, `${world.origin}/`]);
    expect(browser.names(world.origin)).toEqual([]);
  });
});

const forge = (forgery?: Forgery): Promise<string> => forgeFor(world, forgery);
const send = (token: string): Promise<Response> => sendLogout(world, token);

async function post(body: string, type = 'application/x-www-form-urlencoded'): Promise<Response> {
  return fetch(`${world.origin}/bff/backchannel-logout`, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });
}
const sidOf = async (browser: Browser): Promise<string> =>
  new URL(await logoutUrl(browser)).searchParams.get('sid') ?? '';

describe('POST /bff/backchannel-logout', () => {
  test('A36: the provider ends the session, on every instance, with its refresh token', async () => {
    const browser = await world.signIn();
    const tokens = world.lastTokens();
    const page = await browser.open(`${world.provider.issuer}/session/end`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const answers = world.provider.logoutAnswers.length;
    const answer = await fetch(`${world.provider.issuer}/session/end/confirm`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: browser.cookieHeader(world.provider.issuer, false) },
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    });
    expect(answer.status).toBe(303);
    await until(() => world.provider.logoutAnswers.length > answers, 'the logout token was answered');
    expect(world.provider.logoutAnswers.at(-1)).toBe(200);
    for (const instance of [0, 1]) {
      world.pinned = instance;
      const user = await browser.call(`${world.origin}/bff/user`, {
        headers: { cookie: browser.cookieHeader(world.origin, false) },
      });
      expect(user.status).toBe(401);
    }
    world.pinned = undefined;
    for (const bff of world.instances) await until(() => bff.liveRequests() === 0);
    for (const token of tokens) expect(await world.provider.isActive(token)).toBe(false);
  });

  test('a logout token of the sid ends that session only', async () => {
    const [mine, other] = [await world.signIn(), await world.signIn()];
    const answer = await send(await forge({ claims: { sid: await sidOf(mine) } }));
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect([await isSignedIn(mine), await isSignedIn(other)]).toEqual([false, true]);
  });

  test('a logout token of the person ends all of their sessions, and nobody else’s', async () => {
    const [mine, alsoMine] = [await world.signIn(), await world.signIn()];
    world.provider.account = 'usr_0002';
    const other = await world.signIn();
    world.provider.account = 'usr_0001';
    expect((await send(await forge())).status).toBe(200);
    expect([await isSignedIn(mine), await isSignedIn(alsoMine), await isSignedIn(other)]).toEqual([
      false,
      false,
      true,
    ]);
    world.clock.advance(1);
    expect(await isSignedIn(await world.signIn())).toBe(true);
  });

  test.each<[string, Forgery]>([
    ['a nonce', { claims: { nonce: 'n' } }],
    ['another audience', { claims: { aud: 'mobile' } }],
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['the type JWT', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['no events', { claims: { events: undefined } }],
    ['another event', { claims: { events: { 'http://other': {} } } }],
    ['an event that is no object', { claims: { events: { [eventName]: 1 } } }],
    ['events as a list', { claims: { events: [eventName] } }],
    ['no jti', { claims: { jti: undefined } }],
    ['a jti that is no text', { claims: { jti: 7 } }],
    ['no iat', { claims: { iat: undefined } }],
    ['neither sub nor sid', { claims: { sub: undefined } }],
    ['a sub that is no text', { claims: { sub: 7 } }],
    ['an empty sid', { claims: { sid: '' } }],
    ['an unknown key', { header: { kid: 'other' } }],
    ['another key', { key: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey }],
    ['a shared secret', { header: { alg: 'HS256' }, key: Buffer.alloc(32, 1) }],
  ])('A37: a logout token with %s is refused, and the session lives', async (_what, forgery) => {
    const browser = await world.signIn();
    const sid = await sidOf(browser);
    const about = 'sub' in (forgery.claims ?? {}) && forgery.claims?.sub === undefined ? {} : { sid };
    const sent = await forge({ ...forgery, claims: { ...about, ...forgery.claims } });
    const answer = await send(sent);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store']);
    expect(await isSignedIn(browser)).toBe(true);
  });

  test.each([600, -600])('A37: a logout token made %i s ago is refused', async (secondsAgo) => {
    const iat = Math.floor(world.clock.wallMs() / 1_000) - secondsAgo;
    expect((await send(await forge({ claims: { iat, exp: iat + 3_600 } }))).status).toBe(400);
  });

  test('A37: an unsigned logout token is refused', async () => {
    const token = new UnsecuredJWT({ events: { [eventName]: {} }, sub: 'usr_0001', jti: '1' })
      .setIssuer(world.provider.issuer)
      .setAudience('web')
      .setIssuedAt()
      .encode();
    expect((await send(token)).status).toBe(400);
  });

  test('A38: a logout token works once', async () => {
    const token = await forge();
    expect((await send(token)).status).toBe(200);
    expect((await send(token)).status).toBe(400);
  });

  test.each([
    ['logout_token=a&logout_token=b', 400],
    ['', 400],
    ['logout_token=', 400],
    [`logout_token=${'a'.repeat(20_000)}`, 413],
  ])('a form that is none is refused: %#', async (body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  test('another media type is refused', async () => {
    expect((await post('{}', 'application/json')).status).toBe(415);
  });

  test('W14: a login still under way when the provider ends the session comes to nothing', async () => {
    const browser = await world.signIn();
    const sid = await sidOf(browser);
    // A second tab of the same session at the provider is at the callback when the logout arrives.
    const { url } = await browser.open(`${world.origin}/bff/login`, {
      until: `${world.origin}/bff/callback`,
    });
    expect((await send(await forge({ claims: { sid } }))).status).toBe(200);
    const page = await browser.open(url);
    expect(page.status).toBe(400);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('W14: the same when the provider ended all sessions of the person', async () => {
    const browser = new Browser();
    const { url } = await browser.open(`${world.origin}/bff/login`, {
      until: `${world.origin}/bff/callback`,
    });
    expect((await send(await forge())).status).toBe(200);
    expect((await browser.open(url)).status).toBe(400);
  });
});
