/**
 * Attacks on the HTTP edge, byte for byte over real sockets (A1 to A20, A24, A25, A50 of the attack list, and
 * what Node already refuses by itself). After every refusal the same things hold: no service was called, no
 * cookie set, nothing may be stored, nothing of the request is repeated, and the next request is served.
 */
import { gzipSync } from 'node:zlib';
import { anyone, bind, endpoint, get, post, signedIn, tokenBucket, upstream } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ok, status } from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type RawAnswer, rawClient } from '../support/raw-client.ts';
import { type ServedBff, served } from '../support/served.ts';

const Order = z.object({ id: z.string() });
const orders = upstream('orders', {
  operations: {
    get: get('/orders/:id', { response: Order, forwardRequestHeaders: ['accept-language'] }),
    create: post('/orders', { body: Order, response: Order }),
  },
});
const options = { summary: 'X.', access: anyone(), deadlineMs: 2_000 } as const;
const loose = { params: z.object({ id: z.string() }) };
const read = endpoint('GET', '/orders/:id', { ...options, ...loose })
  .plan(({ call }) => ({ order: call(orders.get, ({ input }) => ({ params: input.params })) }))
  .respond(Order, ({ order }) => order);
const create = endpoint('POST', '/orders', { ...options, body: z.looseObject({ id: z.string() }) })
  .plan(({ call }) => ({ order: call(orders.create, ({ input }) => ({ body: input.body })) }))
  .respond(Order, ({ order }) => order);
const mine = endpoint('GET', '/mine', { ...options, access: signedIn() })
  .plan(({ call }) => ({ order: call(orders.get, () => ({ params: { id: 'o1' } })) }))
  .respond(Order, ({ order }) => order);

const app = 'https://app.shop.example';
const canary = 'c4n4ry';
let service: FaultyUpstream;
let bff: ServedBff;

beforeAll(async () => {
  service = await faultyUpstream(ok({ id: 'o1' }));
  bff = await served({
    publicOrigin: 'https://shop.example',
    cors: { origins: [app] },
    limits: tokenBucket({ capacity: 10_000, refillPerSecond: 1_000 }),
    upstreams: [bind(orders, { targets: service.url, retry: { attempts: 0 } })],
    endpoints: [read, create, mine],
    routes: (hono) => hono.get('/robots.txt', (c) => c.text(`${c.req.path} ${canary}`)),
  });
});

afterAll(async () => {
  await bff.close();
  await service.close();
});

/** The answer to these bytes; `undefined` when the connection ends without one. */
async function send(bytes: string): Promise<RawAnswer | undefined> {
  const client = await rawClient(bff.url);
  client.socket.write(Buffer.from(bytes, 'latin1'));
  const answer = await client.answer().catch(() => undefined);
  client.socket.destroy();
  return answer;
}

