/**
 * A person in Chromium signs in to the shop, uses it, and signs out. What the browser then knows is a cookie
 * that no script can read, and never a token.
 */
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  openShopInBrowser,
  type Person,
  type ShopInBrowser,
  sessionCookie,
  typeCredentials,
} from './shop-in-browser.ts';
import { storageOf } from './watch.ts';

let shop: ShopInBrowser;
let person: Person;
beforeAll(async () => {
  shop = await openShopInBrowser();
});
afterAll(() => shop.close());
beforeEach(async () => {
  person = await shop.arrive();
});
afterEach(async () => {
  shop.services.faults.clear();
  await person.leave();
});

/** Chromium tells the console of every 401, and who is nobody is told so by one. */
const nobodyYet =
  'Failed to load resource: the server responded with a status of 401 (Unauthorized) (/bff/user)';

test('signs in at the provider’s page and sees her own home screen', async () => {
  const { page, seen } = person;
  await page.goto(shop.origin);
  await page.getByRole('navigation').getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Sign in to Acme Shop' }).waitFor();
  expect(new URL(page.url()).origin).toBe(shop.issuer);
  await typeCredentials(page, 'ada', 'ada');
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  expect(page.url()).toBe(`${shop.origin}/`);
  const newest = await newestOrders('usr_0001', 5);
  expect(await page.locator('.row small').allTextContents()).toEqual(
    newest.map((id) => expect.stringContaining(id)),
  );
  expect(seen.complaints).toEqual([nobodyYet]);
  expect([...new Set(seen.urls.map((url) => new URL(url).origin))]).toEqual([shop.origin, shop.issuer]);
});

test('the session is one cookie that scripts cannot read and other hosts never get', async () => {
  const { page } = person;
  await page.goto(`${shop.origin}/bff/login`);
  await page.getByLabel('User name').waitFor();
  const nowSeconds = Date.now() / 1_000;
  const locked = { domain: 'app.shop.localhost', path: '/', httpOnly: true, secure: true };
  const [transaction, ...others] = await page.context().cookies(shop.origin);
  expect(transaction).toMatchObject({ ...locked, sameSite: 'Lax' });
  expect(transaction?.name).toMatch(/^__Host-Http-bff-tx-[\w-]{8}$/);
  expect((transaction?.expires ?? 0) - nowSeconds).toBeGreaterThan(500);
  expect((transaction?.expires ?? 0) - nowSeconds).toBeLessThan(601);
  expect(others).toEqual([]);

  await typeCredentials(page, 'ada', 'ada');
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  const cookies = await page.context().cookies(shop.origin);
  expect(cookies).toEqual([
    {
      ...locked,
      name: sessionCookie,
      value: expect.stringMatching(/^[\w-]{43}$/),
      expires: -1, // gone with the browser
      sameSite: 'Strict',
    },
  ]);
  expect(await page.evaluate('document.cookie')).toBe('');
});

test('no token reaches the browser: not in a body, a header, an address or the storage', async () => {
  const { page, seen } = person;
  const before = new Set(shop.tokens);
  // Chromium keeps no body that a page reads as it comes: here the home screen comes in one piece.
  await page.route('**/api/home*', (route) =>
    route.continue({ headers: { ...route.request().headers(), accept: 'application/json' } }),
  );
  await person.signIn('ada');
  await page.getByRole('searchbox').fill('oak');
  await page.getByRole('searchbox').press('Enter');
  await page.getByRole('heading', { name: 'Results for “oak”' }).waitFor();
  const tokens = [...shop.tokens].filter((token) => !before.has(token));
  expect(tokens.length).toBeGreaterThanOrEqual(3); // of access, of refreshing, and of who she is
  const everything = [await seen.everything(), ...seen.urls, await storageOf(page)].join('\n');
  expect(everything).toContain('Hello, Ada Lovelace');
  expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ/);
  for (const token of tokens) expect(everything).not.toContain(token);
});

test('a reload keeps her signed in', async () => {
  const { page, seen } = person;
  await person.signIn('ada');
  const session = await person.session();
  seen.forget();
  await page.reload();
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  expect(await person.session()).toBe(session);
  expect(seen.complaints).toEqual([]);
});

test('a page she asked for before signing in is where she ends up', async () => {
  const { page } = person;
  await page.goto(`${shop.origin}/products/prd_00007`);
  await page.getByRole('link', { name: 'Sign in to buy' }).click();
  await typeCredentials(page, 'grace', 'grace');
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.getByText('In your cart: 1 item.').waitFor();
  expect(page.url()).toBe(`${shop.origin}/products/prd_00007`);
  shop.services.reset();
});

test('signing out ends the session here and at the provider', async () => {
  const { page, seen } = person;
  await person.signIn('ada');
  const copy = `${sessionCookie}=${await person.session()}`;
  expect(await statusWith(copy)).toBe(200);
  seen.forget();
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign out of Acme?' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Sign in' }).waitFor();
  expect(page.url()).toBe(`${shop.origin}/`);
  expect(await page.context().cookies(shop.origin)).toEqual([]);
  expect(seen.complaints).toEqual([nobodyYet]);
  expect(await statusWith(copy)).toBe(401);
  await page.getByRole('navigation').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Password').waitFor(); // asked again
});

test('a wrong password is told, and can be corrected', async () => {
  const { page } = person;
  await page.goto(`${shop.origin}/bff/login`);
  await typeCredentials(page, 'ada', 'wrong');
  const told = page.getByRole('alert');
  await told.waitFor();
  expect(await told.textContent()).toContain('The user name or the password is wrong.');
  expect(await person.session()).toBeUndefined();
  await typeCredentials(page, 'ada', 'ada');
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
});

test('a part that cannot be had is named, and the rest of the screen works', async () => {
  const { page, seen } = person;
  await person.signIn('ada');
  seen.forget();
  shop.services.faults.set('recommendations', 'status:503');
  await page.reload();
  await page.getByText('Recommendations cannot be shown right now.').waitFor();
  const notice = page.getByRole('status').filter({ hasText: 'Some of this page is missing' });
  expect(await notice.textContent()).toContain('recommendations');
  expect(await page.locator('.row').count()).toBe(5);
  expect(seen.complaints).toEqual([]);
});

/** What a program with a copy of the cookie is answered. Only browsers know the way to names under `localhost`. */
async function statusWith(cookie: string): Promise<number> {
  const { host, port } = new URL(shop.origin);
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/bff/user`, {
    headers: { host, cookie, 'x-csrf': '1' },
  });
  await body.dump();
  return statusCode;
}

async function newestOrders(customer: string, limit: number): Promise<string[]> {
  const answer = await fetch(`${shop.services.urls.orders}/orders?customer=${customer}&limit=${limit}`);
  const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(await answer.json());
  return items.map(({ id }) => id);
}
