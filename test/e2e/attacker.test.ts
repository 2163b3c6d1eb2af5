/**
 * Ada is signed in, and has a page of an attacker open in the same browser: on a sibling of the shop's own host,
 * to which her cookie is same-site, and on a site that has nothing to do with it.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Attacker, attack, lead, startAttacker } from './attacker.ts';
import { openShopInBrowser, type Person, type ShopInBrowser, sessionCookie } from './shop-in-browser.ts';

let shop: ShopInBrowser;
let attacker: Attacker;
let ada: Person;
let session: string | undefined;
beforeAll(async () => {
  shop = await openShopInBrowser();
  attacker = await startAttacker();
  ada = await shop.arrive();
  await ada.signIn('ada');
  session = await ada.session();
});
afterAll(async () => {
  await attacker.close();
  await shop.close();
});

const items = '/api/cart/items';
/** A form whose text is JSON: `{"productId":"prd_00007","quantity":1,"x":"="}`. */
const jsonForm = ['text/plain', { '{"productId":"prd_00007","quantity":1,"x":"': '"}' }] as const;
const plainForm = ['application/x-www-form-urlencoded', { productId: 'prd_00007', quantity: '1' }] as const;

const sibling = 'evil.shop.localhost';
const sites = [
  // The cookie comes along, and does not help: nothing here could send the header.
  { site: 'a sibling', host: sibling, relation: 'same-site', refusal: [403, 'csrf-failed'] },
  // The cookie stays at home: she is nobody. The provider is on this host too, and its cookies know no ports.
  { site: 'another site', host: '127.0.0.1', relation: 'cross-site', refusal: [401, 'not-signed-in'] },
];

describe.each(sites)('from $site', ({ host, relation, refusal }) => {
  let page: Page;
  let callsBefore: number;
  beforeEach(async () => {
    page = await ada.openTab();
    await attacker.show(page, host);
    callsBefore = callsToServices();
    return () => page.close();
  });

  /** Leads the tab to the shop, as somebody of this site. */
  async function visit(name: string, path: string, ...args: readonly unknown[]): Promise<unknown[]> {
    await attacker.show(page, host);
    const answer = await lead(page, name, shop.origin + path, ...args);
    expect(await answer.request().headerValue('sec-fetch-site')).toBe(relation);
    const text = await answer.text();
    return [answer.status(), text.startsWith('{') ? JSON.parse(text).code : text.slice(0, 15)];
  }

  test('fetch reads nothing', async () => {
    for (const path of ['/api/home', '/api/account', '/bff/user', '/']) {
      expect(await attack(page, 'readWithFetch', shop.origin, path)).toEqual(Array(4).fill('TypeError'));
    }
    await expectNothingHappened(callsBefore);
  });

  test('fetch changes nothing, whatever it sends', async () => {
    expect(await attack(page, 'writeWithFetch', shop.origin)).toEqual(Array(7).fill('TypeError'));
    await expectNothingHappened(callsBefore);
  });

  test('a beacon changes nothing', async () => {
    const answered = page.waitForEvent('requestfailed', (request) => request.url() === shop.origin + items);
    expect(await attack(page, 'beacon', shop.origin)).toBe(true);
    expect((await answered).failure()?.errorText).toBe('net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin');
    await expectNothingHappened(callsBefore);
  });

  test('a form changes nothing', async () => {
    expect(await visit('submit', items, ...jsonForm)).toEqual(refusal);
    expect(await visit('submit', items, ...plainForm)).toEqual(refusal);
    await expectNothingHappened(callsBefore);
  });

  test('nothing can be loaded as an image, a script, a style sheet, a film or an object', async () => {
    for (const path of ['/api/home', '/bff/user', '/', '/app.js', '/icon.svg']) {
      const outcomes = await attack(page, 'embed', shop.origin + path);
      expect(outcomes).toEqual([
        'img failed',
        'script failed',
        'script failed',
        'link failed',
        'video failed',
        'object failed',
      ]);
    }
    await expectNothingHappened(callsBefore);
  });

  test('nothing can be framed', async () => {
    for (const path of ['/', '/api/home', '/bff/user', '/bff/logout']) {
      const reached = await attack(page, 'frame', shop.origin + path);
      expect(reached).toEqual(['SecurityError', 'SecurityError', 'SecurityError']);
    }
    await expect
      .poll(() => page.frames().map((frame) => frame.url()))
      .toEqual([page.url(), ...Array(4).fill('chrome-error://chromewebdata/')]);
    await expectNothingHappened(callsBefore);
  });

  test('no socket and no stream opens', async () => {
    expect(await attack(page, 'listen', shop.origin)).toEqual(['failed', 'failed']);
    await expectNothingHappened(callsBefore);
  });

  test('a window that it opens is out of its reach as soon as the shop is in it', async () => {
    const opened = page.context().waitForEvent('page');
    await attack(page, 'openPopup', shop.origin);
    const popup = await opened;
    await popup.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
    expect(await attack(page, 'reachPopup', shop.origin)).toEqual({
      reached: ['SecurityError', 'SecurityError', 'SecurityError'],
      isClosed: true, // what it holds is no longer her window
      messages: [],
    });
    expect(await popup.evaluate('window.opener')).toBeNull();
    await popup.close();
    await expectUnharmed();
  });

  test('following a link to data shows none', async () => {
    expect(await visit('go', '/api/home')).toEqual(refusal);
    expect(await visit('go', '/bff/user')).toEqual(refusal);
    await expectNothingHappened(callsBefore);
  });

  test('it cannot sign her out', async () => {
    const logout = host === sibling ? [400, 'invalid-sid'] : [200, '<!doctype html>']; // her cookie stays at home
    expect(await visit('go', '/bff/logout')).toEqual(logout);
    expect(await visit('go', '/bff/logout?sid=guessed')).toEqual(logout);
    const form = ['application/x-www-form-urlencoded', { logout_token: 'a.b.c' }] as const;
    expect(await visit('submit', '/bff/backchannel-logout', ...form)).toEqual([400, 'validation-failed']);
    await expectUnharmed();
  });

  test('signing in leads nowhere but to the shop', async () => {
    for (const returnTo of [`//${host}/`, `https://${host}/`, `/\\${host}`, '/%09/evil', '/bff/logout']) {
      const path = `/bff/login?returnTo=${encodeURIComponent(returnTo)}`;
      expect(await visit('go', path)).toEqual([400, 'invalid-return-to']);
    }
    await expectNothingHappened(callsBefore);
  });

  test('it cannot sign her in as somebody else', async () => {
    const linus = await shop.arrive();
    const { callbackUrl, cookies } = await signInHalfway(linus);
    attacker.cookies = cookies.flatMap(({ name, value }) => tossed(name, value));
    expect(await visit('go', callbackUrl.slice(shop.origin.length))).toEqual([400, 'login-failed']);
    await expectNothingHappened(callsBefore);
    await linus.page.goto(callbackUrl); // it was as good as any
    await linus.page.getByRole('heading', { name: 'Hello, Linus Pauling' }).waitFor();
    await linus.leave();
  });
});

