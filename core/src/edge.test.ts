import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { BffOptions } from './bff-options.ts';
import type { RequestFact } from './context/events.ts';
import { endpoint } from './endpoint/endpoint.ts';
import { anyone, signedIn } from './identity/access.ts';
import { type TestBff, testBff } from './testing/index.ts';

const Ok = z.object({ ok: z.boolean() });
const options = { summary: 'X.', access: anyone(), deadlineMs: 1_000 } as const;
const home = endpoint('GET', '/api/home', options).handle(Ok, async () => ({ ok: true }));
const save = endpoint('PUT', '/api/home', options).handle(Ok, async () => ({ ok: true }));
const mine = endpoint('GET', '/api/mine', { ...options, access: signedIn() }).handle(Ok, async () => ({
  ok: true,
}));
const broken = endpoint('GET', '/api/broken', options).handle(Ok, () => Promise.reject(new Error('no')));
const page = endpoint('GET', '/page', options).answer(() => ({
  status: 200,
  headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'" },
  body: '<p>',
}));
const endpoints = [home, save, mine, broken, page];

const app = 'https://app.shop.example';
const facts: RequestFact[] = [];
afterEach(() => void facts.splice(0));

function bffWith(parts: Partial<BffOptions> = {}): TestBff {
  const bff = testBff(
    endpoints,
    {},
    {
      routes: (hono) =>
        hono
          .get('/robots.txt', (c) => c.text('Disallow: /'))
          .get('/moved', () => Response.redirect('http://bff.test/page', 303))
          .get('/throws', () => {
            throw new Error('no');
          }),
      ...parts,
    },
  );
  bff.events.on('request', (fact) => facts.push(fact));
  return bff;
}

const get = (bff: TestBff, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  bff.app.request(path, { method, headers });

describe('a request that is refused', () => {
  test('is a problem nobody stores, in the log under *, and reaches no route of the team', async () => {
    let reached = 0;
    const bff = bffWith({
      routes: (hono) =>
        hono.all('*', (c) => {
          reached += 1;
          return c.text('reached');
        }),
    });
    const answer = await get(bff, '/api/home', { x_user_id: 'admin' });
    expect(answer.status).toBe(400);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
    });
    const problem = (await answer.json()) as { readonly requestId: string };
    expect(problem).toMatchObject({ code: 'bad-request-header', status: 400 });
    expect(facts).toMatchObject([
      { route: '*', status: 400, code: 'bad-request-header', requestId: problem.requestId },
    ]);
    expect(reached).toBe(0);
  });

  test.each([
    ['app.request', (bff: TestBff, url: string) => bff.app.request(url)],
    ['app.fetch', (bff: TestBff, url: string) => bff.app.fetch(new Request(url))],
    ['bff.fetch', (bff: TestBff, url: string) => bff.fetch(new Request(url))],
  ])('is so by %s', async (_way, ask) => {
    const bff = bffWith();
    expect((await ask(bff, 'http://evil.example/robots.txt')).status).toBe(421);
    expect((await ask(bff, 'http://bff.test/robots.txt')).status).toBe(200);
    expect((await ask(bff, 'http://localhost:4001/api//home')).status).toBe(400);
  });

  test('by its fragment is none: a web request has it, the wire does not', async () => {
    expect((await get(bffWith(), '/robots.txt#top')).status).toBe(200);
  });
});

