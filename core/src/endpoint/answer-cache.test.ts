/** Whole answers that are kept, seen from outside. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { EndpointCacheOptions } from '../cache/cache-options.ts';
import type { RequestFact } from '../context/events.ts';
import { anyone, signedIn } from '../identity/access.ts';
import { asCaller } from '../testing/callers.ts';
import type { FakeAnswer } from '../testing/fake-upstreams.ts';
import { testBff } from '../testing/test-bff.ts';
import { resolveBinding } from '../upstream/binding.ts';
import { get, upstream } from '../upstream/operation.ts';
import { endpoint } from './endpoint.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    get: get('/parts/:id', { response: Part }),
    spoken: get('/spoken', { response: Part, forwardRequestHeaders: ['accept-language'] }),
  },
});
const isPublic = { scope: 'public', ttlMs: 10_000 } as const;
const options = { summary: 'Part.', access: anyone(), deadlineMs: 500 } as const;
const partOf = (cache: EndpointCacheOptions) =>
  endpoint('GET', '/parts/:id', {
    ...options,
    query: z.object({ a: z.string().optional(), b: z.string().optional() }),
    cache,
  })
    .plan(({ call, optional }) => ({
      part: call(shop.get, ({ input }) => ({ params: { id: input.params.id } })),
      other: optional(shop.get, () => ({ params: { id: 'other' } })),
    }))
    .respond(Part, ({ part }) => part);

function numbered(bad: () => boolean = () => false) {
  let answers = 0;
  return ({ target }: { target: string }): FakeAnswer => {
    if (target === '/parts/other') return bad() ? { status: 500 } : { body: { id: 'other' } };
    answers += 1;
    return { body: { id: `answer ${answers}` } };
  };
}

test('a kept answer says how old it is, what the cache did, and how long it may be kept', async () => {
  const bff = testBff([partOf(isPublic)], { shop: numbered() });
  const first = await bff.app.request('/parts/1');
  expect([first.headers.get('cache-status'), first.headers.get('age')]).toEqual([
    'test; fwd=uri-miss; stored; ttl=10',
    null,
  ]);
  bff.clock.advance(3_200);
  const second = await bff.app.request('/parts/1');
  expect(await second.json()).toEqual(await first.json());
  expect([second.headers.get('cache-status'), second.headers.get('age')]).toEqual(['test; hit; ttl=6', '3']);
  expect(second.headers.get('cache-control')).toBe('public, max-age=6');
  expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
  const known = await bff.app.request('/parts/1', {
    headers: { 'if-none-match': first.headers.get('etag') ?? '' },
  });
  expect(known.status).toBe(304);
});

test('the order of the query does not count, its values do', async () => {
  const bff = testBff([partOf(isPublic)], { shop: numbered() });
  const bodies = [];
  for (const query of ['?a=1&b=2', '?b=2&a=1', '?a=2&b=1', ''])
    bodies.push(await (await bff.app.request(`/parts/1${query}`)).json());
  expect(bodies.map(({ id }: { id: string }) => id)).toEqual([
    'answer 1',
    'answer 1',
    'answer 2',
    'answer 3',
  ]);
});

test('who asks at once gets one answer', async () => {
  const gate = Promise.withResolvers<void>();
  const answer = numbered();
  const bff = testBff([partOf(isPublic)], {
    shop: async (request) => {
      await gate.promise;
      return answer(request);
    },
  });
  const asked = Array.from({ length: 20 }, async () => bff.app.request('/parts/1'));
  await new Promise((resolve) => setImmediate(resolve));
  gate.resolve();
  const answers = await Promise.all(asked);
  expect(bff.requests.length).toBe(2);
  expect(
    answers.filter((one) => one.headers.get('cache-status')?.includes('collapsed') === true).length,
  ).toBe(19);
});

test('an answer that went without a part is not kept', async () => {
  let isBad = true;
  const bff = testBff([partOf(isPublic)], { shop: numbered(() => isBad) });
  const bad = await bff.app.request('/parts/1');
  expect([bad.headers.get('bff-degraded'), bad.headers.get('cache-control')]).toEqual(['other', 'no-store']);
  isBad = false;
  expect(await (await bff.app.request('/parts/1')).json()).toEqual({ id: 'answer 2' });
});

test('a part that hangs is left out when the time is over, as without a cache', async () => {
  const never = Promise.withResolvers<FakeAnswer>();
  const bff = testBff([partOf(isPublic)], {
    shop: ({ target }) => (target === '/parts/other' ? never.promise : { body: { id: 'one' } }),
  });
  const asked = bff.app.request('/parts/1');
  await new Promise((resolve) => setImmediate(resolve));
  bff.clock.advance(450);
  const answer = await asked;
  expect([answer.status, answer.headers.get('bff-degraded')]).toEqual([200, 'other']);
  expect([bff.clock.pending(), bff.fakes.open()]).toEqual([0, 0]);
});

test('an answer of one caller is for this caller only, and nobody on the way keeps it', async () => {
  const own = endpoint('GET', '/me', {
    ...options,
    access: signedIn(),
    cache: { scope: 'principal', ttlMs: 10_000 },
  })
    .plan(({ call }) => ({
      part: call(shop.get, ({ principal }) => ({ params: { id: principal.subject } })),
    }))
    .respond(Part, ({ part, principal }) => ({ id: `${part.id} ${principal.subject}` }));
  const bff = testBff([own], { shop: ({ target }) => ({ body: { id: target } }) });
  for (const caller of ['ada', 'grace', 'ada']) {
    const answer = await bff.app.request('/me', { headers: asCaller(caller) });
    expect(await answer.json()).toEqual({ id: `/parts/${caller} ${caller}` });
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
  }
  expect(bff.requests.length).toBe(2);
  expect((await bff.app.request('/me')).status).toBe(401);
});

test('nothing of a public answer can come from its caller', async () => {
  const nosy = endpoint('GET', '/nosy', { ...options, cache: isPublic })
    .plan(({ call }) => ({ part: call(shop.get, () => ({ params: { id: '1' } })) }))
    .respond(Part, ({ principal }) => ({ id: principal?.subject ?? 'nobody' }));
  const loop = endpoint('GET', '/loop', { ...options, cache: isPublic }).handle(
    Part,
    async ({ principal }) => ({
      id: principal?.subject ?? 'nobody',
    }),
  );
  const bff = testBff([nosy, loop], { shop: numbered() });
  expect((await bff.app.request('/nosy', { headers: asCaller('ada') })).status).toBe(500);
  expect(await (await bff.app.request('/loop', { headers: asCaller('ada') })).json()).toEqual({
    id: 'nobody',
  });
});

const Long = z.object({ id: z.string(), text: z.string() });
const long = endpoint('GET', '/long', {
  ...options,
  query: z.object({ length: z.coerce.number().default(2_000) }),
  cache: isPublic,
}).handle(Long, async ({ input }) => ({ id: 'long', text: 'ab'.repeat(input.query.length / 2) }));
const sentIn = async (answer: Response) => [
  answer.headers.get('content-encoding'),
  Number(answer.headers.get('content-length')),
  Buffer.from(await answer.arrayBuffer()).toString('base64'),
];

test('an answer that is sent again is encoded better, once; its tag is that of the first', async () => {
  const bff = testBff([long], {});
  const ask = async (length: number, headers: Record<string, string> = { 'accept-encoding': 'gzip' }) =>
    bff.app.request(`/long?length=${length}`, { headers });
  for (const length of [2_000, 60_000]) {
    const first = await ask(length);
    const [second, third] = [await ask(length), await ask(length)];
    const tags = [first, second, third].map((answer) => answer.headers.get('etag'));
    expect(new Set(tags).size).toBe(1);
    const sent = await sentIn(second);
    expect(sent).toEqual(await sentIn(third));
    expect(sent[1]).toBeLessThan((await sentIn(first))[1] as number);
    const known = await ask(length, { 'accept-encoding': 'br', 'if-none-match': tags[0] ?? '' });
    expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, tags[0], '']);
    expect(await (await ask(length, {})).json()).toEqual({ id: 'long', text: 'ab'.repeat(length / 2) });
  }
});

test('encodings count for the memory of the cache: without room they are made for each', async () => {
  const bff = testBff([long], {}, { cache: { maxBytes: 65_536, maxEntryBytes: 4_700 } });
  const ask = async () => sentIn(await bff.app.request('/long', { headers: { 'accept-encoding': 'gzip' } }));
  const first = await ask();
  expect(await ask()).toEqual(first);
  expect(await ask()).toEqual(first);
});

test('what the cache was asked is told with the request', async () => {
  const facts: RequestFact[] = [];
  const kept = { cache: { scope: 'public', ttlMs: 5_000 } } as const;
  const outer = endpoint('GET', '/outer', { ...options, cache: isPublic })
    .plan(({ call }) => ({ inner: call(shop.get, () => ({ params: { id: '1' } }), kept) }))
    .respond(Part, ({ inner }) => inner);
  const inner = endpoint('GET', '/inner', options)
    .plan(({ call }) => ({ own: call(shop.get, () => ({ params: { id: '1' } }), kept) }))
    .respond(Part, ({ own }) => own);
  const bff = testBff([outer, inner], { shop: numbered() });
  bff.events.on('request', (fact) => facts.push(fact));
  for (const path of ['/outer', '/outer', '/inner']) await bff.app.request(path);
  bff.clock.advance(7_000);
  await bff.app.request('/inner');
  expect(facts.map(({ lookups }) => lookups)).toEqual([
    [
      { node: 'inner', outcome: 'miss', startMs: 0 },
      { outcome: 'miss', startMs: 0 },
    ],
    [{ outcome: 'hit', startMs: 0 }],
    [{ node: 'own', outcome: 'hit', startMs: 0 }],
    [{ node: 'own', outcome: 'miss', startMs: 0 }],
  ]);
});

test('a public answer behind a sign-in stays with the gateway', async () => {
  const inside = endpoint('GET', '/in', {
    ...options,
    access: signedIn(),
    cache: { ...isPublic, isSameForAll: true },
  })
    .plan(({ call }) => ({ part: call(shop.get, () => ({ params: { id: '1' } })) }))
    .respond(Part, ({ part }) => part);
  const bff = testBff([inside], { shop: numbered() });
  await bff.app.request('/in', { headers: asCaller('ada') });
  const answer = await bff.app.request('/in', { headers: asCaller('grace') });
  expect([answer.headers.get('cache-status'), answer.headers.get('cache-control')]).toEqual([
    'test; hit; ttl=10',
    'private, no-store',
  ]);
  expect((await bff.app.request('/in')).status).toBe(401);
});

test('an old answer stands in for a failure, and says so', async () => {
  let isDown = false;
  const answer = numbered();
  const bff = testBff([partOf({ ...isPublic, staleIfErrorMs: 60_000 })], {
    shop: (request) => (isDown ? { status: 503 } : answer(request)),
  });
  await bff.app.request('/parts/1');
  isDown = true;
  bff.clock.advance(15_000);
  const stale = await bff.app.request('/parts/1');
  expect([stale.status, stale.headers.get('age'), stale.headers.get('cache-control')]).toEqual([
    200,
    '15',
    'private, no-store',
  ]);
  expect(stale.headers.get('cache-status')).toBe('test; hit; ttl=-5; detail=upstream-error');
  bff.clock.advance(60_000);
  expect((await bff.app.request('/parts/1')).status).toBe(502);
});

const plan = (cache: EndpointCacheOptions, own: object = {}) =>
  endpoint('GET', '/x', { ...options, ...own, cache })
    .plan(({ call }) => ({ part: call(shop.spoken, () => ({})) }))
    .respond(Part, ({ part }) => part);

test.each([
  [
    plan(isPublic),
    "GET /x: cache: shop.spoken forwards 'accept-language'; name it in vary, or do not forward it",
  ],
  [plan(isPublic, { access: signedIn() }), "GET /x: cache: scope 'public' gives one answer to all callers"],
  [plan(isPublic, { status: 202 }), 'GET /x: cache is for GET endpoints that answer 200 with JSON, whole'],
  [
    endpoint('POST', '/x', { ...options, cache: isPublic }).handle(Part, async () => ({ id: '' })),
    'POST /x: cache is for GET endpoints that answer 200 with JSON, whole',
  ],
  [
    endpoint('GET', '/x', { ...options, cache: isPublic })
      .plan(({ call }) => ({
        part: call(shop.get, () => ({ params: { id: '1' } }), { cache: { scope: 'principal', ttlMs: 1 } }),
      }))
      .respond(Part, ({ part }) => part),
    'GET /x: cache: the answer is public, and shop.get is cached per principal',
  ],
])('boot refuses an answer that could not be public', (declared, message) => {
  expect(() => testBff([declared], { shop: numbered() })).toThrow(message);
});

test('boot refuses a public answer with a part that needs a caller', () => {
  const identity = { name: 'token-exchange', needsCaller: true, headers: () => ({}) };
  const upstreams = [resolveBinding('shop', [], { targets: 'http://shop.test', identity })];
  expect(() => testBff([partOf(isPublic)], { shop: numbered() }, { upstreams })).toThrow(
    "GET /parts/:id: cache: a public answer cannot have shop.get, whose identity 'token-exchange' needs a caller",
  );
});