const lines = (...head: readonly string[]): string => `${head.join('\r\n')}\r\n\r\n`;
const getting = (target: string, ...headers: readonly string[]): string =>
  lines(`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers);
const posting = (body: string, ...headers: readonly string[]): string =>
  lines(
    'POST /orders HTTP/1.1',
    'Host: localhost',
    `Content-Length: ${body.length}`,
    ...(headers.length > 0 ? headers : ['Content-Type: application/json']),
  ) + body;

async function expectServed(): Promise<void> {
  const answer = await send(getting('/orders/o1', 'Connection: close'));
  expect([answer?.status, answer?.body.toString()]).toEqual([200, '{"id":"o1"}']);
}

/** Sends `bytes` and holds the answer against all that is true of every refusal. */
async function refusalOf(bytes: string, expected: number, code?: string): Promise<RawAnswer> {
  const [calls, logged] = [service.requests.length, bff.log.length];
  const answer = await send(bytes);
  expect(answer?.status).toBe(expected);
  if (answer === undefined) throw new Error('no answer');
  expect(answer.headers).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.headers).not.toHaveProperty('set-cookie');
  expect(answer.headers).not.toHaveProperty('location');
  const text = answer.body.toString();
  expect(JSON.parse(text)).toMatchObject({ status: expected, ...(code === undefined ? {} : { code }) });
  expect(text + JSON.stringify(bff.log.slice(logged))).not.toMatch(/c4n4ry|evil/);
  expect(service.requests).toHaveLength(calls);
  await expectServed();
  return answer;
}

async function expectRefused(bytes: string, expected: number, code?: string): Promise<void> {
  await refusalOf(bytes, expected, code);
}

describe('hosts', () => {
  test.each([
    ['A1: two Host lines', lines('GET /mine HTTP/1.1', 'Host: localhost', 'Host: evil.example')],
    ['two equal ones', lines('GET /mine HTTP/1.1', 'Host: localhost', 'Host: localhost')],
    ['two in other letters', lines('GET /mine HTTP/1.1', 'Host: localhost', 'hOsT: evil.example')],
  ])('%s: 400', (_what, bytes) => expectRefused(bytes, 400, 'bad-request-header'));

  test.each([
    ['A2: a URL of another host', lines('GET http://evil.example/mine HTTP/1.1', 'Host: localhost')],
    ['A3: another Host', lines('GET /mine HTTP/1.1', 'Host: evil.example')],
    ['another Host where no route is', lines('GET /bff/login HTTP/1.1', 'Host: evil.example')],
    ['another Host on a plain route', lines('GET /robots.txt HTTP/1.1', 'Host: evil.example')],
    ['a URL of ours with another Host', lines('GET http://localhost/mine HTTP/1.1', 'Host: evil.example')],
    ['ours as a part of another', lines('GET /mine HTTP/1.1', 'Host: shop.example.evil.example')],
    ['ours with another port', lines('GET /mine HTTP/1.1', 'Host: shop.example:8443')],
  ])('%s: 421 that does not repeat it', (_what, bytes) => expectRefused(bytes, 421, 'misdirected-request'));

  test('our own in any form is served', async () => {
    for (const host of ['localhost:4001', 'shop.example', 'SHOP.EXAMPLE:443', '127.0.0.1', '[::1]:80']) {
      expect((await send(lines('GET /orders/o1 HTTP/1.1', `Host: ${host}`)))?.status, host).toBe(200);
    }
    const absolute = lines('GET http://shop.example/orders/o1?x HTTP/1.1', 'Host: shop.example');
    expect((await send(absolute))?.status).toBe(400); // the query is not declared: it was read as that of the path
    expect((await send(absolute.replace('?x', '')))?.status).toBe(200);
  });

  test('what a proxy header says about the host or the path changes nothing', async () => {
    const calls = service.requests.length;
    const headers = [
      'X-Forwarded-Host: evil.example',
      'Forwarded: host=evil.example',
      'X-Original-URL: /mine',
      'X-Rewrite-URL: /mine',
      'X-Forwarded-Uri: /mine',
      'X-Forwarded-Prefix: /mine',
      'X-HTTP-Method-Override: POST',
      'X-Method-Override: DELETE',
      'User-Agent: kube-probe/1.30',
    ];
    const answer = await send(getting('/robots.txt', ...headers));
    expect(answer?.body.toString()).toBe(`/robots.txt ${canary}`);
    expect((await send(getting('/mine', ...headers)))?.status).toBe(401);
    expect(service.requests).toHaveLength(calls);
  });
});

describe('framing', () => {
  const chunked = 'Transfer-Encoding: chunked';
  const smuggled = lines('GET /orders/smuggled HTTP/1.1', 'Host: localhost');
  const withBody = (headers: readonly string[], body: string, version = '1.1'): string =>
    lines(`POST /orders HTTP/${version}`, 'Host: localhost', 'Content-Type: application/json', ...headers) +
    body +
    smuggled;

  test.each([
    ['A5: gzip, chunked', withBody(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'), 501],
    ['the same in two lines', withBody(['Transfer-Encoding: gzip', chunked], '0\r\n\r\n'), 501],
    ['A6: chunked in HTTP/1.0', withBody([chunked], '0\r\n\r\n', '1.0'), 400],
    ['another version', lines('GET /mine HTTP/2.0', 'Host: localhost'), 505],
    ['an older version', lines('GET /mine HTTP/0.9', 'Host: localhost'), 505],
  ])('%s: %#, the connection ends, and what follows is not run', async (_what, bytes, expected) => {
    const answer = await refusalOf(bytes, expected);
    expect(answer.headers.connection).toBe('close');
    expect(service.requests.some(({ path }) => path.includes('smuggled'))).toBe(false);
  });

  test.each([
    ['A4: Content-Length and chunked', withBody(['Content-Length: 5', chunked], '0\r\n\r\nX')],
    ['two lengths', withBody(['Content-Length: 2', 'Content-Length: 3'], '{}')],
    ['two equal lengths', withBody(['Content-Length: 2', 'Content-Length: 2'], '{}')],
    ['a length list', withBody(['Content-Length: 5, 5'], '{"a":')],
    ['a length with a sign', withBody(['Content-Length: +2'], '{}')],
    ['a negative length', withBody(['Content-Length: -1'], '{}')],
    ['a hexadecimal length', withBody(['Content-Length: 0x2'], '{}')],
    ['an empty length', withBody(['Content-Length:'], '{}')],
    ['xchunked', withBody(['Transfer-Encoding: xchunked'], '0\r\n\r\n')],
    ['chunked, identity', withBody(['Transfer-Encoding: chunked, identity'], '0\r\n\r\n')],
    ['chunked twice', withBody([chunked, chunked], '0\r\n\r\n')],
    ['a chunk size that overflows', withBody([chunked], 'ffffffffffffffff1\r\n')],
    ['a negative chunk size', withBody([chunked], '-1\r\n')],
    ['junk after a chunk', withBody([chunked], '2\r\n{}junk\r\n0\r\n\r\n')],
    ['chunks that end in LF', withBody([chunked], '2\n{}\n0\n\n')],
    ['A7: a folded header', getting('/mine', 'X-A: a', ' b')],
    ['A7: a bare LF', 'GET /mine HTTP/1.1\nHost: localhost\n\n'],
    ['a bare CR', getting('/mine', 'X-A: a\rX-B: b')],
    ['A7: a NUL', getting('/mine', 'X-A: a\0b')],
    ['A7: a space before the colon', getting('/mine', 'X-A : b')],
    ['a vertical tab before the colon', getting('/mine', 'X-A\v: b')],
    ['no Host', lines('GET /mine HTTP/1.1')],
    ['bytes beyond ASCII', getting('/orders/caf\u00e9')],
    ['a version to come', lines('GET /mine HTTP/3.0', 'Host: localhost')],
    ['a request behind another version', lines('GET /mine HTTP/2.0', 'Host: localhost') + smuggled],
  ])('%s: refused by the parser, the connection ends, and what follows is not run', async (_what, bytes) => {
    const calls = service.requests.length;
    const client = await rawClient(bff.url);
    client.socket.write(Buffer.from(bytes, 'latin1'));
    const answer = await client.answer();
    expect(answer.status).toBe(400);
    await client.closed;
    expect(service.requests).toHaveLength(calls);
    await expectServed();
  });

  test('trailers are no headers, an upgrade to h2c is none', async () => {
    const calls = service.requests.length;
    const trailer = `2\r\n{}\r\n0\r\nAuthorization: Basic x\r\n\r\n`;
    const posted = lines('POST /orders HTTP/1.1', 'Host: localhost', chunked, 'Trailer: Authorization');
    expect((await send(posted + trailer))?.status).toBe(415);
    expect(service.requests).toHaveLength(calls);
    const upgrade = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQ'];
    expect((await send(getting('/orders/o1', ...upgrade)))?.status).toBe(200);
  });
});

describe('A8: methods that serve no one', () => {
  test('TRACE is not implemented, on no route', async () => {
    for (const path of ['/', '/orders/o1', '/robots.txt']) {
      await expectRefused(lines(`TRACE ${path} HTTP/1.1`, 'Host: localhost', `Cookie: ${canary}`), 501);
    }
  });

  test('CONNECT opens nothing', async () => {
    const answer = await send(lines('CONNECT evil.example:443 HTTP/1.1', 'Host: evil.example:443'));
    expect(answer === undefined || answer.status >= 400).toBe(true);
    await expectServed();
  });

  test('a method that a path does not have is 405 with those it has', async () => {
    const answer = await refusalOf(lines('PROPFIND /orders/o1 HTTP/1.1', 'Host: localhost'), 405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });
});

describe('targets', () => {
  test.each([
    ['A9', '//evil.example/x'],
    ['A9', '//evil.example/%2e%2e'],
    ['A9, further right', '/orders//evil.example'],
    ['A10', '/orders/..%2fadmin'],
    ['A10', '/orders/%2e%2e/x'],
    ['A10', '/orders/%252e%252e%252fx'],
    ['A10, raw', '/orders/../mine'],
    ['A10, one dot', '/orders/./o1'],
    ['A10, with a parameter', '/orders/..;/mine'],
    ['A10, fullwidth', '/orders/%EF%BC%8E%EF%BC%8E/mine'],
    ['A10, overlong', '/orders/%c0%ae%c0%ae/mine'],
    ['A10, thrice encoded', '/orders/%25252e'],
    ['A11, CR LF', '/orders/a%0d%0aX-Evil:1'],
    ['A11, NUL', '/orders/%00'],
    ['A11, backslash', '/orders/%5c'],
    ['a cut escape', '/orders/%e2%82'],
    ['a fragment', '/orders/1#/admin'],
  ])('%s: %s is 400 everywhere', async (_what, target) => {
    await expectRefused(getting(target), 400, 'bad-request-target');
    await expectRefused(getting(`http://localhost${target}`), 400, 'bad-request-target');
  });

  test('what is only odd is served', async () => {
    service.mode = (socket, request) => ok({ id: request.path })(socket, request);
    for (const [target, sent] of [
      ['/orders/a%2Fb', '/orders/a%2Fb'],
      ['/orders/100%25', '/orders/100%25'],
      ['/orders/caf%C3%A9', '/orders/caf%C3%A9'],
      ['/orders/a..b', '/orders/a..b'],
    ]) {
      const answer = await send(getting(target ?? ''));
      expect(answer?.body.toString()).toBe(JSON.stringify({ id: sent }));
    }
    service.mode = ok({ id: 'o1' });
  });
});

