import { describe, expect, test } from 'vitest';
import { anyone, scopes, signedIn } from '../identity/access.ts';
import { asCaller } from '../testing/callers.ts';
import type { FakeUpstream } from '../testing/fake-upstreams.ts';
import { type TestBff, testBff } from '../testing/test-bff.ts';
import { type ProxyOptions, proxy } from './proxy.ts';

const open: ProxyOptions = { access: anyone(), deadlineMs: 1_000 };

function rig(
  fake: FakeUpstream,
  options: Partial<ProxyOptions> = {},
  route = 'GET|POST|PUT|DELETE /files/*',
): TestBff {
  return testBff([proxy(route, 'files', { ...open, to: '/v1/*', ...options })].flat(), { files: fake });
}

const hello: FakeUpstream = () => ({ headers: { 'content-type': 'text/plain' }, body: 'hello' });

describe('what is asked', () => {
  test.each([
    ['/files/a/b.txt', '/v1/a/b.txt'],
    ['/files/a/', '/v1/a/'],
    ['/files', '/v1'],
    ['/files/', '/v1/'],
    ['/files/a%20b?x=1&y=%2F', '/v1/a%20b?x=1&y=%2F'],
    ['/files/a%2Fb', '/v1/a%2Fb'],
    ['/files/a;v=1', '/v1/a;v=1'],
  ])('%s goes on as %s: the rest as it was sent', async (path, target) => {
    const bff = rig(hello);
    const answer = await bff.app.request(path);
    expect([answer.status, await answer.text()]).toEqual([200, 'hello']);
    expect(bff.requests.map((request) => request.target)).toEqual([target]);
  });

  test.each([
    '/files/%2e%2e/x',
    '/files/a%2F..%2F..%2Fb',
    '/files/..%5cx',
    '/files/a//b',
    '/files/%252e%252e',
    '/files/..;/x',
  ])('%s is refused', async (path) => {
    const bff = rig(hello);
    // A web request takes dots away before anybody sees them: what is left may not reach the service either.
    const answer = await bff.app.request(path);
    expect([400, 404]).toContain(answer.status);
    expect(bff.requests).toEqual([]);
  });

  test('parameters stand where the destination has them', async () => {
    const bff = rig(hello, { to: '/of/:id/all/*' }, 'GET /users/:id/files/*');
    await bff.app.request('/users/usr_1/files/x');
    expect(bff.requests[0]?.target).toBe('/of/usr_1/all/x');
  });

  test('a route of everything passes the path whole', async () => {
    const bff = rig(hello, { to: '/*' }, 'GET /*');
    await bff.app.request('/');
    await bff.app.request('/a/b');
    expect(bff.requests.map(({ target }) => target)).toEqual(['/', '/a/b']);
  });

  test('a body, its length and its type go on; a body where none belongs is refused', async () => {
    const bff = rig(hello);
    const body = 'some bytes';
    const headers = { 'content-type': 'text/csv', 'content-length': '10' };
    await bff.app.request('/files/x', { method: 'PUT', body, headers });
    expect(bff.requests[0]).toMatchObject({ method: 'PUT', body, headers });
    const refused = await bff.app.request('/files/x', {
      method: 'DELETE',
      headers: { 'content-length': '3' },
    });
    expect([refused.status, bff.requests.length]).toEqual([400, 1]);
  });

  test.each([
    [{ 'content-length': '20' }, 'x'.repeat(20)],
    [{}, 'x'.repeat(20)],
  ])('a body beyond the cap is 413, announced or not', async (headers, body) => {
    const bff = rig(hello, { maxBodyBytes: 10 });
    const answer = await bff.app.request('/files/x', { method: 'POST', body, headers });
    expect(answer.status).toBe(413);
  });

  test('only allow-listed headers go on, and none of those that prove who one is', async () => {
    const bff = rig(hello, { requestHeaders: ['x-trace-me'], access: signedIn() });
    await bff.app.request('/files/x', {
      headers: {
        ...asCaller('usr_1'),
        authorization: 'Bearer secret',
        cookie: 'session=secret',
        'x-forwarded-for': '1.1.1.1',
        'x-trace-me': 'yes',
        'x-other': 'no',
        range: 'bytes=0-1',
        'if-none-match': '"a"',
        connection: 'keep-alive, x-trace-me',
        'accept-language': 'de',
      },
    });
    const { headers } = bff.requests[0] ?? {};
    expect(Object.keys(headers ?? {}).sort()).toEqual(
      ['accept-language', 'bff-deadline-ms', 'if-none-match', 'range', 'traceparent', 'x-request-id'].sort(),
    );
  });

  test('HEAD is asked as HEAD', async () => {
    const bff = rig(() => ({ headers: { 'content-length': '5' }, stream: [] }));
    const answer = await bff.app.request('/files/x', { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length'), bff.requests[0]?.method]).toEqual([
      200,
      '5',
      'HEAD',
    ]);
    expect(bff.liveRequests()).toBe(0);
  });

  test('a query may have the declared parameters only', async () => {
    const bff = rig(hello, { query: ['page'] });
    expect((await bff.app.request('/files/x?page=1')).status).toBe(200);
    const refused = await bff.app.request('/files/x?page=1&all~/=1');
    expect([refused.status, ((await refused.json()) as { errors: unknown }).errors]).toEqual([
      400,
      [{ pointer: '/query/all~0~1', detail: 'unknown' }],
    ]);
  });

  test('other methods are answered 405 with those there are', async () => {
    const answer = await rig(hello, {}, 'GET /files/*').app.request('/files/a/b', { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('who may not call reaches nothing', async () => {
    const bff = rig(hello, { access: scopes('files:read') });
    expect((await bff.app.request('/files/x')).status).toBe(401);
    expect((await bff.app.request('/files/x', { headers: asCaller('usr_1') })).status).toBe(403);
    expect(bff.requests).toEqual([]);
  });
});

describe('what is answered', () => {
  test('passes what describes the body, and nothing the service says of itself', async () => {
    const bff = rig(() => ({
      status: 206,
      headers: {
        'content-type': 'text/plain',
        'content-range': 'bytes 0-4/10',
        etag: '"one"',
        'set-cookie': 'a=b',
        server: 'nginx',
        'x-powered-by': 'php',
        'x-internal-host': '10.0.0.1',
        'access-control-allow-origin': '*',
        'content-security-policy': 'none',
        connection: 'last-modified',
        'last-modified': 'Mon, 02 Nov 2026 00:00:00 GMT',
        vary: 'Accept-Language',
      },
      body: 'hello',
    }));
    const answer = await bff.app.request('/files/x', { headers: { range: 'bytes=0-4' } });
    expect(answer.status).toBe(206);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-range': 'bytes 0-4/10',
      etag: '"one"',
      vary: 'Accept-Language',
      'cache-control': 'private, no-store',
    });
    for (const name of [
      'set-cookie',
      'server',
      'x-powered-by',
      'x-internal-host',
      'access-control-allow-origin',
      'last-modified',
    ])
      expect(answer.headers.get(name)).toBeNull();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test.each([
    [304, 304],
    [404, 404],
    [412, 412],
    [416, 416],
    [403, 403],
    [401, 502],
    [407, 502],
    [429, 503],
    [500, 502],
    [503, 502],
  ])('status %d of the service is %d for the client', async (sent, got) => {
    const bff = rig(() => ({ status: sent, stream: sent === 304 ? [] : ['{"secret":1}'] }));
    const answer = await bff.app.request('/files/x');
    expect(answer.status).toBe(got);
    const text = await answer.text();
    if (got !== sent) expect(text).not.toContain('secret');
    expect(bff.liveRequests()).toBe(0);
  });

  test.each([
    ['/v1/b?x=1#top', '/files/b?x=1#top'],
    ['b', '/files/b'],
    ['http://files.test/v1/b', '/files/b'],
    ['https://cdn.example/b', 'https://cdn.example/b'],
  ])('a redirect to %s leads to %s', async (location, mapped) => {
    const bff = rig(() => ({ status: 302, headers: { location } }), { redirects: ['https://cdn.example'] });
    const answer = await bff.app.request('/files/a');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, mapped]);
  });

  test.each([
    'http://10.0.0.1/v1/b',
    'https://files.test/v1/b',
    '/v2/b',
    '/v1secret',
    '//evil.example',
    'http://files.test/v1//evil.example',
    'http://user:pw@files.test/v1/b',
    'javascript:alert(1)',
    'http://[',
  ])('a redirect to %s stays inside', async (location) => {
    const bff = rig(() => ({ status: 302, headers: { location } }));
    const answer = await bff.app.request('/files/a');
    expect([answer.status, answer.headers.get('location')]).toEqual([502, null]);
    const created = rig(() => ({ status: 201, headers: { location }, body: '{}' }));
    const made = await created.app.request('/files/a', { method: 'POST', body: 'x' });
    expect([made.status, made.headers.get('location')]).toEqual([201, null]);
  });

  test('everything under the root stays on this host', async () => {
    const bff = rig(
      () => ({ status: 302, headers: { location: 'http://files.test//evil.example/' } }),
      { to: '/*' },
      'GET /*',
    );
    expect((await bff.app.request('/a')).status).toBe(502);
  });

  test.each([
    [anyone(), {}, 'public, max-age=60, s-maxage=600', 'public, max-age=60, s-maxage=600'],
    [anyone(), asCaller('usr_1'), 'public, max-age=60', 'private, max-age=60'],
    [signedIn(), asCaller('usr_1'), 'public, max-age=60, s-maxage=600, x', 'private, max-age=60'],
    [signedIn(), asCaller('usr_1'), 'public', 'private, no-store'],
  ])('shared caches keep only what is for everybody', async (access, headers, sent, got) => {
    const bff = rig(() => ({ headers: { 'cache-control': sent }, body: '{}' }), { access });
    expect((await bff.app.request('/files/a', { headers })).headers.get('cache-control')).toBe(got);
  });

  test('an answer beyond the cap is refused when it says so, and broken off when it does not', async () => {
    const announced = rig(() => ({ headers: { 'content-length': '100' }, body: 'x' }), {
      maxAnswerBytes: 10,
    });
    expect((await announced.app.request('/files/a')).status).toBe(502);
    const longer = rig(() => ({ stream: ['12345', '67890', '1'] }), { maxAnswerBytes: 10 });
    const answer = await longer.app.request('/files/a');
    await expect(answer.text()).rejects.toMatchObject({ code: 'upstream-bad-answer' });
    expect(longer.liveRequests()).toBe(0);
  });

  test('a body that breaks off is an error, never an end', async () => {
    const bff = rig(() => ({
      stream: (function* pieces() {
        yield 'hel';
        throw new Error('broke');
      })(),
    }));
    const facts: unknown[] = [];
    bff.events.on('request', ({ code, bytes, status }) => facts.push([status, code, bytes]));
    const answer = await bff.app.request('/files/a');
    await expect(answer.text()).rejects.toMatchObject({ code: 'upstream-broken-answer' });
    expect([facts, bff.liveRequests()]).toEqual([[[200, 'upstream-broken-answer', 3]], 0]);
  });

  test('a stream in which nothing moves is ended', async () => {
    const bff = rig(
      () => ({
        stream: (async function* never() {
          yield 'a';
          await new Promise(() => {});
        })(),
      }),
      { idleMs: 5_000 },
    );
    const answer = await bff.app.request('/files/a');
    const reading = expect(answer.text()).rejects.toMatchObject({ code: 'upstream-timeout' });
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    await new Promise(setImmediate);
    bff.clock.advance(5_001);
    await reading;
    expect([bff.liveRequests(), bff.clock.pending()]).toEqual([0, 0]);
  });

  test('its head must come within the deadline', async () => {
    const bff = rig(() => new Promise(() => {}));
    const asking = bff.app.request('/files/a');
    await new Promise(setImmediate);
    bff.clock.advance(1_000);
    expect((await asking).status).toBe(504);
    expect([bff.fakes.aborted(), bff.liveRequests()]).toEqual([1, 0]);
  });

  test('a reader that stops ends the exchange', async () => {
    const bff = rig(() => ({ stream: ['a', 'b', 'c'] }));
    const answer = await bff.app.request('/files/a');
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect([bff.fakes.aborted(), bff.liveRequests(), bff.clock.pending()]).toEqual([1, 0, 0]);
  });
});

describe('transforms', () => {
  test('headers, query and bodies are changed both ways', async () => {
    const bff = rig(
      ({ body }) => ({ headers: { 'x-version': '1', etag: '"x"' }, body: JSON.parse(body ?? '{}') }),
      {
        requestHeaders: ['x-a', 'x-b'],
        answerHeaders: ['x-version'],
        transform: {
          request: {
            headers: { remove: ['x-b'], rename: { 'x-a': 'x-c' }, add: { 'x-source': 'bff' } },
            query: { rename: { p: 'page' }, add: { limit: '10' }, remove: ['debug'] },
            body: { remove: ['admin'], rename: { mail: 'email' }, add: { source: 'bff' } },
          },
          answer: { headers: { replace: { 'x-version': '2' } }, body: { remove: ['source'] } },
        },
      },
    );
    const answer = await bff.app.request('/files/a?p=2&debug=1&page=9', {
      method: 'POST',
      headers: { 'x-a': '1', 'x-b': '2', 'content-type': 'application/json' },
      body: '{"admin":true,"mail":"a@b"}',
    });
    expect(bff.requests[0]).toMatchObject({
      target: '/v1/a?page=2&limit=10',
      headers: { 'x-c': '1', 'x-source': 'bff' },
      body: '{"email":"a@b","source":"bff"}',
    });
    expect(bff.requests[0]?.headers['x-b']).toBeUndefined();
    expect([await answer.json(), answer.headers.get('x-version')]).toEqual([{ email: 'a@b' }, '2']);
  });

  test('what must be changed and is not JSON does not pass', async () => {
    const transform = { answer: { body: { remove: ['secret'] } } };
    const html = rig(() => ({ headers: { 'content-type': 'text/html' }, body: 'secret' }), { transform });
    expect((await html.app.request('/files/a')).status).toBe(502);
    const missing = rig(() => ({ status: 404, headers: { 'content-type': 'text/html' }, body: 'secret' }), {
      transform,
    });
    const answer = await missing.app.request('/files/a');
    expect([answer.status, (await answer.text()).includes('secret')]).toEqual([404, false]);
    const broken = rig(() => ({ body: '{"a":' }), { transform });
    expect((await broken.app.request('/files/a')).status).toBe(502);
  });
});

describe('what does not boot', () => {
  const files = 'files';
  test.each<[string, string, object]>([
    ['FETCH /x', 'the route must be', {}],
    ['GET x', 'the route must be', {}],
    ['GET /a*', 'the path must look like', {}],
    ['GET /a/*/b', 'the path must look like', {}],
    ['GET /files/*', 'to must end in /*', { to: '/v1' }],
    ['GET /files/*', "to has ':id'", { to: '/v1/:id/*' }],
    ['GET /files/*', "unknown option 'timeout'", { timeout: 1 }],
    ['GET /files/*', "'cookie' is never forwarded", { requestHeaders: ['cookie'] }],
    ['GET /files/*', "'set-cookie' is never forwarded", { answerHeaders: ['set-cookie'] }],
    ['GET /files/*', 'idleMs', { idleMs: 0 }],
    ['GET /files/*', 'maxAnswerBytes', { maxAnswerBytes: 0 }],
    ['GET /files/*', 'redirects', { redirects: ['https://cdn.example/'] }],
    ['GET /files/*', 'name must be', { name: 'a.b' }],
    [
      'GET /files/*',
      'cannot be unlimited',
      { maxAnswerBytes: 'unlimited', transform: { answer: { body: { remove: ['a'] } } } },
    ],
    [
      'GET /files/*',
      'never forwarded',
      { transform: { request: { headers: { add: { 'x-user-id': '1' } } } } },
    ],
    [
      'GET /files/*',
      'never forwarded',
      {
        requestHeaders: ['x-a'],
        transform: { request: { headers: { rename: { 'x-a': 'authorization' } } } },
      },
    ],
    [
      'GET /files/*',
      'how the body is read',
      { transform: { answer: { headers: { remove: ['content-type'] } } } },
    ],
  ])('%s: %s', (route, message, options) => {
    expect(() => proxy(route, files, { ...open, ...options })).toThrow(
      new RegExp(`proxy '.*${message.replaceAll(/[*?().']/g, '\\$&')}`),
    );
  });

  test('a route without access, or twice, or to an upstream that is not bound', () => {
    expect(() => rig(hello, { access: undefined as never })).toThrow(/access is missing/);
    const once = proxy('GET /files/*', 'files', open);
    expect(() => testBff([once, once], { files: hello })).toThrow(/two endpoints on one route/);
    expect(() => testBff([once], {})).toThrow(/'files' is not bound/);
  });

  test('an upstream whose transport cannot stream', () => {
    const transport = () => ({
      send: () => ({ answer: new Promise<never>(() => {}), abort() {} }),
      close: async () => {},
    });
    expect(() => testBff([proxy('GET /files/*', 'files', open)], { files: hello }, { transport })).toThrow(
      /cannot stream/,
    );
  });
});

test('a proxy route is in the graph', () => {
  const { graph } = rig(hello, { name: 'download' }, 'GET /files/*');
  expect(graph.endpoints[0]).toMatchObject({
    path: '/files/*',
    proxy: 'files.download',
    maxCalls: 1,
    opaque: false,
  });
});
