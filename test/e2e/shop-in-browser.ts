/**
 * The shop as a person in Chromium meets it: the web BFF on a name that has siblings, the identity provider on
 * another site, and a browser that tells everything it was given.
 *
 * `shop.localhost` is a site of its own, so that `app.shop.localhost` and `evil.shop.localhost` are siblings;
 * `app.localhost` and `evil.localhost` would be two sites, like `app.com` and `evil.com`.
 *
 * @module
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Services, startServices } from '@acme/services-mock';
import { type Logger, tokenBucket } from 'bffkit';
import { serve } from 'bffkit/node';
import type { Browser, Page } from 'playwright-core';
import { envOf, loadBffs } from '../support/bff-package.ts';
import { launchChromium } from '../support/chromium.ts';
import { packageOf } from '../support/shop-requests.ts';
import { type Watch, watch } from './watch.ts';

export const sessionCookie = '__Host-Http-bff';

export interface ShopInBrowser {
  /** Of the web BFF. */
  readonly origin: string;
  readonly issuer: string;
  readonly services: Services;
  /** Every token that the identity provider gave to the BFF so far. */
  readonly tokens: ReadonlySet<string>;
  /** A browser that was never used before. */
  arrive(): Promise<Person>;
  close(): Promise<void>;
}

export interface Person {
  readonly page: Page;
  readonly seen: Watch;
  /** Goes to the shop and signs in at the provider's page. */
  signIn(login: string): Promise<void>;
  /** Another tab. */
  openTab(): Promise<Page>;
  /** The value of the session cookie. */
  session(): Promise<string | undefined>;
  leave(): Promise<void>;
}

const silent: Logger = { info() {}, warn() {}, error() {} };

export async function openShopInBrowser(): Promise<ShopInBrowser> {
  const browser = await launchChromium();
  const port = await freePort();
  const origin = `http://app.shop.localhost:${port}`;
  const services = await startServices({ ports: 'free', webOrigins: [origin] });
  // The provider is made when somebody asks first, which on a busy machine takes longer than a gateway waits.
  await fetch(`${services.urls.issuer}/.well-known/openid-configuration`);
  const env = { ...envOf(services.urls), WEB_PUBLIC_ORIGIN: origin };
  const limits = tokenBucket({ capacity: 1_000_000, refillPerSecond: 1_000 }); // attacks come by the hundred
  const authFailureLimit = tokenBucket({
    name: 'auth-failures',
    capacity: 1_000_000,
    refillPerSecond: 1_000,
  });
  const bff = packageOf(await loadBffs(), 'web').create(env, { limits, authFailureLimit });
  const options = { port, adminPort: 0, hostname: '127.0.0.1', graceMs: 0, signals: false, logger: silent };
  const web = await serve(bff, options);
  const given = watchTokens();
  return {
    origin,
    issuer: services.urls.issuer,
    services,
    tokens: given.tokens,
    arrive: () => arrive(browser, origin),
    async close() {
      given.stop();
      await browser.close();
      await web.close();
      await services.close();
    },
  };
}

async function arrive(browser: Browser, origin: string): Promise<Person> {
  const context = await browser.newContext({ locale: 'en-GB' });
  context.setDefaultTimeout(20_000);
  const seen = watch(context);
  const page = await context.newPage();
  return {
    page,
    seen,
    async signIn(login) {
      await page.goto(origin);
      await page.getByRole('navigation').getByRole('link', { name: 'Sign in' }).click();
      await typeCredentials(page, login, login);
      await page.getByRole('heading', { name: 'Hello, ' }).waitFor();
    },
    openTab: () => context.newPage(),
    async session() {
      const cookies = await context.cookies(origin);
      return cookies.find(({ name }) => name === sessionCookie)?.value;
    },
    leave: () => context.close(),
  };
}

/** Fills in the form of the provider's page. */
export async function typeCredentials(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel('User name').fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Listens to what the BFF's own HTTP client receives, the one place where tokens pass in clear. */
function watchTokens(): { readonly tokens: ReadonlySet<string>; stop(): void } {
  const channel = 'undici:request:bodyChunkReceived';
  const tokens = new Set<string>();
  const read = (message: unknown): void => {
    const { chunk } = message as { readonly chunk: Buffer };
    for (const [, token] of chunk.toString().matchAll(/"(?:access|refresh|id)_token":"([^"]+)"/g)) {
      if (token !== undefined) tokens.add(token);
    }
  };
  subscribe(channel, read);
  return { tokens, stop: () => void unsubscribe(channel, read) };
}

/** The identity provider must know the address of the BFF before the BFF listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
