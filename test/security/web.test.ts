/**
 * Attacks on sessions where instances share nothing but a real Redis, with a real provider (A42, A43, and
 * what is beside them): a Redis that is gone or silent, and everything that Redis is ever told.
 */
import { redisRecords } from 'bffkit/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { forge, sendLogout } from '../session/logout-tokens.ts';
import { cookieName, startWorld, type World } from '../session/world.ts';
import { Browser } from '../support/browser.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { shortest } from '../support/within.ts';
import { refusal } from './standing.ts';

let redis: RedisServer;
let operator: Redis;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  operator = new Redis(redis.url, { retryStrategy: () => 10 });
  operator.on('error', () => {});
});
beforeEach(async () => {
  await operator.flushall();
  world = await startWorld({ records: redisRecords({ url: redis.url }) });
  await vi.waitFor(() => world.records.get('probe:{x}'), { timeout: 10_000 });
});
afterEach(async () => {
  if (redis.process.signalCode === null) redis.process.kill('SIGCONT');
  else await redis.restart(); // a test that failed left it dead
  await world.close();
  await world.records.close();
});
afterAll(async () => {
  operator.disconnect();
  await redis.kill();
});

/** All that is secret of a person who is signed in. */
function secretsOf(browser: Browser): string[] {
  return [browser.cookie(world.origin, cookieName) ?? [], world.provider.secrets].flat();
}

function refused(browser: Browser, path: string) {
  const watched = { log: world.log, secrets: secretsOf(browser) };
  return refusal(() => browser.call(world.origin + path), watched);
}

describe.each<[string, () => unknown, () => unknown]>([
  ['killed', () => redis.kill(), () => redis.restart()],
  ['silent', () => redis.process.kill('SIGSTOP'), () => redis.process.kill('SIGCONT')],
])('Redis %s', (what, hurt, heal) => {
  const withinMs = 150;

  test.each(['/bff/user', '/api/me', '/api/open'])(
    'A42: %s with a session is 503 within 150 ms, never 401, and works later',
    async (path) => {
      const ms = await shortest(withinMs, 4, async () => {
        const browser = await world.signIn();
        const cookie = browser.cookie(world.origin, cookieName);
        expect((await world.user(browser)).status).toBe(200);
        await hurt();
        let worstMs = 0;
        for (let time = 0; time < 6; time += 1) {
          const startMs = performance.now();
          const answer = await refused(browser, path);
          worstMs = Math.max(worstMs, performance.now() - startMs);
          expect([answer.status, answer.code]).toEqual([503, 'dependency-unavailable']);
          expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
        }
        expect(browser.cookie(world.origin, cookieName)).toBe(cookie);
        await heal();
        // Killed, it comes back empty: the session is over. Silent, it knows everything.
        const later = what === 'killed' ? 401 : 200;
        await expect.poll(async () => (await world.user(browser)).status, { timeout: 10_000 }).toBe(later);
        await world.signIn(browser);
        expect((await world.user(browser)).status).toBe(200);
        return worstMs;
      });
      expect(ms).toBeLessThan(withinMs);
    },
    60_000,
  );

  test('nobody is signed in, out or judged meanwhile: 503, and all of it works later', async () => {
    const browser = await world.signIn();
    const token = await forge(world);
    const { body } = await world.user(browser);
    const callback = await new Browser().open(`${world.origin}/bff/login`, {
      until: `${world.origin}/bff/callback`,
    });
    await hurt();
    expect((await sendLogout(world, token)).status).toBe(503);
    expect((await browser.call(callback.url)).headers.getSetCookie().join()).not.toContain(`${cookieName}=`);
    const logout = await browser.call(world.origin + String(body.logoutUrl));
    expect([logout.status, logout.headers.getSetCookie()]).toEqual([503, []]);
    expect((await refused(new Browser(), '/bff/user')).status).toBe(401); // nobody, with or without Redis
    await heal();
    await expect.poll(async () => (await sendLogout(world, token)).status, { timeout: 10_000 }).toBe(200);
    expect((await world.user(browser)).status).toBe(401);
  });
});

