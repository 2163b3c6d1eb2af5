import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone, scopes } from '../identity/access.ts';
import { asCaller } from '../testing/callers.ts';
import { type TestBff, testBff } from '../testing/test-bff.ts';
import { get, upstream } from '../upstream/operation.ts';
import { consolePages } from './console-pages.ts';
import { maxReaders } from './feed.ts';
import type { BffView, ConsoleData, Tick } from './wire.ts';

const User = z.object({ id: z.string(), name: z.string() });
const users = upstream('users', { operations: { get: get('/users', { response: User }) } });
const me = endpoint('GET', '/api/me', { summary: 'Me.', access: scopes('me'), deadlineMs: 500 })
  .plan(({ call }) => ({ user: call(users.get.pick({ id: true }), () => ({})) }))
  .respond(z.object({ id: z.string() }), ({ user }) => user);
const tips = endpoint('GET', '/api/tips', { summary: 'Tips.', access: anyone(), deadlineMs: 500 })
  .plan(({ optional }) => ({
    user: optional(users.get, () => ({}), { fallback: () => ({ id: '', name: '' }) }),
  }))
  .respond(z.object({ id: z.string() }), ({ user }) => user);

interface Rig {
  readonly bff: TestBff;
  readonly admin: Hono;
  data(window?: number): Promise<BffView>;
}

function rig(status = 200): Rig {
  const bff = testBff([me, tips], {
    users: () => ({ status, body: { id: 'usr_1', name: 'Ada' } }),
  });
  const admin = new Hono();
  consolePages(bff, { clock: bff.clock }).mount(admin);
  return {
    bff,
    admin,
    async data(window = 60) {
      const answer = await admin.request(`/console/data?window=${window}`);
      const { bffs } = (await answer.json()) as ConsoleData;
      return bffs[0] as BffView;
    },
  };
}

const leaving: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0)) await leave();
});

interface Reading {
  /** The next event: its name and its data. */
  next(): Promise<readonly [event: string, data: unknown]>;
}

async function open(admin: Hono): Promise<Reading> {
  const answer = await admin.request('/console/events');
  expect(answer.status).toBe(200);
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  leaving.push(() => reader.cancel());
  return {
    async next() {
      const { value } = await reader.read();
      const [, event = '', data = ''] =
        /^event: (.*)\ndata: (.*)\n\n$/.exec(new TextDecoder().decode(value)) ?? [];
      return [event, JSON.parse(data)];
    },
  };
}

test('a request shows up with its numbers, its calls and what it waited for', async () => {
  const { bff, data } = rig();
  await bff.app.request('/api/me', { headers: asCaller('ada', 'me') });
  const { about, tick } = await data();
  expect(about.endpoints.map(({ key }) => key)).toEqual(['GET /api/me', 'GET /api/tips']);
  expect(tick.routes['GET /api/me']).toMatchObject({ count: 1, errors: 0, nodes: { user: { count: 1 } } });
  expect(tick.operations['users.get']).toMatchObject({ count: 1, errors: 0 });
  expect(tick.requests).toMatchObject([
    { route: 'GET /api/me', status: 200, critical: ['user'], calls: [{ node: 'user', outcome: 'ok' }] },
  ]);
});

test('who asked is a pseudonym, for callers as for requests', async () => {
  const { bff, admin } = rig();
  await bff.app.request('/api/me', { headers: asCaller('ada.lovelace@shop.test', 'me') });
  const text = await (await admin.request('/console/data')).text();
  expect(text).toMatch(/"caller":"user:[\w-]{16}"/);
  expect(text).not.toContain('lovelace');
});

test('what failed inside is told without what looks like a secret', async () => {
  const { bff, data } = rig();
  bff.events.emit('problem', { part: 'discovery', error: new Error('authorization: Bearer canary-secret') });
  const { tick } = await data();
  expect(tick.problems).toMatchObject([
    { kind: 'background', place: 'discovery', cause: expect.any(String) },
  ]);
  expect(JSON.stringify(tick)).not.toContain('canary');
});

