/** Sign-in against a real provider: attacks A26 to A33, and what a browser sees. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { cookieName, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const login = (returnTo: string): string =>
  `${world.origin}/bff/login?returnTo=${encodeURIComponent(returnTo)}`;

/** The provider sends the browser, so that no Strict cookie comes along. */
const fromProvider = () => ({ from: world.provider.issuer });

/** A browser that has come back from the provider but was not let go to the callback yet. */
async function atCallback(): Promise<{ browser: Browser; callback: URL }> {
  const browser = new Browser();
  const { url } = await browser.open(login('/api/open'), { until: `${world.origin}/bff/callback` });
  return { browser, callback: new URL(url) };
}

async function codeOf(answer: Response | { text: string }): Promise<unknown> {
  const text =
    'text' in answer && typeof answer.text === 'string' ? answer.text : await (answer as Response).text();
  return (JSON.parse(text) as { code?: unknown }).code;
}

describe('a sign-in', () => {
  test('ends on the page it began for, and the app learns who it is', async () => {
    const browser = await world.signIn();
    const { status, body } = await world.user(browser);
    expect(status).toBe(200);
    expect(body).toEqual({
      sub: 'usr_0001',
      name: 'Name of usr_0001',
      roles: [],
      logoutUrl: expect.stringMatching(/^\/bff\/logout\?sid=.{20,}/),
      sessionExpiresIn: 1_800,
    });
  });

  test('works on every instance, whichever began it', async () => {
    const browser = await world.signIn();
    for (const instance of [0, 1]) {
      world.pinned = instance;
      expect((await world.user(browser)).status).toBe(200);
    }
    world.pinned = undefined;
  });

  test('roles and tenant come from the ID token, and nowhere else', async () => {
    world.provider.claims = { roles: ['support', 7, ''], tenant: 'acme', picture: 'x'.repeat(300) };
    const browser = await world.signIn();
    world.provider.claims = {};
    expect((await world.user(browser)).body).toMatchObject({ roles: ['support'], tenant: 'acme' });
    expect((await world.user(browser)).body).not.toHaveProperty('picture');
  });

  test('asks with PKCE, state, nonce and the audience', async () => {
    const { url } = await new Browser().open(login('/'), { until: world.provider.issuer });
    const asked = Object.fromEntries(new URL(url).searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^.{43}$/),
      state: expect.stringMatching(/^.{43}$/),
      nonce: expect.stringMatching(/^.{43}$/),
      resource: 'https://api.shop.example',
      redirect_uri: `${world.origin}/bff/callback`,
    });
  });

  test('passes a known prompt on and refuses another', async () => {
    const browser = new Browser();
    const { url } = await browser.open(`${world.origin}/bff/login?prompt=login`, {
      until: world.provider.issuer,
    });
    expect(new URL(url).searchParams.get('prompt')).toBe('login');
    expect((await browser.open(`${world.origin}/bff/login?prompt=evil`)).status).toBe(400);
  });

  test('A27: keeps returnTo exactly', async () => {
    const page = await new Browser().open(login('/o/42?next=%2Fhome#x'));
    expect(page.hops.at(-2)?.location).toBe(`${world.origin}/o/42?next=%2Fhome#x`);
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '/%09/evil.example',
    'https:evil.example',
    '/.//evil.example',
    '/a//evil.example',
    'javascript:alert(1)',
    '/%2f%2fevil.example',
    `/${'a'.repeat(1_024)}`,
    '/bff/logout',
    '',
  ])('A26: does not begin for returnTo number %#', async (returnTo) => {
    const browser = new Browser();
    const page = await browser.open(login(returnTo));
    expect([page.status, await codeOf(page)]).toEqual([400, 'invalid-return-to']);
    expect(browser.setCookies).toEqual([]);
  });

  test('the first page after it has no Strict cookie, the first call has', async () => {
    const browser = new Browser();
    const page = await browser.open(login('/api/open'));
    expect(page.text).toBe('{"who":null}');
    const answer = await browser.call(`${world.origin}/api/open`);
    expect(await answer.json()).toEqual({ who: 'usr_0001' });
  });

  test('five logins may be under way; the sixth ends the oldest', async () => {
    const browser = new Browser();
    const callbacks: string[] = [];
    for (let tab = 0; tab < 6; tab += 1) {
      world.clock.advance(10);
      const { url } = await browser.open(login('/api/open'), { until: `${world.origin}/bff/callback` });
      callbacks.push(url);
    }
    expect(browser.names(world.origin)).toHaveLength(5);
    const [first = '', second = ''] = callbacks;
    expect((await browser.open(first)).status).toBe(400);
    expect((await browser.open(second, fromProvider())).status).toBe(200);
  });
});

