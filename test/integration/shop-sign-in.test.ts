/**
 * A person in a browser, over real HTTP: signs in at the shop's identity provider, is known to the web BFF by a
 * cookie, and signs out of both.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Services, startServices } from '@acme/services-mock';
import type { Logger } from 'bffkit';
import { type RunningBff, serve } from 'bffkit/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { envOf, loadBffs } from '../support/bff-package.ts';
import { packageOf } from '../support/shop-requests.ts';

const silent: Logger = { info() {}, warn() {}, error() {} };
const sessionCookie = '__Host-Http-bff';

let services: Services;
let web: RunningBff;
let origin: string;
beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  services = await startServices({ ports: 'free', webOrigins: [origin] });
  const bff = packageOf(await loadBffs(), 'web').create({
    ...envOf(services.urls),
    WEB_PUBLIC_ORIGIN: origin,
  });
  const options = { port, adminPort: 0, hostname: 'localhost', graceMs: 0, signals: false, logger: silent };
  web = await serve(bff, options);
});
afterAll(async () => {
  await web.close();
  await services.close();
});

test('signs in, sees the home screen by the cookie alone, and signs out of both', async () => {
  const browser = openBrowser();
  expect((await browser.call('/bff/user')).status).toBe(401);
  const landing = await signIn(browser, 'grace', '/products/prd_00001');
  expect(landing.url.href).toBe(`${origin}/products/prd_00001`);
  expect(landing.text).toContain('<script type="module" src="/app.js">');

  const user = User.parse((await browser.call('/bff/user')).json());
  expect(user).toMatchObject({ sub: 'usr_0002', name: 'Grace Hopper' });
  // On a busy machine a part may come too late for the first screen; it does not for ever.
  const ask = () => browser.call('/api/home?orders=2');
  await expect
    .poll(async () => (await ask()).json(), { timeout: 10_000 })
    .toMatchObject({ orders: [{}, {}] });
  const home = await ask();
  expect(home.status).toBe(200);
  expect(home.json()).toMatchObject({ greeting: 'Hello, Grace Hopper', orders: [{}, {}] });
  expect(home.text + landing.text + [...browser.cookies(origin).values()].join()).not.toMatch(
    /eyJ[\w-]+\.eyJ/,
  );

  const asked = await browser.visit(`${origin}${user.logoutUrl}`);
  expect(asked.text).toContain('Sign out of Acme?');
  const xsrf = /name="xsrf" value="(\w+)"/.exec(asked.text)?.[1] ?? '';
  const out = await browser.visit(`${services.urls.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
  expect(out.url.href).toBe(`${origin}/`);
  expect(browser.cookies(origin).has(sessionCookie)).toBe(false);
  expect((await browser.call('/bff/user')).status).toBe(401);
  expect((await browser.visit(`${origin}/bff/login`)).text).toContain('Sign in to Acme Shop');
});

test('a cookie opens nothing without the header that only the page itself can send', async () => {
  const browser = openBrowser();
  await signIn(browser, 'ada');
  const plain = await browser.visit(`${origin}/api/home`);
  expect(plain.status).toBe(403);
  expect(JSON.parse(plain.text)).toMatchObject({ code: 'csrf-failed' });
});

test('signing out at the identity provider ends the session here', async () => {
  const [here, copy] = [openBrowser(), openBrowser()];
  await signIn(here, 'linus');
  copy.setCookies(origin, here.cookies(origin)); // the same session, seen from elsewhere
  expect((await copy.call('/api/account')).status).toBe(200);
  const asked = await here.visit(`${services.urls.issuer}/session/end`);
  const xsrf = /name="xsrf" value="(\w+)"/.exec(asked.text)?.[1] ?? '';
  await here.visit(`${services.urls.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
  expect((await copy.call('/api/account')).status).toBe(401);
});

test('servers and curl use a token instead, without cookie and header', async () => {
  const form = {
    grant_type: 'password',
    username: 'ada',
    password: 'ada',
    client_id: 'shop-mobile',
    audience: 'web',
  };
  const answer = await fetch(`${services.urls.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token } = z.object({ access_token: z.string() }).parse(await answer.json());
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await fetch(`${origin}/api/home`, { headers })).status).toBe(200);
});

const User = z.object({ sub: z.string(), name: z.string(), logoutUrl: z.string() });

interface Seen {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
}

type Browser = ReturnType<typeof openBrowser>;

async function signIn(browser: Browser, login: string, returnTo = '/'): Promise<Seen> {
  const page = await browser.visit(`${origin}/bff/login?returnTo=${encodeURIComponent(returnTo)}`);
  return browser.visit(page.url.href, { login, password: login });
}

/** Keeps cookies by host and follows redirects, as far as these pages need it. */
function openBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string | URL): Map<string, string> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const send = async (url: URL, init: RequestInit): Promise<Response> => {
    const cookie = [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jarOf(url).delete(name);
      else jarOf(url).set(name, value);
    }
    return response;
  };
  return {
    cookies: (url: string): ReadonlyMap<string, string> => jarOf(url),
    setCookies(url: string, cookies: ReadonlyMap<string, string>): void {
      for (const [name, value] of cookies) jarOf(url).set(name, value);
    },
    /** As the page's own script asks. */
    async call(target: string): Promise<{ status: number; text: string; json(): unknown }> {
      const response = await send(new URL(target, origin), { headers: { 'x-csrf': '1' } });
      const text = await response.text();
      return { status: response.status, text, json: () => JSON.parse(text) as unknown };
    },
    /** As somebody who clicks, or sends a form. */
    async visit(address: string, form?: Readonly<Record<string, string>>): Promise<Seen> {
      let url = new URL(address);
      let init: RequestInit = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
      for (let hops = 0; hops < 10; hops += 1) {
        const response = await send(url, { ...init, headers: { accept: 'text/html' } });
        const location = response.headers.get('location');
        const text = await response.text();
        if (location === null) return { url, status: response.status, text };
        url = new URL(location, url);
        init = {};
      }
      throw new Error(`${address} leads nowhere after 10 redirects`);
    },
  };
}

/** The identity provider must know the address of the BFF before the BFF listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
