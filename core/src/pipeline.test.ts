import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { BffOptions } from './bff-options.ts';
import type { LimitFact, RequestFact } from './context/events.ts';
import { endpoint } from './endpoint/endpoint.ts';
import { anyone, scopes, signedIn } from './identity/access.ts';
import { tokenBucket } from './limit/declare.ts';
import type { LimitStore } from './limit/store.ts';
import { asCaller, type FakeAnswer, testBff } from './testing/index.ts';
import { get, post, upstream } from './upstream/operation.ts';
import { defaultBreaker } from './upstream/resilience.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    get: get('/part', { response: Part, passes: [400, 404, 409, 422] }),
    strict: get('/part', { response: Part }),
    tagged: get('/part', { response: Part, forwardResponseHeaders: ['cache-control', 'content-language'] }),
    create: post('/part', { body: Part, response: Part }),
  },
});
const users = upstream('users', { operations: { get: get('/user', { response: Part }) } });
const options = { summary: 'A part.', access: anyone(), deadlineMs: 1_000 } as const;

const required = endpoint('GET', '/required', options)
  .plan(({ call }) => ({ part: call(shop.get, () => ({}), { timeoutMs: 200 }) }))
  .respond(Part, ({ part }) => part);
const strict = endpoint('GET', '/strict', options)
  .plan(({ call }) => ({ part: call(shop.strict, () => ({})) }))
  .respond(Part, ({ part }) => part);
const optional = endpoint('GET', '/optional', options)
  .plan(({ optional }) => ({
    part: optional(shop.get, () => ({}), { timeoutMs: 200, fallback: ({ code }) => ({ id: code }) }),
  }))
  .respond(Part, ({ part }) => part);

const good: FakeAnswer = { body: { id: '1' } };
const hanging = () => Promise.withResolvers<FakeAnswer>().promise;
const secret = 'upstream says no';

/** What the service does, and what the client then gets: status, code, error of `Proxy-Status`, `Retry-After`. */
type Outcome = [what: string, fake: () => FakeAnswer | Promise<FakeAnswer>, ...Expected];
type Expected = [status: number, code: string, proxyError: string | null, retryAfter?: string];

const outcomes: Outcome[] = [
  ['400, as declared', () => ({ status: 400, body: { secret } }), 400, 'validation-failed', null],
  ['404, as declared', () => ({ status: 404, body: { secret } }), 404, 'not-found', null],
  ['409, as declared', () => ({ status: 409, body: { secret } }), 409, 'conflict', null],
  ['422, as declared', () => ({ status: 422, body: { secret } }), 422, 'unprocessable', null],
  ['403', () => ({ status: 403, body: { secret } }), 502, 'upstream-rejected', 'none'],
  ['401', () => ({ status: 401, body: { secret } }), 502, 'upstream-rejected', 'none'],
  ['500', () => ({ status: 500, body: { secret } }), 502, 'upstream-error', 'none'],
  ['503', () => ({ status: 503, body: { secret } }), 502, 'upstream-error', 'none'],
  [
    '429',
    () => ({ status: 429, headers: { 'retry-after': '7' }, body: { secret } }),
    503,
    'upstream-busy',
    'connection_limit_reached',
    '7',
  ],
  ['429 without a time', () => ({ status: 429 }), 503, 'upstream-busy', 'connection_limit_reached', '1'],
  [
    'a redirect',
    () => ({ status: 302, headers: { location: `http://${secret}` } }),
    502,
    'upstream-bad-answer',
    'http_protocol_error',
  ],
  [
    'a body that is no JSON',
    () => ({ body: `<html>${secret}` }),
    502,
    'upstream-bad-answer',
    'http_protocol_error',
  ],
  [
    'another media type',
    () => ({ ...good, headers: { 'content-type': 'text/html' } }),
    502,
    'upstream-bad-answer',
    'http_protocol_error',
  ],
  ['no body', () => ({ status: 204, body: '' }), 502, 'upstream-bad-answer', 'http_protocol_error'],
  [
    'an answer without a picked field',
    () => ({ body: { idd: secret } }),
    502,
    'upstream-bad-answer',
    'http_protocol_error',
  ],
  [
    'an answer with a picked field of another type',
    () => ({ body: { id: 7, secret } }),
    502,
    'upstream-bad-answer',
    'http_protocol_error',
  ],
  [
    'a connection that fails',
    () => {
      throw new Error(secret);
    },
    502,
    'upstream-unreachable',
    'destination_unavailable',
  ],
  ['no answer in time', hanging, 504, 'upstream-timeout', 'http_response_timeout'],
];