describe('A43: what Redis is told', () => {
  /** Names and values of everything that is there. */
  async function dump(): Promise<Map<string, string>> {
    const names = await operator.keys('*');
    const values = await Promise.all(
      names.map(async (name) =>
        (await operator.type(name)) === 'string'
          ? ((await operator.get(name)) ?? '')
          : (await operator.zrange(name, '0', '-1')).join(),
      ),
    );
    return new Map(names.map((name, index) => [name, values[index] ?? '']));
  }

  test('no value is or holds a token, and names are hashes', async () => {
    const browser = await world.signIn();
    const other = await world.signIn();
    const content = await dump();
    const text = [...content].flat().join('\n');
    expect(content.size).toBeGreaterThanOrEqual(4);
    expect(text).not.toMatch(/eyJ[\w-]+\.eyJ/);
    for (const secret of [...secretsOf(browser), ...secretsOf(other), 'canary-client-secret', 'usr_0001'])
      expect(text).not.toContain(secret);
    for (const name of content.keys()) expect(name).toMatch(/^bffkit:bff:web:[a-z]+:\{[\w-]{43}\}(?::lk)?$/);
  });

  test('no command of a whole life of sessions carries one either, and nothing lasts for ever', async () => {
    const heard: string[] = [];
    const monitor = await operator.monitor();
    monitor.on('monitor', (_time: string, words: string[]) => heard.push(words.join(' ')));
    const browser = await world.signIn();
    const before = browser.cookie(world.origin, cookieName) ?? '';
    world.clock.advance(61_000); // the access token has ended
    expect((await browser.call(`${world.origin}/api/me`)).status).toBe(200);
    expect(world.provider.grants.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
    await world.signIn(browser);
    expect((await sendLogout(world, await forge(world))).status).toBe(200);
    for (const name of await operator.keys('*'))
      expect([name, await operator.pttl(name)]).not.toEqual([name, -1]);
    await operator.set('the-end', '1');
    await expect.poll(() => heard.some((line) => line.includes('the-end'))).toBe(true);
    monitor.disconnect();
    const all = heard.join('\n');
    expect(heard.length).toBeGreaterThan(20);
    // Sealed text in base64url holds three letters by chance.
    expect(all).not.toMatch(/eyJ[\w-]+\.eyJ/);
    for (const secret of [before, ...secretsOf(browser), 'usr_0001']) expect(all).not.toContain(secret);
  });

  test('what stands there opens nothing when it is sent as a cookie', async () => {
    await world.signIn();
    for (const [name, content] of await dump()) {
      const hash = /\{(.*)\}/.exec(name)?.[1] ?? '';
      for (const value of [hash, content.slice(0, 43), content]) {
        if (!/^[\w.-]+$/.test(value)) continue;
        const thief = new Browser();
        thief.set(world.origin, cookieName, value);
        expect((await world.user(thief)).status).toBe(401);
      }
    }
  });

  test('what is changed there is no session, and no 500', async () => {
    const browser = await world.signIn();
    const id = browser.cookie(world.origin, cookieName) ?? '';
    const [name = ''] = await operator.keys('*bff:web:s:{*');
    const sealed = (await operator.get(name)) ?? '';
    const changes = [
      '',
      '{}',
      '{"__proto__":{"isAdmin":true}}',
      sealed.slice(0, -1),
      `${sealed}A`,
      sealed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      sealed.toUpperCase(),
      'x'.repeat(100_000),
    ];
    for (const change of changes) {
      await operator.set(name, change, 'PX', 60_000);
      browser.set(world.origin, cookieName, id); // the last answer cleared it
      expect([change.slice(0, 40), (await refused(browser, '/api/me')).status]).toEqual([
        change.slice(0, 40),
        401,
      ]);
    }
  });
});