test('a sibling cannot slip her a session by a cookie', async () => {
  const linus = await shop.arrive();
  await linus.signIn('linus');
  const theirs = (await linus.session()) ?? '';
  const page = await ada.openTab();
  attacker.cookies = [...tossed(sessionCookie, theirs), 'control=came; Domain=shop.localhost; Path=/'];
  await attacker.show(page, sibling);
  await attack(page, 'setCookies', tossed(sessionCookie, theirs));
  const [request] = await Promise.all([page.waitForRequest('**/bff/user'), page.goto(shop.origin)]);
  const sent = await request.headerValue('cookie');
  expect(sent?.split('; ').toSorted()).toEqual([`${sessionCookie}=${session}`, 'control=came']);
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  await expectUnharmed();
  await page.context().clearCookies({ name: 'control' });
  await page.close();
  await linus.leave();
});

test('a sibling cannot push her session out by a heap of cookies', async () => {
  const page = await ada.openTab();
  await attacker.show(page, sibling);
  const heap = Array.from({ length: 300 }, (_, index) => `heap${index}=1; Domain=shop.localhost; Path=/`);
  await attack(page, 'setCookies', heap);
  await page.goto(shop.origin);
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  await expectUnharmed();
  await page.context().clearCookies({ name: /^heap/ });
  await page.close();
});

test('what the attacker tried works from the shop’s own page', async () => {
  await ada.page.goto(`${shop.origin}/products/prd_00007`);
  await ada.page.getByRole('button', { name: 'Add to cart' }).click();
  await ada.page.getByText('In your cart: 1 item.').waitFor(); // and nothing was in it before
  expect(changesOfCarts()).toEqual(['POST /carts/usr_0001/items']);
  shop.services.reset();
});

test('a sign-in that she did not ask for ends in her own account', async () => {
  const page = await ada.openTab();
  await attacker.show(page, '127.0.0.1');
  await attack(page, 'go', `${shop.origin}/bff/login`);
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  expect(page.url()).toBe(`${shop.origin}/`);
  expect(await whoIsSignedIn()).toBe('usr_0001');
  await page.close();
});

/** The lines by which a sibling would set a cookie of the shop's own host. */
function tossed(name: string, value: string): string[] {
  const line = `${name}=${value}; Path=/`;
  return [
    `${line}; Secure; HttpOnly; SameSite=Lax; Domain=shop.localhost`,
    `${line}; Secure; Domain=app.shop.localhost`,
    `${line}; Domain=shop.localhost`,
    `${line}; Secure`,
    line,
  ];
}

/** Signs in at the provider, and stops before the shop learns of it. */
async function signInHalfway({ page }: Person) {
  await page.goto(`${shop.origin}/bff/login`);
  const { request } = page.context();
  const form = { login: 'linus', password: 'linus' };
  const signedIn = await request.post(page.url(), { form, maxRedirects: 0 });
  const resumed = await request.get(signedIn.headers().location ?? '', { maxRedirects: 0 });
  const callbackUrl = resumed.headers().location ?? '';
  expect(callbackUrl).toContain(`${shop.origin}/bff/callback?code=`);
  return { callbackUrl, cookies: await page.context().cookies(shop.origin) };
}

function callsToServices(): number {
  const stats = Object.values(shop.services.stats());
  return stats.reduce((sum, { served, open }) => sum + served + open, 0);
}

function changesOfCarts(): string[] {
  const requests = shop.services.requests('orders').filter(({ method }) => method !== 'GET');
  return requests.map(({ method, path }) => `${method} ${path}`);
}

/** Not even a read for her: refusals cost the services nothing. */
async function expectNothingHappened(callsBefore: number): Promise<void> {
  expect(callsToServices()).toBe(callsBefore);
  await expectUnharmed();
}

async function expectUnharmed(): Promise<void> {
  expect(changesOfCarts()).toEqual([]);
  expect(await ada.session()).toBe(session);
  expect(await whoIsSignedIn()).toBe('usr_0001');
}

/** As the shop's own page, in her browser, is told. */
function whoIsSignedIn(): Promise<unknown> {
  return ada.page.evaluate(
    `fetch('/bff/user', { headers: { 'x-csrf': '1' } }).then(async (answer) => (await answer.json()).sub)`,
  );
}