test('an answer without a part is a problem of that part, and no error', async () => {
  const { bff, data } = rig(500);
  await bff.app.request('/api/tips');
  const { tick } = await data();
  expect(tick.routes['GET /api/tips']).toMatchObject({ count: 1, errors: 0, degraded: 1 });
  expect(tick.problems).toMatchObject([
    {
      kind: 'part',
      code: 'upstream-error',
      node: 'user',
      operation: 'users.get',
      place: 'GET /api/tips',
      count: 1,
    },
  ]);
});

test('the window ends: what is older does not count, and after five minutes nothing is left', async () => {
  const { bff, data } = rig();
  await bff.app.request('/api/tips');
  bff.clock.advance(61_000);
  expect((await data(60)).tick.routes['GET /api/tips']?.count).toBe(0);
  expect((await data(300)).tick.routes['GET /api/tips']?.count).toBe(1);
  bff.clock.advance(300_000);
  const { tick } = await data(300);
  expect([tick.routes['GET /api/tips']?.count, tick.callers]).toEqual([0, []]);
});

test('paths that nobody declared share one line, whatever they are called', async () => {
  const { bff, data } = rig();
  for (const path of ['/a', '/b', '/c/d']) await bff.app.request(path);
  const { tick } = await data();
  expect(Object.keys(tick.routes)).toEqual(['*']);
});

describe('the feed', () => {
  test('begins with everything and goes on with what is new, once a second', async () => {
    const { bff, admin } = rig();
    await bff.app.request('/api/tips');
    const feed = await open(admin);
    expect(await feed.next()).toMatchObject(['bff', { about: { name: 'test' }, tick: { requests: [{}] } }]);
    await bff.app.request('/api/tips');
    bff.clock.advance(1_000);
    const [event, tick] = await feed.next();
    expect([event, (tick as Tick).requests.length]).toEqual(['tick', 1]);
    bff.clock.advance(1_000);
    expect(await feed.next()).toMatchObject([
      'tick',
      { requests: [], routes: { 'GET /api/tips': { count: 2 } } },
    ]);
  });

  test('tells of a breaker at once', async () => {
    const { bff, admin } = rig(500);
    const feed = await open(admin);
    await feed.next();
    for (let request = 0; request < 5; request += 1) await bff.app.request('/api/tips');
    expect(await feed.next()).toMatchObject([
      'happened',
      {
        happened: { subject: 'users', change: 'closed → open', isBad: true },
        upstreams: [{ breakers: [{ state: 'open' }] }],
      },
    ]);
  });

  test('has no timer while nobody reads', async () => {
    const { bff, admin } = rig();
    const before = bff.clock.pending();
    await open(admin);
    expect(bff.clock.pending()).toBe(before + 1);
    for (const leave of leaving.splice(0)) await leave();
    expect(bff.clock.pending()).toBe(before);
  });

  test('takes sixteen readers, and one more when one has left', async () => {
    const { admin } = rig();
    for (let reader = 0; reader < maxReaders; reader += 1) await open(admin);
    expect((await admin.request('/console/events')).status).toBe(503);
    await leaving.pop()?.();
    expect((await open(admin)).next).toBeDefined();
  });

  test('lets go a reader who does not keep up, and goes on for the others', async () => {
    const { bff, admin } = rig();
    await admin.request('/console/events'); // never read
    const feed = await open(admin);
    await feed.next();
    const error = new Error('x'.repeat(300));
    const flood = 14_000; // four megabytes and more
    for (let count = 0; count < flood; count += 1) {
      bff.events.emit('problem', { part: 'flood', error });
      await feed.next();
    }
    for (let reader = 0; reader < maxReaders - 1; reader += 1) await open(admin);
    expect((await admin.request('/console/events')).status).toBe(503);
  });
});

describe('the page', () => {
  test.each(['/console', '/console/page/app.js', '/console/page/theme.css', '/console/page/mark.svg'])(
    '%s comes with a policy that lets in nothing from elsewhere',
    async (path) => {
      const answer = await rig().admin.request(path);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect([answer.status, policy.includes("default-src 'none'"), policy.includes('unsafe')]).toEqual([
        200,
        true,
        false,
      ]);
    },
  );

  test.each(['/console/page/..%2fdoor.ts', '/console/page/door.ts', '/console/page/constructor'])(
    '%s is no file of it',
    async (path) => {
      expect((await rig().admin.request(path)).status).toBe(404);
    },
  );
});