describe('a callback', () => {
  test('A28: with an unknown state asks the provider nothing', async () => {
    const { browser, callback } = await atCallback();
    const grants = world.provider.grants.length;
    for (const state of ['unknown', '']) {
      callback.searchParams.set('state', state);
      const page = await browser.open(callback.href);
      expect([page.status, await codeOf(page)]).toEqual([400, 'login-failed']);
    }
    callback.searchParams.delete('state');
    expect((await browser.open(callback.href)).status).toBe(400);
    expect((await browser.open(`${world.origin}/bff/callback`)).status).toBe(400);
    expect(world.provider.grants).toHaveLength(grants);
    expect(browser.cookie(world.origin, cookieName)).toBeUndefined();
  });

  test.each(['https://evil.example', undefined])('A29: of the issuer %j is refused', async (issuer) => {
    const { browser, callback } = await atCallback();
    const grants = world.provider.grants.length;
    if (issuer === undefined) callback.searchParams.delete('iss');
    else callback.searchParams.set('iss', issuer);
    const page = await browser.open(callback.href);
    expect([page.status, await codeOf(page)]).toEqual([400, 'login-failed']);
    expect(world.provider.grants).toHaveLength(grants);
  });

  test('with the state twice is refused', async () => {
    const { browser, callback } = await atCallback();
    callback.searchParams.append('state', callback.searchParams.get('state') ?? '');
    expect((await browser.open(callback.href)).status).toBe(400);
  });

  test('A30: in another browser is refused', async () => {
    const { callback } = await atCallback();
    const grants = world.provider.grants.length;
    const page = await new Browser().open(callback.href);
    expect([page.status, await codeOf(page)]).toEqual([400, 'login-failed']);
    expect(world.provider.grants).toHaveLength(grants);
  });

  test('A31: works once; the second time asks nothing and ends nothing', async () => {
    const { browser, callback } = await atCallback();
    const transaction = browser.cookieHeader(callback.href, true);
    expect((await browser.open(callback.href, fromProvider())).status).toBe(200);
    const grants = world.provider.grants.length;
    expect((await browser.open(callback.href)).status).toBe(400);
    // The same with the transaction's cookie put back, on both instances.
    for (const instance of [0, 1]) {
      world.pinned = instance;
      const answer = await fetch(callback, { headers: { cookie: transaction }, redirect: 'manual' });
      expect([answer.status, await codeOf(answer)]).toEqual([400, 'login-failed']);
    }
    world.pinned = undefined;
    expect(world.provider.grants).toHaveLength(grants);
    expect((await world.user(browser)).status).toBe(200);
  });

  test('with a wrong code is refused', async () => {
    const { browser, callback } = await atCallback();
    callback.searchParams.set('code', 'wrong');
    const page = await browser.open(callback.href);
    expect([page.status, await codeOf(page)]).toEqual([400, 'login-failed']);
    expect(browser.names(world.origin)).toEqual([]);
  });

  test('with a refusal of the provider is refused', async () => {
    const { browser, callback } = await atCallback();
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    expect((await browser.open(callback.href)).status).toBe(400);
  });

  test('after ten minutes is refused', async () => {
    const { browser, callback } = await atCallback();
    world.clock.advance(600_000);
    expect((await browser.open(callback.href)).status).toBe(400);
  });

  test('while the provider is away answers 503', async () => {
    const { browser, callback } = await atCallback();
    world.provider.weather = { status: 500 };
    const page = await browser.open(callback.href);
    world.provider.weather = 'fine';
    expect([page.status, await codeOf(page), page.headers.get('retry-after')]).toEqual([
      503,
      'dependency-unavailable',
      '2',
    ]);
  });
});

describe('the session cookie', () => {
  test('A33: is what it has to be', async () => {
    const browser = await world.signIn();
    const line = browser.setCookies.find((one) => one.startsWith(`${cookieName}=`)) ?? '';
    const [pair, ...attributes] = line.split('; ');
    expect(pair).toMatch(/^__Host-Http-bff=[A-Za-z0-9_-]{43}$/);
    expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);
  });

  test('that of the login has an end and comes along from other sites', async () => {
    const { browser } = await atCallback();
    const [line = ''] = browser.setCookies;
    const [pair, ...attributes] = line.split('; ');
    expect(pair).toMatch(/^__Host-Http-bff-tx-[A-Za-z0-9_-]{8}=/);
    expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=600', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  test('A32: is new at every login, and the old value is worth nothing', async () => {
    const browser = await world.signIn();
    const old = browser.cookie(world.origin, cookieName) ?? '';
    await world.signIn(browser);
    expect(browser.cookie(world.origin, cookieName)).not.toBe(old);
    const answer = await new Browser().call(`${world.origin}/bff/user`, {
      headers: { cookie: `${cookieName}=${old}` },
    });
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'session-ended']);
  });

  test('A32: set by somebody else is never adopted', async () => {
    const browser = new Browser();
    browser.set(world.origin, cookieName, 'A'.repeat(43));
    await world.signIn(browser);
    expect(browser.cookie(world.origin, cookieName)).not.toBe('A'.repeat(43));
    expect((await world.user(browser)).status).toBe(200);
  });
});