describe('the headers of every answer', () => {
  const everywhere = {
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
  const bff = bffWith({ publicOrigin: 'https://shop.example' });

  test.each([
    ['GET', '/api/home', 200],
    ['HEAD', '/api/home', 200],
    ['GET', '/api/mine', 401],
    ['GET', '/api/none', 404],
    ['DELETE', '/api/home', 405],
    ['GET', '/api/broken', 500],
    ['GET', '/api//home', 400],
    ['GET', '/robots.txt', 200],
    ['HEAD', '/robots.txt', 200],
    ['GET', '/moved', 303],
    ['GET', '/throws', 500],
  ])('are on %s %s, which is %i', async (method, path, status) => {
    const answer = await get(bff, path, {}, method);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject(everywhere);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('vary')).toBeNull();
  });

  test('are on a 304', async () => {
    const etag = (await get(bff, '/api/home')).headers.get('etag') ?? '';
    const answer = await get(bff, '/api/home', { 'if-none-match': etag });
    expect(answer.status).toBe(304);
    expect(Object.fromEntries(answer.headers)).toMatchObject(everywhere);
  });

  test('let a page say what it may do', async () => {
    const { headers } = await get(bff, '/page');
    expect(headers.get('content-security-policy')).toBe("default-src 'self'");
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  test('say nothing of https where nobody said that the BFF has it', async () => {
    const { headers } = await get(bffWith({ publicOrigin: 'http://localhost:4001' }), '/api/home');
    expect(headers.get('strict-transport-security')).toBeNull();
  });
});

describe('addresses', () => {
  const peer = (address: string, headers: Record<string, string> = {}): object => ({
    incoming: {
      method: 'GET',
      url: '/robots.txt',
      httpVersion: '1.1',
      headers,
      rawHeaders: ['Host', 'localhost', ...Object.entries(headers).flat()],
      socket: { remoteAddress: address },
    },
    outgoing: { once: () => {}, off: () => {} },
  });
  const rules = { addresses: { allow: ['10.0.0.0/8'], deny: ['10.6.6.6'] } };

  test.each([
    ['10.1.2.3', 200],
    ['::ffff:10.1.2.3', 200],
    ['10.6.6.6', 403],
    ['192.0.2.1', 403],
  ])('%s gets %i, also on plain routes', async (address, status) => {
    const bff = bffWith(rules);
    const answer = await bff.app.request('/robots.txt', {}, peer(address));
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(await answer.json()).toMatchObject({ code: 'ip-not-allowed' });
      expect(facts).toMatchObject([{ route: '*', status: 403, code: 'ip-not-allowed' }]);
    }
  });

  test('are those of clients behind trusted proxies, and of nobody who only says so', async () => {
    const forwarded = { forwarded: 'for=10.1.2.3' };
    const trusting = { ...rules, forwardedHeader: 'forwarded', trustedProxies: ['192.0.2.1'] } as const;
    const ask = async (parts: Partial<BffOptions>, from: string): Promise<number> =>
      (await bffWith(parts).app.request('/robots.txt', {}, peer(from, forwarded))).status;
    expect(await ask(trusting, '192.0.2.1')).toBe(200);
    expect(await ask(trusting, '192.0.2.2')).toBe(403);
    expect(await ask(rules, '192.0.2.1')).toBe(403);
  });

  test('are judged before identity: nobody learns whether a credential holds', async () => {
    const bff = bffWith(rules);
    const answer = await get(bff, '/api/mine', { authorization: 'Bearer x' });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([403, null]);
  });
});

describe('cross-origin', () => {
  const bff = bffWith({ cors: { origins: [app], credentials: true } });
  const allowOrigin = async (path: string, origin: string): Promise<string | null> =>
    (await get(bff, path, { origin })).headers.get('access-control-allow-origin');

  test.each([
    '/api/home',
    '/api/mine',
    '/api/none',
    '/api/broken',
    '/api//home',
    '/robots.txt',
    '/moved',
    '/page',
  ])('a listed origin may read %s, another may not', async (path) => {
    const { headers } = await get(bff, path, { origin: app });
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-credentials': 'true',
      'cross-origin-resource-policy': 'cross-origin',
      vary: 'Origin',
    });
    for (const origin of ['https://evil.example', 'null', `${app}.evil.example`, 'http://app.shop.example']) {
      const other = await get(bff, path, { origin });
      expect([...other.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(other.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(other.headers.get('vary')).toBe('Origin');
    }
  });

  const preflight = (path: string, origin: string, method: string, on = bff) =>
    get(on, path, { origin, 'access-control-request-method': method }, 'OPTIONS');

  test('a preflight is answered for a listed origin and a method of the path, and is in the log', async () => {
    facts.splice(0);
    const answer = await preflight('/api/home?x=1', app, 'PUT');
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, PUT',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
      vary: 'Origin',
      'x-frame-options': 'DENY',
    });
    expect(facts).toMatchObject([{ route: '*', method: 'OPTIONS', status: 204 }]);
  });

  test.each([
    ['another origin', '/api/home', 'https://evil.example', 'PUT', 405],
    ['the origin null', '/api/home', 'null', 'PUT', 405],
    ['a method the path does not have', '/api/home', app, 'DELETE', 405],
    ['a path that is not there', '/api/none', app, 'GET', 404],
  ])('a preflight with %s is not', async (_what, path, origin, method, status) => {
    const answer = await preflight(path, origin, method);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-methods')).toBeNull();
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin === app ? app : null);
  });

  test('is off unless it is declared: no header, no preflight', async () => {
    const closed = bffWith();
    expect((await preflight('/api/home', app, 'PUT', closed)).status).toBe(405);
    const answer = await get(closed, '/api/home', { origin: app });
    expect([answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([
      null,
      null,
    ]);
    expect(await allowOrigin('/api/home', app)).toBe(app);
  });
});