/** The field names the node, and the registered error type where there is one. */
function proxyStatusOf(type: string): string {
  return type === 'none' ? 'part' : `part; error=${type}`;
}

/** Asks for `path`; lets the call's own timeout of 200 ms pass if it must. */
async function ask(bff: ReturnType<typeof testBff>, path: string): Promise<Response> {
  const answer = bff.app.request(path);
  await turn();
  bff.clock.advance(bff.fakes.open() > 0 ? 200 : 0);
  return answer;
}

test.each(outcomes)('required: %s', async (_what, fake, status, code, proxyError, retryAfter) => {
  const answer = await ask(testBff([required], { shop: fake }), '/required');
  const text = await answer.text();
  expect(answer.status).toBe(status);
  expect(JSON.parse(text)).toMatchObject({ code, status });
  expect(text).not.toContain(secret);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('retry-after')).toBe(retryAfter ?? null);
  expect(answer.headers.get('proxy-status')).toBe(proxyError === null ? null : proxyStatusOf(proxyError));
  expect(answer.headers.get('bff-degraded')).toBeNull();
});

test.each(outcomes)('optional: %s', async (_what, fake, _status, code, proxyError) => {
  const answer = await ask(testBff([optional], { shop: fake }), '/optional');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ id: code });
  expect(answer.headers.get('bff-degraded')).toBe('part');
  expect(answer.headers.get('proxy-status')).toBe(proxyStatusOf(proxyError ?? 'none'));
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('retry-after')).toBeNull();
});

test('a 4xx that the operation does not declare is not the client’s fault', async () => {
  const answer = await testBff([strict], { shop: () => ({ status: 404 }) }).app.request('/strict');
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ code: 'upstream-rejected' });
});

test('an open breaker answers 503 with the time it rests, required or not, without a call', async () => {
  const bff = testBff([strict, optional], { shop: () => ({ status: 500 }) });
  for (let failure = 0; failure < defaultBreaker.failureThreshold; failure += 1) {
    await bff.app.request('/strict');
  }
  const asked = bff.requests.length;
  bff.clock.advance(10_000);
  const refused = await bff.app.request('/strict');
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ code: 'circuit-open' });
  expect(refused.headers.get('retry-after')).toBe('20');
  expect(refused.headers.get('proxy-status')).toBe('part; error=destination_unavailable');
  expect(await (await bff.app.request('/optional')).json()).toEqual({ id: 'circuit-open' });
  expect(bff.requests).toHaveLength(asked);
});

