/** What is still answered, and how, while the provider or the records are away. */
import { GatewayError, memoryRecords, type RecordStore } from 'bffkit';
import { afterEach, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { forge, sendLogout } from './logout-tokens.ts';
import { until } from './until.ts';
import { cookieName, startWorld, type World, type WorldOptions } from './world.ts';

let world: World;
afterEach(() => world.close());

const start = async (options: WorldOptions = {}): Promise<World> => {
  world = await startWorld({ instances: 1, ...options });
  return world;
};
/** Records that fail for the operations in `broken`. */
const fragile = () => {
  const broken = new Set<keyof RecordStore>();
  const inner = memoryRecords();
  const records = new Proxy(inner, {
    get(target, name: keyof RecordStore) {
      if (broken.has(name))
        return () => Promise.reject(new GatewayError('dependency-unavailable', { retryAfterMs: 1_000 }));
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { broken, records };
};
const problem = async (answer: Response): Promise<unknown[]> => {
  const { code } = (await answer.json()) as { code?: string };
  return [answer.status, code, answer.headers.get('retry-after') !== null, answer.headers.getSetCookie()];
};
const unavailable = [503, 'dependency-unavailable', true, []];
const sidOf = async (browser: Browser): Promise<string> =>
  new URL(String((await world.user(browser)).body.logoutUrl), world.origin).searchParams.get('sid') ?? '';

test('without the provider the gateway boots, serves who is signed in, and answers 503 to a login', async () => {
  await start();
  world.provider.isDown = true;
  const browser = new Browser();
  const open = await browser.call(`${world.origin}/api/open`);
  expect(open.status).toBe(200);
  expect(await problem(await browser.call(`${world.origin}/bff/login`))).toEqual(unavailable);
  world.provider.isDown = false;
  world.clock.advance(2_000);
  await world.signIn(browser);
  world.provider.isDown = true;
  expect((await world.user(browser)).status).toBe(200);
});

test('without the provider a person is still signed out here, and the operators hear of the rest', async () => {
  await start();
  const browser = await world.signIn();
  const sid = await sidOf(browser);
  world.provider.isDown = true;
  const page = await browser.open(`${world.origin}/bff/logout?sid=${sid}`, { until: world.provider.issuer });
  expect([page.status, new URL(page.url).pathname]).toEqual([302, '/session/end']);
  expect(browser.cookie(world.origin, cookieName)).toBeUndefined();
  expect((await world.user(browser)).status).toBe(401);
  expect(world.log.some((line) => line.includes('"part":"sign-out"'))).toBe(true);
});

test('without the provider whose metadata nobody has, the browser comes back to the app', async () => {
  await start({ instances: 2 });
  world.pinned = 0;
  const browser = await world.signIn();
  const sid = await sidOf(browser);
  world.provider.isDown = true;
  world.pinned = 1;
  const page = await browser.open(`${world.origin}/bff/logout?sid=${sid}&returnTo=%2Fbye`, {
    until: `${world.origin}/bye`,
  });
  expect([page.status, page.url]).toEqual([302, `${world.origin}/bye`]);
});

test('without the provider a logout token cannot be judged: 503, and it works later', async () => {
  await start({ instances: 2 });
  world.pinned = 0;
  const browser = await world.signIn();
  const token = await forge(world);
  world.pinned = 1;
  world.provider.isDown = true;
  expect(await problem(await sendLogout(world, token))).toEqual(unavailable);
  world.provider.isDown = false;
  expect((await sendLogout(world, token)).status).toBe(200);
  expect((await world.user(browser)).status).toBe(401);
});

test('a logout whose refresh token cannot be revoked is still a logout, and the operators hear of it', async () => {
  await start();
  await world.signIn();
  expect((await sendLogout(world, await forge(world, { claims: { sub: 'nobody' } }))).status).toBe(200); // the keys are known
  world.provider.isDown = true;
  expect((await sendLogout(world, await forge(world))).status).toBe(200);
  await until(() => world.log.some((line) => line.includes('"part":"back-channel logout"')));
});

test('without the records a session cannot be judged: 503, never 401, and the cookie stays', async () => {
  const { broken, records } = fragile();
  await start({ records });
  const browser = await world.signIn();
  broken.add('get');
  for (const path of ['/bff/user', '/api/me', '/api/open']) {
    expect(await problem(await browser.call(world.origin + path))).toEqual(unavailable);
  }
  broken.clear();
  expect((await world.user(browser)).status).toBe(200);
});

test('without the records a callback may be tried again', async () => {
  const { broken, records } = fragile();
  await start({ records });
  const browser = new Browser();
  const { url } = await browser.open(`${world.origin}/bff/login?returnTo=%2Fapi%2Fopen`, {
    until: `${world.origin}/bff/callback`,
  });
  broken.add('set');
  expect((await browser.open(url)).status).toBe(503);
  broken.clear();
  expect((await browser.open(url, { from: world.provider.issuer })).status).toBe(200);
});

test('a back-channel logout that the records did not take may be sent again', async () => {
  const { broken, records } = fragile();
  await start({ records });
  const browser = await world.signIn();
  const token = await forge(world);
  broken.add('members');
  expect(await problem(await sendLogout(world, token))).toEqual(unavailable);
  broken.clear();
  expect((await sendLogout(world, token)).status).toBe(200);
  expect((await world.user(browser)).status).toBe(401);
});

test('a new session does not fail because the old one could not be ended', async () => {
  const { broken, records } = fragile();
  await start({ records });
  const browser = await world.signIn();
  broken.add('delete');
  await world.signIn(browser);
  expect((await world.user(browser)).status).toBe(200);
  expect(world.log.some((line) => line.includes('"part":"sign-in"'))).toBe(true);
});

test('anonymous: 200-null tells the app that nobody is signed in without an error', async () => {
  await start({ anonymous: '200-null' });
  const browser = new Browser();
  browser.set(world.origin, cookieName, 'A'.repeat(43));
  for (const who of [new Browser(), browser]) {
    const answer = await who.call(`${world.origin}/bff/user`);
    expect([answer.status, await answer.text()]).toEqual([200, 'null']);
  }
  expect(browser.names(world.origin)).toEqual([]);
});

test('allSessionsOfSubject: one session that the provider ends is the end of all of that person', async () => {
  await start({ allSessionsOfSubject: true });
  const [mine, alsoMine] = [await world.signIn(), await world.signIn()];
  world.provider.account = 'usr_0002';
  const other = await world.signIn();
  expect((await sendLogout(world, await forge(world, { claims: { sid: await sidOf(mine) } }))).status).toBe(
    200,
  );
  const states = [await world.user(mine), await world.user(alsoMine), await world.user(other)];
  expect(states.map(({ status }) => status)).toEqual([401, 401, 200]);
});

test('keys can be changed: old sessions open, new ones are sealed with the new key', async () => {
  const [oldKey, newKey] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString('base64')) as [
    string,
    string,
  ];
  const records = memoryRecords();
  await start({ records, keys: [oldKey] });
  const browser = await world.signIn();
  const [record = ''] = world.written.filter((text) => text.includes('.') && !text.startsWith('bff:'));
  expect((await world.user(browser)).status).toBe(200);
  const before = world;
  const after = await startWorld({ instances: 1, records, keys: [newKey, oldKey] });
  await after.signIn();
  const [renewed = ''] = after.written.filter((text) => text.includes('.') && !text.startsWith('bff:'));
  expect(renewed.split('.', 1)).not.toEqual(record.split('.', 1));
  await after.close();
  expect((await before.user(browser)).status).toBe(200);
});
