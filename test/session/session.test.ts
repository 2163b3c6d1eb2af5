/** A session in use: anti-forgery (A21 to A25), what the services see (A44), how it ends, what is kept (A43). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { asked, cookieName, startWorld, type World } from './world.ts';

let world: World;
let browser: Browser;
beforeAll(async () => {
  world = await startWorld();
  browser = await world.signIn();
});
afterAll(() => world.close());

const call = async (path: string, init?: Parameters<Browser['call']>[1], by = browser) => {
  const before = asked.length;
  const answer = await by.call(world.origin + path, init);
  const text = await answer.text();
  const { code } = JSON.parse(text) as { code?: string };
  return { answer, text, code, calls: asked.length - before };
};
const posted = { method: 'POST', body: '{"id":"1"}' };
const json = { 'content-type': 'application/json' };

describe('anti-forgery', () => {
  test.each(['/bff/user', '/api/me'])('A21: GET %s without X-CSRF is refused', async (path) => {
    const { answer, code, calls } = await call(path, { headers: { 'x-csrf': undefined } });
    expect([answer.status, code, calls]).toEqual([403, 'csrf-failed', 0]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test.each(['0', '1, 1', '', '01', 'true', '1;'])('A22: X-CSRF %j is refused', async (value) => {
    const { answer, code, calls } = await call('/api/me', { headers: { 'x-csrf': value } });
    expect([answer.status, code, calls]).toEqual([403, 'csrf-failed', 0]);
  });

  test.each<Record<string, string | undefined>>([
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'nonsense' },
    { origin: 'null' },
    { 'sec-fetch-site': undefined, origin: 'https://evil.example' },
    { 'sec-fetch-site': undefined, origin: 'https://localhost.evil.example' },
    { 'sec-fetch-site': 'none', origin: 'https://localhost' },
  ])('A23, A25: a change with %j is refused', async (headers) => {
    const { answer, code, calls } = await call('/api/me', { ...posted, headers: { ...json, ...headers } });
    expect([answer.status, code, calls]).toEqual([403, 'csrf-failed', 0]);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each<Record<string, string | undefined>>([
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': undefined },
  ])("a change of the app's own with %j passes", async (headers) => {
    const origin = world.origin;
    const { answer, calls } = await call('/api/me', { ...posted, headers: { ...json, ...headers, origin } });
    expect([answer.status, calls]).toEqual([200, 1]);
  });

  test('A24: a preflight from elsewhere gets nothing', async () => {
    const answer = await fetch(`${world.origin}/api/me`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('nobody needs it without a session', async () => {
    const { answer, code } = await call('/api/me', { headers: { 'x-csrf': undefined, cookie: '' } });
    expect([answer.status, code]).toEqual([401, 'not-signed-in']);
    expect(answer.headers.get('www-authenticate')).toContain('login_url="/bff/login"');
  });
});

describe('a call with a session', () => {
  test('A44: the service sees the token of the person, and nothing of the browser', async () => {
    await call('/api/me');
    const { headers } = asked.at(-1) ?? { headers: {} };
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(sent.authorization).toMatch(/^Bearer ey/);
    expect(Object.keys(sent).filter((name) => /cookie|csrf|sec-fetch|origin/.test(name))).toEqual([]);
    expect(JSON.stringify(sent)).not.toContain(browser.cookie(world.origin, cookieName));
  });

  test('with an Authorization header too is refused', async () => {
    const { answer, code, calls } = await call('/api/me', { headers: { authorization: 'Bearer x' } });
    expect([answer.status, code, calls]).toEqual([400, 'bad-request-header', 0]);
  });

  test('with two session cookies is refused', async () => {
    const id = browser.cookie(world.origin, cookieName);
    const cookie = `${cookieName}=${'A'.repeat(43)}; ${cookieName}=${id}`;
    const { answer, code } = await call('/api/me', { headers: { cookie } });
    expect([answer.status, code]).toEqual([400, 'bad-request-header']);
  });

  test.each(['A'.repeat(43), 'short', '', 'A'.repeat(44), '%00', '{}'])(
    'with an unknown session ends it in the browser: %j',
    async (value) => {
      const { answer, code, calls } = await call(
        '/api/me',
        { headers: { cookie: `${cookieName}=${value}` } },
        new Browser(),
      );
      expect([answer.status, code, calls]).toEqual([401, 'session-ended', 0]);
      expect(answer.headers.getSetCookie()).toEqual([
        `${cookieName}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict`,
      ]);
    },
  );

  test('with an ended session is nobody where anyone may call', async () => {
    const cookie = `${cookieName}=${'A'.repeat(43)}`;
    const { answer, text } = await call('/api/open', { headers: { cookie } }, new Browser());
    expect([answer.status, text]).toEqual([200, '{"who":null}']);
    expect(answer.headers.getSetCookie()).toHaveLength(1);
  });

  test('a cookie of another name is none', async () => {
    const cookie = `${cookieName}x=${'A'.repeat(43)}; x${cookieName}=1; broken`;
    const { code } = await call('/api/me', { headers: { cookie } }, new Browser());
    expect(code).toBe('not-signed-in');
  });
});

describe('a session lasts', () => {
  const minutes = 60_000;

  test('as long as it is used, and thirty minutes more', async () => {
    const person = await world.signIn();
    for (let times = 0; times < 4; times += 1) {
      world.clock.advance(20 * minutes);
      expect((await call('/api/me', {}, person)).answer.status).toBe(200);
    }
    world.clock.advance(30 * minutes);
    expect((await call('/api/me', {}, person)).code).toBe('session-ended');
  });

  test('no longer for a page that only asks who is signed in', async () => {
    const person = await world.signIn();
    world.clock.advance(20 * minutes);
    expect((await call('/bff/user?slide=false', {}, person)).answer.status).toBe(200);
    world.clock.advance(11 * minutes);
    expect((await call('/bff/user?slide=false', {}, person)).code).toBe('session-ended');
  });

  test('eight hours at most', async () => {
    const person = await world.signIn();
    for (let times = 0; times < 23; times += 1) {
      world.clock.advance(20 * minutes);
      expect((await call('/api/me', {}, person)).answer.status).toBe(200);
    }
    const { text } = await call('/bff/user', {}, person);
    expect(JSON.parse(text)).toMatchObject({ sessionExpiresIn: 20 * 60 });
    world.clock.advance(20 * minutes);
    expect((await call('/api/me', {}, person)).code).toBe('session-ended');
  });
});

describe('GET /bff/user', () => {
  test('without a session is 401', async () => {
    const { answer, code } = await call('/bff/user', {}, new Browser());
    expect([answer.status, code]).toEqual([401, 'not-signed-in']);
  });

  test('is never kept and never transformed', async () => {
    const person = await world.signIn();
    const { answer } = await call('/bff/user', { headers: { 'accept-encoding': 'gzip' } }, person);
    expect(answer.headers.get('cache-control')).toBe('private, no-store, no-transform');
    expect(answer.headers.get('content-encoding')).toBeNull();
  });

  test('refuses a query it does not know', async () => {
    expect((await call('/bff/user?slide=maybe')).code).toBe('validation-failed');
  });
});

test('A43: no token, secret or session identifier is in a record, a log line or an answer', async () => {
  const person = await world.signIn();
  const { text } = await call('/bff/user', {}, person);
  const visible = [...world.written, ...world.log, text].join('\n');
  expect(world.written.length).toBeGreaterThan(10);
  expect(visible).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
  for (const secret of [...world.provider.secrets, 'canary-client-secret'])
    expect(visible).not.toContain(secret);
  expect(visible).not.toContain(person.cookie(world.origin, cookieName));
  for (const name of world.written.filter((one) => one.startsWith('bff:web:'))) {
    expect(name).toMatch(/^bff:web:(?:s|sid|sub|rv|rvsub|lt|txu):\{[\w-]{43}\}(?::lk)?$/);
  }
});