test('a good answer has its status, its schema and the headers every answer has', async () => {
  const bff = testBff([required], { shop: () => ({ body: { id: '1', secret } }) });
  const answer = await bff.app.request('/required');
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('{"id":"1"}');
  expect(Object.fromEntries(answer.headers)).toEqual({
    'cache-control': 'private, no-store',
    'content-length': '10',
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'content-type': 'application/json',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    etag: expect.stringMatching(/^"[\w-]+"$/),
    'referrer-policy': 'no-referrer',
    ratelimit: expect.stringMatching(/^"default";r=99;t=\d+$/),
    'ratelimit-policy': '"default";q=100;w=10',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-ratelimit-limit': '100',
    'x-ratelimit-remaining': '99',
    'x-ratelimit-reset': String(Date.UTC(2026, 10, 1) / 1_000 + 1),
    'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

test('an endpoint may declare 201; a write has no validator', async () => {
  const create = endpoint('POST', '/parts', { ...options, body: Part, status: 201 })
    .plan(({ call }) => ({ part: call(shop.create, ({ input }) => ({ body: input.body })) }))
    .respond(Part, ({ part }) => part);
  const bff = testBff([create], { shop: ({ body }) => ({ status: 201, body: body ?? '' }) });
  const answer = await bff.app.request('/parts', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"id":"7","admin":true}',
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('etag')).toBeNull();
  expect(bff.requests[0]).toMatchObject({ method: 'POST', body: '{"id":"7"}' });
});

test('headers of a service reach the client by allow-list, and never make a degraded answer cacheable', async () => {
  const both = endpoint('GET', '/both', options)
    .plan(({ call, optional }) => ({
      part: call(shop.tagged, () => ({})),
      extra: optional(shop.strict, () => ({})),
    }))
    .respond(Part, ({ part }) => part);
  const headers = { 'cache-control': 'max-age=60', 'content-language': 'de', 'x-powered-by': 'shop' };
  const whole = await testBff([both], { shop: () => ({ ...good, headers }) }).app.request('/both');
  expect(whole.headers.get('cache-control')).toBe('max-age=60');
  expect(whole.headers.get('content-language')).toBe('de');
  expect(whole.headers.get('x-powered-by')).toBeNull();
  const partly = await testBff([both], {
    shop: ({ operation }) => (operation === 'strict' ? { status: 500 } : { ...good, headers }),
  }).app.request('/both');
  expect(partly.headers.get('bff-degraded')).toBe('extra');
  expect(partly.headers.get('cache-control')).toBe('no-store');
});

test('one id names the request in the answer, in its problem, in the log and towards the services', async () => {
  const facts: RequestFact[] = [];
  const bff = testBff([strict], { shop: () => ({ status: 500 }) });
  bff.events.on('request', (fact) => facts.push(fact));
  const answer = await bff.app.request('/strict', { headers: { 'x-request-id': 'mine' } });
  const id = answer.headers.get('x-request-id');
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await answer.json()).toMatchObject({ requestId: id });
  expect(facts).toMatchObject([{ requestId: id }]);
  expect(bff.requests[0]?.headers['x-request-id']).toBe(id);
  expect(bff.requests[0]?.headers.traceparent).toContain(id);
});

// Who is asking

const mine = endpoint('GET', '/mine', { ...options, access: scopes('a:read', 'b:read') })
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);

test('nobody where somebody is needed: 401 with a challenge, and nothing is called', async () => {
  const any = endpoint('GET', '/any', { ...options, access: signedIn() }).handle(Part, async () => ({
    id: '1',
  }));
  const bff = testBff([mine, any], { shop: () => good });
  for (const path of ['/mine', '/any']) {
    const answer = await bff.app.request(path);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="test"');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ code: 'not-signed-in', status: 401 });
  }
  expect(bff.requests).toEqual([]);
});

test('a caller without a needed scope: 403 that says which, and nothing is called', async () => {
  const bff = testBff([mine], { shop: () => good });
  const answer = await bff.app.request('/mine', { headers: asCaller('usr_1', 'a:read') });
  expect(answer.status).toBe(403);
  expect(answer.headers.get('www-authenticate')).toBe(
    'Bearer realm="test", error="insufficient_scope", scope="a:read b:read"',
  );
  expect(await answer.json()).toMatchObject({
    code: 'insufficient-scope',
    detail: 'The credential lacks: b:read.',
  });
  expect(bff.requests).toEqual([]);
});

test('a caller with all scopes is let in', async () => {
  const bff = testBff([mine], { shop: () => good });
  const headers = asCaller('usr_1', 'b:read', 'a:read', 'c:read');
  expect((await bff.app.request('/mine', { headers })).status).toBe(200);
});

test('a credential that nobody here understands is a 401, even where anyone may call', async () => {
  const bff = testBff([required], { shop: () => good });
  const answer = await bff.app.request('/required', { headers: { authorization: 'Basic dTpw' } });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: 'invalid-token' });
});

// How much

test('what an endpoint costs is taken from the bucket of its caller', async () => {
  const at = (path: string, cost?: number) =>
    endpoint('GET', path, { ...options, ...(cost === undefined ? {} : { cost }) }).handle(Part, async () => ({
      id: '1',
    }));
  const bff = testBff(
    [at('/one'), at('/two', 2), at('/free', 0)],
    {},
    { limits: tokenBucket({ capacity: 10 }) },
  );
  const remaining = async (path: string, caller: string): Promise<string | null> =>
    (await bff.app.request(path, { headers: asCaller(caller) })).headers.get('x-ratelimit-remaining');
  expect(await remaining('/one', 'ada')).toBe('9');
  expect(await remaining('/two', 'ada')).toBe('7');
  expect(await remaining('/free', 'ada')).toBe('7');
  expect(await remaining('/one', 'bob')).toBe('9');
});

test('an empty bucket answers 429 with every header, and nothing is read or called', async () => {
  const facts: LimitFact[] = [];
  const limit = tokenBucket({ name: 'burst', capacity: 2, refillPerSecond: 0.5 });
  const bff = testBff([required], { shop: () => good }, { limits: limit });
  bff.events.on('limit', (fact) => facts.push(fact));
  await bff.app.request('/required');
  await bff.app.request('/required');
  bff.clock.advance(500);
  const answer = await bff.app.request('/required?unknown=1');
  expect(answer.status).toBe(429);
  expect(await answer.json()).toMatchObject({
    code: 'rate-limited',
    detail: "The limit 'burst' is used up.",
  });
  const nowSeconds = bff.clock.wallMs() / 1_000;
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'retry-after': '2',
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.ceil(nowSeconds + 3.5)),
    ratelimit: expect.stringMatching(/^"burst";r=0;t=\d+$/),
    'ratelimit-policy': '"burst";q=2;w=4',
    'cache-control': 'no-store',
  });
  expect(bff.requests).toHaveLength(2);
  expect(facts.map(({ allowed }) => allowed)).toEqual([true, true, false]);
});

