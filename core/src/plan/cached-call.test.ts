/**
 * Kept answers of calls, seen from outside: who gets which answer, what the service is asked, and what the
 * facts say.
 */
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { CacheOptions } from '../cache/cache-options.ts';
import type { CacheOutcome } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { tokenBucket } from '../limit/declare.ts';
import { asCaller } from '../testing/callers.ts';
import type { FakeAnswer, FakeUpstream } from '../testing/fake-upstreams.ts';
import { type TestBff, testBff } from '../testing/test-bff.ts';
import { resolveBinding } from '../upstream/binding.ts';
import { get, post, upstream } from '../upstream/operation.ts';
import type { TransportRequest } from '../upstream/transport.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    get: get('/parts/:id', { response: Part, passes: [404] }),
    list: get('/parts', { response: z.array(Part), query: z.object({ ids: z.array(z.string()) }) }),
    spoken: get('/spoken/:id', { response: Part, forwardRequestHeaders: ['accept-language'] }),
    dated: get('/dated', { response: z.object({ at: z.coerce.date() }) }),
    make: post('/parts', { body: Part, response: Part }),
    drop: get('/drop'),
  },
});
const options = { summary: 'Part.', access: anyone(), deadlineMs: 500 } as const;
const partOf = (cache: CacheOptions) =>
  endpoint('GET', '/parts/:id', options)
    .plan(({ call }) => ({
      part: call(shop.get, ({ input }) => ({ params: { id: input.params.id } }), { cache }),
    }))
    .respond(Part, ({ part }) => part);

function partBff(cache: CacheOptions, fake: FakeUpstream, more: Parameters<typeof testBff>[2] = {}) {
  const bff = testBff([partOf(cache)], { shop: fake }, more);
  const outcomes: CacheOutcome[] = [];
  bff.events.on('cache', ({ outcome }) => outcomes.push(outcome));
  return { bff, outcomes };
}

const numbered = (): FakeUpstream => {
  let answers = 0;
  return () => {
    answers += 1;
    return { body: { id: `answer ${answers}` } };
  };
};
const idAt = async (
  bff: TestBff,
  path = '/parts/1',
  headers: Record<string, string> = {},
): Promise<string> => {
  const answer = await bff.app.request(path, { headers });
  const body = (await answer.json()) as { id?: string; code?: string };
  return body.id ?? body.code ?? '';
};

