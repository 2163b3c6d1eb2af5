/** Refresh against a real provider that rotates refresh tokens: attacks A39 to A41. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { until } from './until.ts';
import { asked, cookieName, startWorld, type World } from './world.ts';

let world: World;
let browser: Browser;
beforeEach(async () => {
  world = await startWorld();
  browser = await world.signIn();
});
afterEach(() => world.close());

const refreshes = (): number => world.provider.grants.filter((grant) => grant === 'refresh_token').length;
const me = async () => {
  const answer = await browser.call(`${world.origin}/api/me`);
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status, code, retryAfter: answer.headers.get('retry-after'), answer };
};
const expire = (): void => world.clock.advance(61_000);
/** Lets polls of other instances happen. */
const poll = async (work: Promise<unknown>): Promise<void> => {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  await until(() => {
    world.clock.advance(1);
    return isDone;
  }, 'all have been answered');
};

test('a fresh token is used as it is', async () => {
  world.clock.advance(29_000);
  expect((await me()).status).toBe(200);
  expect(refreshes()).toBe(0);
});

test('a token with less than 30 s left is renewed, and the service gets the new one', async () => {
  await me();
  const before = asked.at(-1)?.headers.authorization;
  world.clock.advance(30_000);
  expect((await me()).status).toBe(200);
  expect(refreshes()).toBe(1);
  expect(asked.at(-1)?.headers.authorization).not.toBe(before);
  expect((await me()).status).toBe(200);
  expect(refreshes()).toBe(1);
});

test('A39: thirty calls at once on two instances after the end of the token are one refresh', async () => {
  expire();
  const calls = Promise.all(Array.from({ length: 30 }, () => me()));
  await poll(calls);
  expect((await calls).map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
  expect(refreshes()).toBe(1);
});

test('refresh after refresh keeps the session: the newest refresh token is kept', async () => {
  for (let times = 1; times <= 3; times += 1) {
    expire();
    expect((await me()).status).toBe(200);
    expect(refreshes()).toBe(times);
  }
});

test('A40: a grant that is over ends the session, here and in the records', async () => {
  expire();
  world.provider.weather = { status: 400, body: '{"error":"invalid_grant"}' };
  const { status, code, answer } = await me();
  expect([status, code]).toEqual([401, 'session-ended']);
  expect(answer.headers.getSetCookie()).toHaveLength(1);
  expect(browser.cookie(world.origin, cookieName)).toBeUndefined();
  expect((await world.user(browser)).status).toBe(401);
});

test.each([
  { status: 503 },
  { status: 500, body: 'oops' },
  { status: 401, body: '{"error":"invalid_client"}' },
  { status: 400, body: '{"error":"temporarily_unavailable"}' },
  { status: 200, body: '{"error":"invalid_grant"}' },
  { status: 200, body: 'no json' },
  { status: 302 },
])('A41: a provider that answers %j is 503, and the session works later', async (weather) => {
  expire();
  world.provider.weather = weather;
  const { status, code, retryAfter, answer } = await me();
  expect([status, code, retryAfter]).toEqual([503, 'dependency-unavailable', '2']);
  expect(answer.headers.getSetCookie()).toEqual([]);
  world.provider.weather = 'fine';
  expect((await me()).status).toBe(200);
});

test('A41: a provider that hangs is 503 within the deadline, and the session works later', async () => {
  world.pinned = 0;
  expire();
  world.provider.weather = 'hang';
  const pending = me();
  await until(() => refreshes() === 1, 'the refresh was asked for');
  world.clock.advance(1_600);
  const { status, code, retryAfter } = await pending;
  expect([status, code, retryAfter]).toEqual([503, 'dependency-unavailable', '2']);
  world.provider.weather = 'fine';
  world.provider.dropHung();
  await until(() => world.log.length > 0);
  const later = me();
  await poll(later);
  const { status: laterStatus } = await later;
  expect([200, 503]).toContain(laterStatus); // it may have joined the one that just failed
  const last = me();
  await poll(last);
  expect((await last).status).toBe(200);
});

test('while the old token still holds, a provider that is away is not noticed', async () => {
  world.clock.advance(40_000);
  world.provider.weather = { status: 503 };
  expect((await me()).status).toBe(200);
  expect(refreshes()).toBe(1);
  world.clock.advance(19_000);
  expect((await me()).status).toBe(503);
});

test('a provider that fails again and again is left alone for a moment', async () => {
  world.pinned = 0;
  expire();
  world.provider.weather = { status: 503 };
  for (let times = 0; times < 6; times += 1) expect((await me()).status).toBe(503);
  expect(refreshes()).toBe(3);
  world.clock.advance(2_000);
  world.provider.weather = 'fine';
  expect((await me()).status).toBe(200);
});

test('a session that ends while it is refreshed stays ended, and its new refresh token is worth nothing', async () => {
  world.pinned = 0;
  const { body } = await world.user(browser);
  expire();
  // The record vanishes between the provider's answer and the write.
  const set = world.records.set.bind(world.records);
  let newest: readonly string[] = [];
  world.records.set = async (name, value, options) => {
    if (options?.when === 'present') {
      newest = world.lastTokens();
      await world.records.delete(name);
    }
    return set(name, value, options);
  };
  const { status, code } = await me();
  world.records.set = set;
  expect([status, code]).toEqual([401, 'session-ended']);
  expect(body.sub).toBe('usr_0001');
  expect(newest).toHaveLength(3);
  for (const token of newest) expect(await world.provider.isActive(token)).toBe(false);
});