test('an answer that is an error still tells how much is left', async () => {
  const answer = await testBff([strict], { shop: () => ({ status: 500 }) }).app.request('/strict');
  expect(answer.headers.get('x-ratelimit-remaining')).toBe('99');
});

test('identity is judged before the limit, the limit before the input', async () => {
  const bff = testBff([mine], { shop: () => good }, { limits: tokenBucket({ capacity: 1 }) });
  const status = async (headers = {}): Promise<number> =>
    (await bff.app.request('/mine?unknown=1', { headers })).status;
  const caller = asCaller('usr_1', 'a:read', 'b:read');
  expect(await status()).toBe(401);
  expect(await status(caller)).toBe(400);
  expect(await status(caller)).toBe(429);
  expect(await status()).toBe(401);
});

// How long

const fanOut = (deadlineMs: number) =>
  endpoint('GET', '/hang', { ...options, deadlineMs })
    .plan(({ call, optional }) => ({
      one: call(shop.get, () => ({})),
      two: optional(shop.strict, () => ({}), { fallback: () => ({ id: '' }) }),
      three: call(shop.tagged, () => ({})),
    }))
    .respond(Part, ({ one }) => one);

test.each([
  [1_000, 900],
  [300, 270],
  [30_000, 29_900],
])(
  'when everything hangs, a deadline of %i ms answers 504 at %i ms and leaves nothing behind',
  async (deadlineMs, atMs) => {
    const bff = testBff([fanOut(deadlineMs)], { shop: hanging });
    const request = new Request('http://bff.test/hang', { signal: new AbortController().signal });
    let answered = false;
    const answer = Promise.resolve(bff.app.request(request)).finally(() => {
      answered = true;
    });
    await turn();
    expect(getEventListeners(request.signal, 'abort')).toHaveLength(1);
    bff.clock.advance(atMs - 1);
    await turn();
    expect(answered).toBe(false);
    bff.clock.advance(1);
    await turn();
    expect(answered).toBe(true);
    const late = await answer;
    expect(late.status).toBe(504);
    expect(await late.json()).toMatchObject({ code: 'upstream-timeout' });
    expect(late.headers.get('proxy-status')).toBe('one; error=http_response_timeout');
    expect([bff.fakes.aborted(), bff.fakes.open(), bff.clock.pending()]).toEqual([3, 0, 0]);
    expect(getEventListeners(request.signal, 'abort')).toHaveLength(0);
    expect(bff.liveRequests()).toBe(0);
  },
);

test('when only optional parts hang, the deadline still gives the screen', async () => {
  const screen = endpoint('GET', '/screen', options)
    .plan(({ call, optional }) => {
      const part = call(shop.get, () => ({}));
      return {
        part,
        extra: optional(shop.strict, { part }, () => ({}), { fallback: () => ({ id: 'none' }) }),
      };
    })
    .respond(Part, ({ extra }) => extra);
  const bff = testBff([screen], { shop: ({ operation }) => (operation === 'get' ? good : hanging()) });
  const answer = bff.app.request('/screen');
  await turn();
  bff.clock.advance(900);
  expect(await (await answer).json()).toEqual({ id: 'none' });
  expect((await answer).headers.get('bff-degraded')).toBe('extra');
  expect([bff.fakes.open(), bff.clock.pending()]).toEqual([0, 0]);
});

const twoSteps = endpoint('GET', '/two-steps', options)
  .plan(({ call }) => {
    const part = call(users.get, () => ({}));
    return { extra: call(shop.strict, { part }, () => ({})) };
  })
  .respond(Part, ({ extra }) => extra);

test.each([
  [0, 'open'],
  [600, 'closed'],
])(
  'a service that hangs until the deadline after %i ms of it are gone: its breaker is %s',
  async (firstMs, state) => {
    const held: ((answer: FakeAnswer) => void)[] = [];
    const bff = testBff([twoSteps], {
      shop: hanging,
      users: () => (firstMs === 0 ? good : new Promise((resolve) => held.push(resolve))),
    });
    for (let request = 0; request < defaultBreaker.failureThreshold; request += 1) {
      const answer = bff.app.request('/two-steps');
      await turn();
      bff.clock.advance(firstMs);
      held.pop()?.(good);
      await turn();
      bff.clock.advance(900 - firstMs);
      expect((await answer).status).toBe(504);
    }
    expect(bff.upstreams.breakers()).toContainEqual({ upstream: 'shop', state });
  },
);