/** Lets everything that can go on go on. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
};

test('a fresh answer is given again, a spent one is asked for again', async () => {
  const { bff, outcomes } = partBff({ scope: 'public', ttlMs: 1_000 }, numbered());
  expect([await idAt(bff), await idAt(bff)]).toEqual(['answer 1', 'answer 1']);
  bff.clock.advance(999);
  expect(await idAt(bff)).toBe('answer 1');
  bff.clock.advance(1);
  expect(await idAt(bff)).toBe('answer 2');
  expect(outcomes).toEqual(['miss', 'hit', 'hit', 'miss']);
});

test('a thousand who ask at once are one call, and all get the answer', async () => {
  const { promise, resolve } = Promise.withResolvers<FakeAnswer>();
  const { bff, outcomes } = partBff({ scope: 'public', ttlMs: 1_000 }, () => promise, {
    limits: tokenBucket({ capacity: 10_000 }),
  });
  const asked = Array.from({ length: 1_000 }, () => idAt(bff));
  await settled();
  resolve({ body: { id: 'one' } });
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['one']));
  expect(bff.requests.length).toBe(1);
  expect(outcomes.filter((outcome) => outcome === 'collapsed').length).toBe(999);
});

test('who began the call may leave: the others get its answer', async () => {
  const { promise, resolve } = Promise.withResolvers<FakeAnswer>();
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000 }, () => promise);
  const leaving = new AbortController();
  const leader = bff.app.request('/parts/1', { signal: leaving.signal });
  await settled();
  const follower = idAt(bff);
  await settled();
  leaving.abort();
  expect((await leader).status).toBe(499);
  expect(bff.fakes.aborted()).toBe(0);
  resolve({ body: { id: 'one' } });
  expect(await follower).toBe('one');
  expect(bff.requests.length).toBe(1);
});

test('when the last one has left the call is cancelled, and the next one begins a new one', async () => {
  const { promise, resolve } = Promise.withResolvers<FakeAnswer>();
  let calls = 0;
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000 }, () => {
    calls += 1;
    return calls === 1 ? promise : { body: { id: 'two' } };
  });
  const leaving = [new AbortController(), new AbortController()];
  const asked = leaving.map(async ({ signal }) => bff.app.request('/parts/1', { signal }));
  await settled();
  for (const one of leaving) one.abort();
  await Promise.all(asked);
  expect([bff.fakes.aborted(), bff.fakes.open()]).toEqual([1, 0]);
  expect(await idAt(bff)).toBe('two');
  resolve({});
});

test('a short deadline of one ends nothing for the others', async () => {
  const { promise, resolve } = Promise.withResolvers<FakeAnswer>();
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000 }, () => promise);
  const first = idAt(bff);
  await settled();
  bff.clock.advance(300);
  const second = idAt(bff);
  await settled();
  bff.clock.advance(200); // the first has no time left
  expect(await first).toBe('upstream-timeout');
  resolve({ body: { id: 'late' } });
  expect(await second).toBe('late');
});

test('callers with different scopes, tenants or names never share an answer of theirs', async () => {
  const { bff } = partBff({ scope: 'principal', ttlMs: 1_000 }, numbered());
  const callers = [
    { subject: 'ada' },
    { subject: 'ada', scopes: ['a'] },
    { subject: 'ada', tenant: 'one' },
    { subject: 'ada', roles: ['support'] },
    { subject: 'grace' },
  ];
  const seen = [];
  for (const caller of callers) seen.push(await idAt(bff, '/parts/1', asCaller(caller)));
  seen.push(await idAt(bff));
  expect(new Set(seen).size).toBe(6);
  expect(await idAt(bff, '/parts/1', asCaller({ subject: 'ada', scopes: ['a'] }))).toBe('answer 2');
});

test('a public call is made in nobody’s name, whoever asks first', async () => {
  const seen: unknown[] = [];
  const identity = {
    name: 'curious',
    headers: (context: {
      principal: unknown;
      subjectToken: unknown;
      subject: string;
      clientAddress(): string;
    }) => {
      seen.push(context.principal, context.subjectToken, context.clientAddress());
      return {};
    },
  };
  const upstreams = [
    resolveBinding('shop', [], { targets: 'http://shop.test', identity: identity as never }),
  ];
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000 }, numbered(), { upstreams });
  await idAt(bff, '/parts/1', { ...asCaller('ada'), authorization: 'Bearer secret', cookie: 'a=b' });
  expect(seen).toEqual([undefined, undefined, 'unknown']);
  expect(JSON.stringify(bff.requests)).not.toMatch(/secret|ada|cookie/);
});

test('the request of a public call cannot read the caller', async () => {
  const nosy = endpoint('GET', '/parts/:id', options)
    .plan(({ call }) => ({
      part: call(shop.get, ({ principal }) => ({ params: { id: principal?.subject ?? 'nobody' } }), {
        cache: { scope: 'public', ttlMs: 1_000 },
      }),
    }))
    .respond(Part, ({ part }) => part);
  const bff = testBff([nosy], { shop: numbered() });
  const causes: unknown[] = [];
  bff.events.on('request', ({ cause }) => causes.push(cause));
  expect((await bff.app.request('/parts/1', { headers: asCaller('ada') })).status).toBe(500);
  expect(String(causes[0])).toContain(
    "node 'part' is cached for everybody (scope 'public'), so its functions cannot read 'principal'",
  );
  expect(bff.requests).toEqual([]);
});

test('a stale answer is given while one call renews it', async () => {
  const { bff, outcomes } = partBff({ scope: 'public', ttlMs: 1_000, swrMs: 5_000 }, numbered());
  await idAt(bff);
  bff.clock.advance(1_500);
  expect(await Promise.all([idAt(bff), idAt(bff), idAt(bff)])).toEqual(['answer 1', 'answer 1', 'answer 1']);
  await settled();
  expect(bff.requests.length).toBe(2);
  expect(await idAt(bff)).toBe('answer 2');
  expect(outcomes).toEqual(['miss', 'stale', 'stale', 'stale', 'hit']);
});

test('a renewal that fails leaves the stale answer and is not repeated at once', async () => {
  let calls = 0;
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000, swrMs: 60_000 }, () => {
    calls += 1;
    return calls === 1 ? { body: { id: 'old' } } : { status: 500 };
  });
  await idAt(bff);
  bff.clock.advance(1_500);
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await idAt(bff)).toBe('old');
    await settled();
  }
  expect(calls).toBe(2);
  bff.clock.advance(1_000);
  expect(await idAt(bff)).toBe('old');
  await settled();
  expect(calls).toBe(3);
});

test.each([
  [{ status: 500 }, 'old'],
  [{ status: 503 }, 'old'],
  [{ status: 429 }, 'old'],
  [{ status: 401 }, 'upstream-rejected'],
  [{ status: 403 }, 'upstream-rejected'],
  [{ status: 404 }, 'not-found'],
  [{ body: 'no json' }, 'upstream-bad-answer'],
])('after %j the answer is %s', async (then, expected) => {
  let calls = 0;
  const { bff } = partBff({ scope: 'principal', ttlMs: 0, staleIfErrorMs: 60_000 }, () => {
    calls += 1;
    return calls === 1 ? { body: { id: 'old' } } : then;
  });
  await idAt(bff);
  bff.clock.advance(1_000);
  expect(await idAt(bff)).toBe(expected);
});

test('an answer that is still the same is not sent again', async () => {
  const seen: (string | undefined)[] = [];
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000 }, (request: TransportRequest) => {
    const tag = request.headers['if-none-match'];
    seen.push(tag);
    if (tag === '"v1"') return { status: 304, headers: { etag: '"v1"' } };
    return {
      body: { id: 'one' },
      headers: { etag: '"v1"', 'last-modified': 'Sun, 01 Nov 2026 00:00:00 GMT' },
    };
  });
  await idAt(bff);
  bff.clock.advance(1_000);
  expect(await idAt(bff)).toBe('one');
  expect(await idAt(bff)).toBe('one');
  expect(seen).toEqual([undefined, '"v1"']);
  expect(bff.requests[1]?.headers['if-modified-since']).toBe('Sun, 01 Nov 2026 00:00:00 GMT');
});

test('a 304 that nobody asked for is a bad answer', async () => {
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000 }, () => ({ status: 304 }));
  expect(await idAt(bff)).toBe('upstream-bad-answer');
});

test('what a service forbids to keep is for the one who asked', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let calls = 0;
  const { bff, outcomes } = partBff({ scope: 'public', ttlMs: 1_000 }, async () => {
    calls += 1;
    const id = `once ${calls}`;
    await promise;
    return { body: { id }, headers: { 'cache-control': 'no-store' } };
  });
  const asked = [idAt(bff), idAt(bff)];
  await settled();
  resolve();
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['once 1', 'once 2']));
  expect(await idAt(bff)).toBe('once 3');
  expect(outcomes).toContain('bypass');
});

test('a purge ends what has the tag, also what is under way', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let calls = 0;
  const { bff } = partBff(
    { scope: 'public', ttlMs: 60_000, tags: ({ params }) => [`part:${params?.id}`] },
    async () => {
      const id = `answer ${calls}`;
      const gate = gates[calls];
      calls += 1;
      await gate?.promise;
      return { body: { id } };
    },
  );
  const before = idAt(bff);
  await settled();
  await bff.purge('part:1');
  bff.clock.advance(1);
  const after = idAt(bff);
  await settled();
  for (const { resolve } of gates) resolve();
  expect(await Promise.all([before, after])).toEqual(['answer 0', 'answer 1']);
  expect(await idAt(bff)).toBe('answer 1');
  await bff.purge('part:2');
  expect(await idAt(bff)).toBe('answer 1');
  await bff.purge('part:1');
  bff.clock.advance(1);
  expect(await idAt(bff)).toBe('answer 2');
});

test('a kept value cannot be changed by a plan, the first one neither', async () => {
  const spoiler = endpoint('GET', '/parts', options)
    .plan(({ call, derive }) => {
      const parts = call(shop.list, () => ({ query: { ids: ['b', 'a'] } }), {
        cache: { scope: 'public', ttlMs: 1_000 },
      });
      return {
        sorted: derive({ parts }, ({ parts }) => parts.sort((one, other) => (one.id < other.id ? -1 : 1))),
      };
    })
    .respond(z.array(Part), ({ sorted }) => sorted);
  const bff = testBff([spoiler], { shop: () => ({ body: [{ id: 'b' }, { id: 'a' }] }) });
  expect((await bff.app.request('/parts')).status).toBe(500);
  expect((await bff.app.request('/parts')).status).toBe(500);
});

test('values that freezing does not protect are not kept, and somebody hears of it once', async () => {
  const dated = endpoint('GET', '/dated', options)
    .plan(({ call }) => ({ one: call(shop.dated, () => ({}), { cache: { scope: 'public', ttlMs: 1_000 } }) }))
    .respond(z.object({ year: z.number() }), ({ one }) => ({ year: one.at.getUTCFullYear() }));
  const bff = testBff([dated], { shop: () => ({ body: { at: '2026-11-01T00:00:00Z' } }) });
  const problems = vi.fn();
  bff.events.on('problem', problems);
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await (await bff.app.request('/dated')).json()).toEqual({ year: 2026 });
  }
  expect([bff.requests.length, problems.mock.calls.length]).toEqual([3, 1]);
});

test('an answer in one language is not given in another, and says what it varies by', async () => {
  const spoken = endpoint('GET', '/spoken/:id', options)
    .plan(({ call }) => ({
      part: call(shop.spoken, ({ input }) => ({ params: { id: input.params.id } }), {
        cache: { scope: 'public', ttlMs: 5_000, vary: ['accept-language'] },
      }),
    }))
    .respond(Part, ({ part }) => part);
  const bff = testBff([spoken], {
    shop: ({ headers }) => ({ body: { id: headers['accept-language'] ?? 'none' } }),
  });
  for (const language of ['de', 'en', 'de']) {
    expect(await idAt(bff, '/spoken/1', { 'accept-language': language })).toBe(language);
  }
  expect(bff.requests.length).toBe(2);
  const answer = await bff.app.request('/spoken/1');
  expect(answer.headers.get('vary')?.toLowerCase()).toContain('accept-language');
});

test('an endpoint whose parts are all public may be kept by others as long as its shortest part', async () => {
  const { bff } = partBff({ scope: 'public', ttlMs: 10_000 }, numbered());
  const first = await bff.app.request('/parts/1');
  expect(first.headers.get('cache-control')).toBe('public, max-age=10');
  expect(first.headers.get('x-ratelimit-remaining')).toBeNull();
  bff.clock.advance(4_500);
  expect((await bff.app.request('/parts/1')).headers.get('cache-control')).toBe('public, max-age=5');
  const own = partBff({ scope: 'principal', ttlMs: 10_000 }, numbered());
  expect((await own.bff.app.request('/parts/1')).headers.get('cache-control')).toBe('private, no-store');
});

test('once a function looks at the caller the answer is for the caller alone', async () => {
  const greeting = endpoint('GET', '/hello', options)
    .plan(({ call }) => ({
      part: call(shop.get, () => ({ params: { id: '1' } }), { cache: { scope: 'public', ttlMs: 9_000 } }),
    }))
    .respond(Part, ({ part, principal, input }) => ({
      id: `${part.id} ${principal?.subject ?? ''} ${typeof input}`,
    }));
  const bff = testBff([greeting], { shop: numbered() });
  const answer = await bff.app.request('/hello', { headers: asCaller('ada') });
  expect(await answer.json()).toEqual({ id: 'answer 1 ada object' });
  expect(answer.headers.get('cache-control')).toBe('private, no-store');
});

test('a chunk of an each is kept as one', async () => {
  const many = endpoint('GET', '/many', options)
    .plan(({ derive, each }) => ({
      parts: each(
        derive({}, () => ['a', 'b', 'a']),
        shop.list,
        {
          by: 'id',
          max: 10,
          request: (ids) => ({ query: { ids } }),
          cache: { scope: 'public', ttlMs: 1_000 },
        },
      ),
    }))
    .respond(z.object({ count: z.number() }), ({ parts }) => ({ count: parts.size }));
  const bff = testBff([many], { shop: () => ({ body: [{ id: 'a' }, { id: 'b' }] }) });
  for (let turn = 0; turn < 2; turn += 1)
    expect(await (await bff.app.request('/many')).json()).toEqual({ count: 2 });
  expect(bff.requests.length).toBe(1);
});

const cache = { scope: 'public', ttlMs: 1_000 } as const;
const planned = (operation: never, own: CacheOptions = cache) =>
  endpoint('GET', '/x', options)
    .plan(({ call }) => ({ part: call(operation, () => ({}) as never, { cache: own }) }))
    .respond(z.unknown(), ({ part }) => part);

test.each([
  [shop.make, cache, "node 'part': cache is for GET operations, this one is a POST"],
  [shop.drop, cache, "node 'part': cache needs an operation with a response"],
  [
    shop.spoken,
    cache,
    "node 'part': cache: the operation forwards 'accept-language'; name it in vary, or do not forward it",
  ],
  [
    shop.get,
    { ...cache, vary: ['accept'] },
    "node 'part': cache: vary names 'accept', which the operation does not forward",
  ],
])('boot refuses what would give one answer for two questions', (operation, own, message) => {
  expect(() => testBff([planned(operation as never, own)], { shop: numbered() })).toThrow(message);
});

test('boot refuses a public answer from a service that is shown the caller', () => {
  const identity = { name: 'pass-through', needsCaller: true, headers: () => ({}) };
  const upstreams = [resolveBinding('shop', [], { targets: 'http://shop.test', identity })];
  expect(() => testBff([partOf(cache)], { shop: numbered() }, { upstreams })).toThrow(
    "node 'part': cache: a public answer of shop.get cannot be asked for with the identity 'pass-through', which needs a caller",
  );
});

test('nothing is left when all is over', async () => {
  const { bff } = partBff({ scope: 'public', ttlMs: 1_000, swrMs: 1_000 }, numbered());
  await idAt(bff);
  bff.clock.advance(1_500);
  await idAt(bff);
  await settled();
  expect([bff.clock.pending(), bff.liveRequests(), bff.fakes.open()]).toEqual([0, 0, 0]);
});