describe('headers', () => {
  test.each(['Authorization', 'Content-Type', 'Origin', 'Idempotency-Key', 'API-Version', 'traceparent'])(
    'two lines of %s: 400',
    (name) =>
      expectRefused(
        getting('/mine', `${name}: ${canary}`, `${name.toLowerCase()}: a`),
        400,
        'bad-request-header',
      ),
  );

  test('A12: a name with an underscore: 400', async () => {
    const caller = 'X-Test-Caller: usr_1';
    for (const name of ['X_User_Id', 'x_user_id', 'X-User_Id', 'X_FORWARDED_FOR', '_']) {
      await expectRefused(getting('/mine', caller, `${name}: ${canary}`), 400, 'bad-request-header');
    }
  });

  test('A12: nothing a client says about itself reaches a service', async () => {
    const forged = [
      'X-User-Id',
      'X-User',
      'X-Internal-Token',
      'X.User.Id',
      'X~User~Id',
      'Bff-User',
      'X-Bff-App',
      'X-Forwarded-For',
      'X-Forwarded-User',
      'X-Real-IP',
      'X-Remote-User',
      'Remote-User',
      'Proxy-Authorization',
      'X-CSRF',
      'X-Request-Id',
      'Cookie',
      'DPoP',
      'X-Original-URL',
    ].map((name) => `${name}: ${canary}`);
    const answer = await send(
      getting('/mine', 'X-Test-Caller: usr_1', 'Accept-Language: de', 'Bff-Deadline-Ms: 1', ...forged),
    );
    expect(answer?.status).toBe(200);
    const seen = service.requests.at(-1);
    expect(seen?.headers).toMatchObject({ 'accept-language': 'de' });
    expect(Number(seen?.headers['bff-deadline-ms'])).toBeGreaterThan(100);
    expect(JSON.stringify(seen?.headers)).not.toMatch(/c4n4ry|usr_1/);
    expect(Object.keys(seen?.headers ?? {}).toSorted()).toEqual([
      'accept',
      'accept-language',
      'bff-deadline-ms',
      'connection',
      'host',
      'traceparent',
      'x-request-id',
    ]);
  });

  test('a client’s Connection header takes nothing away that the gateway adds', async () => {
    const named = 'Connection: authorization, x-request-id, traceparent, bff-deadline-ms';
    expect((await send(getting('/orders/o1', named)))?.status).toBe(200);
    expect(service.requests.at(-1)?.headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      traceparent: expect.stringMatching(/^00-/),
      'bff-deadline-ms': expect.stringMatching(/^\d+$/),
    });
  });

  test.each([
    'x-user-id',
    'x-internal-token',
    'bff-user',
    'x_user_id',
    'x.user.id',
    'cookie',
    'authorization',
  ])('an operation cannot declare that it forwards %s', (name) => {
    expect(() => {
      const greedy = upstream('greedy', {
        operations: { get: get('/x', { response: Order, forwardRequestHeaders: [name] }) },
      });
      bind(greedy, { targets: service.url });
    }).toThrow(RangeError);
  });

  test('A13: 101 lines: 431', () => {
    const many = Array.from({ length: 100 }, (_, index) => `X-${index}: ${canary}`);
    return expectRefused(getting('/mine', ...many), 431, 'headers-too-large');
  });

  test.each([
    ['a header of 20 KB', getting('/mine', `X-A: ${'a'.repeat(20_000)}`)],
    ['a URL of 17 KB', getting(`/mine?${'a'.repeat(17_000)}`)],
  ])('A13: %s: 431', async (_what, bytes) => {
    const calls = service.requests.length;
    expect((await send(bytes))?.status).toBe(431);
    expect(service.requests).toHaveLength(calls);
    await expectServed();
  });

  test('A13: a URL of 9 KB: 414', () =>
    expectRefused(getting(`/mine?${'a'.repeat(9_000)}`), 414, 'uri-too-long'));
});