test('a body that does not come ends at the deadline', async () => {
  const create = endpoint('POST', '/parts', { ...options, body: Part }).handle(Part, async () => ({
    id: '1',
  }));
  const bff = testBff([create], {});
  const stalled = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from('{')),
  });
  const sending = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: stalled,
    duplex: 'half',
  };
  const answer = bff.app.request(new Request('http://bff.test/parts', sending));
  await turn();
  bff.clock.advance(900);
  expect((await answer).status).toBe(408);
  expect(bff.clock.pending()).toBe(0);
});

test.each<[string, Partial<BffOptions>]>([
  [
    'limit store',
    { limitStore: { take: () => Promise.withResolvers<never>().promise } satisfies LimitStore },
  ],
  [
    'authenticator',
    {
      identity: [
        { name: 'stuck', challenge: 'Bearer', authenticate: () => Promise.withResolvers<never>().promise },
      ],
    },
  ],
])('a %s that never answers cannot hold a request beyond its deadline', async (_what, parts) => {
  const bff = testBff([required], { shop: () => good }, parts);
  const answer = bff.app.request('/required');
  await turn();
  bff.clock.advance(900);
  expect(await (await answer).json()).toMatchObject({ status: 504, code: 'deadline-exceeded' });
  expect([bff.liveRequests(), bff.clock.pending()]).toEqual([0, 0]);
});

test('a store of limits that fails is a 500 that says nothing', async () => {
  const limitStore: LimitStore = { take: () => Promise.reject(new Error(secret)) };
  const answer = await testBff([required], { shop: () => good }, { limitStore }).app.request('/required');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain(secret);
});

// What is told about it

test('a request leaves one fact with all that happened', async () => {
  const facts: RequestFact[] = [];
  const bff = testBff([optional], { shop: () => ({ status: 500 }) });
  bff.events.on('request', (fact) => facts.push(fact));
  const answer = await bff.app.request('/optional', { headers: asCaller('usr_1') });
  const { length } = await answer.text();
  expect(facts).toEqual([
    {
      bff: 'test',
      requestId: answer.headers.get('x-request-id'),
      traceId: answer.headers.get('x-request-id'),
      trace: {
        traceId: answer.headers.get('x-request-id'),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown as string,
        isSampled: false,
        state: undefined,
      },
      method: 'GET',
      route: '/optional',
      status: 200,
      durationMs: 0,
      bytesIn: 0,
      bytes: length,
      degraded: ['part'],
      calls: [
        {
          node: 'part',
          upstream: 'shop',
          operation: 'get',
          method: 'GET',
          outcome: 'upstream-error',
          startMs: 0,
          durationMs: 0,
          attempts: 1,
          hedges: 0,
          sent: [
            {
              reason: 'first',
              spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown as string,
              target: 'http://shop.test',
              startMs: 0,
              durationMs: 0,
              status: 500,
              outcome: 'upstream-error',
            },
          ],
          cause: new Error('the upstream answered 500'),
          status: 500,
          bytes: 4,
        },
      ],
      lookups: [],
      standing: [
        {
          limit: 'default',
          allowed: true,
          remaining: 99,
          retryAfterMs: 0,
          resetAfterMs: expect.any(Number) as number,
        },
      ],
      principal: { kind: 'user', id: 'usr_1' },
      limit: {
        caller: {
          address: 'unknown',
          endpointClass: 'default',
          principal: 'user::usr_1',
          kind: 'user',
          subject: 'usr_1',
          clientId: 'test',
        },
        cost: 1,
        atMs: bff.clock.wallMs(),
        order: 1,
        refusedBy: [],
      },
    },
  ]);
});

test('a subscriber that throws changes no answer; it is told to the process as a warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const bff = testBff([required], { shop: () => good });
  const broken = new Error('broken dashboard');
  bff.events.on('request', () => {
    throw broken;
  });
  expect((await bff.app.request('/required')).status).toBe(200);
  expect(warn).toHaveBeenCalledExactlyOnceWith(broken);
  warn.mockRestore();
});

test('Server-Timing shows the waterfall when asked for, and only then', async () => {
  const withIt = testBff([required], { shop: () => good }, { serverTiming: true });
  expect((await withIt.app.request('/required')).headers.get('server-timing')).toBe(
    'explained, limit;desc="default: 99 left", part;dur=0.0;desc="shop.get from 0.0 ms: ok", total;dur=0.0',
  );
  const without = testBff([required], { shop: () => good });
  expect((await without.app.request('/required')).headers.get('server-timing')).toBeNull();
});