describe('bodies', () => {
  const json = (value: string): string => posting(value);
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

  test('A16: too many bytes, announced or not: 413', async () => {
    const large = JSON.stringify({ id: 'a'.repeat(110_000) });
    await expectRefused(json(large), 413, 'body-too-large');
    const head = lines(
      'POST /orders HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    );
    await expectRefused(head + chunk(large) + chunk(''), 413, 'body-too-large');
  });

  test('A17: a compressed body, which could be any size: 415', () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000)).toString('latin1');
    const type = 'Content-Type: application/json';
    return expectRefused(posting(bomb, type, 'Content-Encoding: gzip'), 415, 'unsupported-media-type');
  });

  test.each([
    ['A18: text/plain', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['a multipart form', 'multipart/form-data; boundary=a'],
    ['another charset', 'application/json; charset=utf-7'],
    ['another charset first', 'application/json; charset=latin1; charset=utf-8'],
    ['a list', 'text/plain, application/json'],
  ])('%s: 415', (_what, type) =>
    expectRefused(posting('{"id":"a"}', `Content-Type: ${type}`), 415, 'unsupported-media-type'),
  );

  test.each([
    ['A19', '{"__proto__":{"isAdmin":true}}'],
    ['A19', '{"constructor":{"prototype":{"x":1}}}'],
    ['A19, spelled otherwise', '{"id":"a","\\u005f_proto__":{"isAdmin":true}}'],
    ['A19, deeper', '{"id":"a","list":[{"a":{"prototype":{}}}]}'],
  ])('%s: %s: 400, and no object is changed', async (_what, body) => {
    await expectRefused(json(body), 400, 'validation-failed');
    expect(['isAdmin' in {}, 'x' in {}]).toEqual([false, false]);
  });

  test.each([
    ['A20: 100 000 levels that do not end', '['.repeat(100_000)],
    ['A20: 50 000 levels', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['A20: 33 levels', `{"id":"a","x":${'['.repeat(33)}${']'.repeat(33)}}`],
    ['no JSON', `{"id":"${canary}"`],
    ['no UTF-8', '{"id":"\xff"}'],
  ])('%s: 400', (_what, body) => expectRefused(json(body), 400, 'invalid-json'));

  test('10 001 members: 400', () =>
    expectRefused(json(`{"id":"a","x":[${'0,'.repeat(10_000)}0]}`), 400, 'validation-failed'));
});

describe('pages of other origins', () => {
  const preflight = (origin: string, method = 'POST'): string =>
    lines(
      'OPTIONS /orders HTTP/1.1',
      'Host: localhost',
      `Origin: ${origin}`,
      `Access-Control-Request-Method: ${method}`,
      'Access-Control-Request-Headers: content-type',
    );
  const strangers = [
    'https://evil.example',
    'null',
    `${app}.evil.com`,
    'http://app.shop.example',
    'https://xapp.shop.example',
  ];
  const corsHeaders = (answer: RawAnswer | undefined): string[] =>
    Object.keys(answer?.headers ?? {}).filter((name) => name.startsWith('access-control-'));

  test.each(strangers)('A24, A25: %s is told nothing, in no answer', async (origin) => {
    const refused = await refusalOf(preflight(origin), 405);
    const good = await send(getting('/orders/o1', `Origin: ${origin}`));
    const wrong = await send(getting('/orders//o1', `Origin: ${origin}`));
    expect([refused, good, wrong].flatMap(corsHeaders)).toEqual([]);
    expect([good?.headers.vary, wrong?.headers.vary]).toEqual(['Origin', 'Origin']);
  });

  test('a listed one may ask and read, a problem too', async () => {
    const calls = service.requests.length;
    const asked = await send(preflight(app));
    expect([asked?.status, asked?.headers['access-control-allow-methods']]).toEqual([204, 'POST']);
    expect(service.requests).toHaveLength(calls);
    for (const path of ['/orders/o1', '/none', '/mine', '/orders//o1', '/robots.txt']) {
      const answer = await send(getting(path, `Origin: ${app}`));
      expect(answer?.headers['access-control-allow-origin'], path).toBe(app);
    }
  });

  test('a method the path does not have may not be asked for', () =>
    expectRefused(preflight(app, 'PUT'), 405));
});

test('A45: a service cannot speak to the browser', async () => {
  const evil = [
    'Set-Cookie: a=b',
    'Server: nginx',
    'X-Powered-By: PHP',
    'Access-Control-Allow-Origin: *',
    'Content-Security-Policy: default-src *',
    'WWW-Authenticate: Basic',
    'Connection: x-secret',
    `X-Secret: ${canary}`,
    '',
  ].join('\r\n');
  const body = '{"id":"o1"}';
  service.mode = (socket) =>
    void socket.write(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${evil}\r\n${body}`,
    );
  const good = await send(getting('/orders/o1'));
  service.mode = status(500, evil);
  const bad = await send(getting('/orders/o1'));
  service.mode = ok({ id: 'o1' });
  expect([good?.status, bad?.status]).toEqual([200, 502]);
  for (const answer of [good, bad]) {
    for (const name of ['set-cookie', 'server', 'x-powered-by', 'www-authenticate', 'x-secret']) {
      expect(answer?.headers).not.toHaveProperty(name);
    }
    expect(answer?.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(answer?.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer?.body.toString()).not.toContain(canary);
  }
});

test.each([
  ['/orders/o1', 200],
  ['/none', 404],
  ['/mine', 401],
  ['/orders//o1', 400],
  ['/robots.txt', 200],
])('A50: the answer of %s, which is %i, tells browsers to do nothing with it', async (path, expected) => {
  const answer = await send(getting(path));
  expect(answer?.status).toBe(expected);
  expect(answer?.headers).toMatchObject({
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
});
