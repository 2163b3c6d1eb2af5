/** Who gets an explanation, and what everybody else notices of it: nothing. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { BffOptions } from '../bff-options.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone, signedIn } from '../identity/access.ts';
import { adminApp } from '../node/admin.ts';
import { asCaller } from '../testing/callers.ts';
import { type TestBff, testBff } from '../testing/test-bff.ts';
import { get, upstream } from '../upstream/operation.ts';
import type { DecisionRecord } from './decision-record.ts';
import type { ExplainedRequests } from './record-pages.ts';
import { explainKeys } from './signature.ts';

const canary = 'canary-3f9a-secret';
const key = Buffer.alloc(32, 'k').toString('base64');
const oldKey = Buffer.alloc(32, 'o').toString('base64');
const signer = explainKeys('test', [key]);

const shop = upstream('shop', {
  operations: { get: get('/part', { response: z.object({ id: z.string(), secret: z.string() }) }) },
});
const part = endpoint('GET', '/parts/:id', {
  summary: 'Part.',
  access: signedIn(),
  deadlineMs: 500,
  params: z.object({ id: z.string() }),
  query: z.object({ note: z.string().optional() }),
})
  .plan(({ call, optional }) => ({ main: call(shop.get, () => ({})), extra: optional(shop.get, () => ({})) }))
  .respond(z.object({ id: z.string() }), ({ main }) => ({ id: main.id }));
const open = endpoint('GET', '/open', {
  summary: 'Open.',
  access: anyone(),
  deadlineMs: 500,
  cache: { scope: 'public', ttlMs: 60_000 },
}).handle(z.object({ ok: z.boolean() }), async () => ({ ok: true }));

function bffWith(options: Partial<BffOptions>): TestBff {
  return testBff([part, open], { shop: () => ({ body: { id: 'p1', secret: canary } }) }, options);
}

const secrets = {
  ...asCaller('usr_0001'),
  authorization: `Bearer ${canary}`,
  cookie: `sid=${canary}`,
};
const target = `/parts/${canary}?note=${canary}`;

function signedHeaders(bff: TestBff, path: string, by = signer): Record<string, string> {
  return { 'bff-explain': by.sign({ method: 'GET', target: path }, bff.clock.wallMs() + 60_000) };
}

function admin(bff: TestBff) {
  const app = adminApp(bff, () => true);
  return {
    all: async () => (await (await app.request('http://localhost/requests')).json()) as ExplainedRequests,
    one: (id: string) => app.request(`http://localhost/requests/${id}`),
  };
}

async function recordOf(bff: TestBff, answer: Response): Promise<DecisionRecord> {
  return (await (await admin(bff).one(answer.headers.get('x-request-id') ?? '')).json()) as DecisionRecord;
}

describe('in production', () => {
  test('a signed request is marked and its record is at the admin port, without a secret in either', async () => {
    const bff = bffWith({ explainKeys: [key] });
    const headers: Record<string, string> = { ...secrets, ...signedHeaders(bff, `/parts/${canary}`) };
    const answer = await bff.app.request(target, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('server-timing')).toMatch(/^explained, identity;.*, main;dur=.*, total;dur=/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const record = await recordOf(bff, answer);
    expect(record).toMatchObject({
      bff: 'test',
      route: '/parts/:id',
      status: 200,
      identity: { kind: 'user', by: 'Bearer' },
      limits: { decidedBy: 'store', standing: [{ limit: 'default', allowed: true }] },
      calls: [
        { node: 'main', outcome: 'ok', breaker: 'closed' },
        { node: 'extra', outcome: 'ok' },
      ],
    });
    const told = JSON.stringify([record, ...answer.headers]);
    const header = headers['bff-explain'] ?? '';
    for (const hidden of [canary, 'usr_0001', header, key]) expect(told).not.toContain(hidden);
    expect(answer.headers.get('server-timing')).not.toContain('http');
    expect(JSON.stringify(bff.requests)).not.toContain(header);
  });

  test('a key of the ring that is on its way out holds too', async () => {
    const bff = bffWith({ explainKeys: [oldKey, key] });
    const answer = await bff.app.request('/open', { headers: signedHeaders(bff, '/open') });
    expect((await recordOf(bff, answer)).route).toBe('/open');
  });

  test('a header that does not hold has no effect, and nothing tells that it did not', async () => {
    const bff = bffWith({ explainKeys: [key] });
    const good = signedHeaders(bff, '/open')['bff-explain'] ?? '';
    const answerTo = async (header?: string): Promise<readonly unknown[]> => {
      const answer = await bff.app.request(
        '/open',
        header === undefined ? {} : { headers: { 'bff-explain': header } },
      );
      const told = [...answer.headers].filter(
        ([name]) => !/^(?:x-request-id|(?:x-)?ratelimit.*)$/.test(name),
      );
      return [answer.status, await answer.text(), told];
    };
    await answerTo(); // makes the answer that is kept
    const usual = await answerTo();
    const wrong = [
      'x',
      '',
      `${good}x`,
      `A${good.slice(1)}`,
      good.replace(/^\d+/, (expiry) => String(Number(expiry) + 1)),
      good.slice(0, -2),
      `${good}, ${good}`,
      signedHeaders(bff, '/other')['bff-explain'],
      signedHeaders(bff, '/open', explainKeys('test', [oldKey]))['bff-explain'],
      signer.sign({ method: 'POST', target: '/open' }, bff.clock.wallMs() + 60_000),
      signer.sign({ method: 'GET', target: '/open' }, bff.clock.wallMs() + 601_000),
      '1'.repeat(8_000),
    ];
    for (const header of wrong) expect(await answerTo(header)).toEqual(usual);
    expect((await admin(bff).all()).requests).toEqual([]);
    expect(await answerTo(good)).not.toEqual(usual);
    bff.clock.advance(60_000);
    expect((await answerTo(good))[2]).not.toContainEqual(['server-timing', expect.anything()]);
    expect((await admin(bff).all()).requests).toHaveLength(1);
  });

  test('the others are not recorded while one is', async () => {
    const bff = bffWith({ explainKeys: [key] });
    const headers = signedHeaders(bff, '/open');
    const requests = Array.from({ length: 20 }, async (_, at) =>
      bff.app.request('/open', at === 7 ? { headers } : {}),
    );
    const answers = await Promise.all(requests);
    const { requests: kept } = await admin(bff).all();
    expect(kept.map(({ requestId }) => requestId)).toEqual([answers[7]?.headers.get('x-request-id')]);
  });

  test('without keys nobody can ask', async () => {
    const bff = bffWith({});
    const answer = await bff.app.request('/open', { headers: signedHeaders(bff, '/open') });
    expect(answer.headers.has('server-timing')).toBe(false);
    expect(await admin(bff).all()).toMatchObject({ explains: 'nothing', keyIds: [], requests: [] });
  });

  test('a refused request is explained as well', async () => {
    const bff = bffWith({ explainKeys: [key] });
    const answer = await bff.app.request('/parts/1', { headers: signedHeaders(bff, '/parts/1') });
    expect(await recordOf(bff, answer)).toMatchObject({
      status: 401,
      problem: { code: 'not-signed-in' },
      notCalled: [
        { node: 'main', why: 'not-reached' },
        { node: 'extra', why: 'not-reached' },
      ],
    });
  });
});

test('in development every request is explained', async () => {
  const bff = bffWith({ serverTiming: true });
  const answer = await bff.app.request('/open');
  expect(answer.headers.get('server-timing')).toMatch(/^explained, limit;desc="default: 99 left", cache;/);
  expect(answer.headers.get('cache-control')).not.toBe('no-store');
  expect(await recordOf(bff, answer)).toMatchObject({ route: '/open', cache: [{ outcome: 'miss' }] });
  expect(await admin(bff).all()).toMatchObject({
    bff: 'test',
    explains: 'every',
    requests: [{ route: '/open' }],
  });
});

test('an answer that is streamed is explained when it is over', async () => {
  const progressive = endpoint('GET', '/screen', {
    summary: 'Screen.',
    access: anyone(),
    deadlineMs: 500,
    progressive: true,
  })
    .plan(({ call, optional }) => ({
      main: call(shop.get, () => ({})),
      extra: optional(shop.get, () => ({}), { fallback: () => ({ id: 'none', secret: '' }) }),
    }))
    .respond(z.object({ id: z.string(), extra: z.string() }), ({ main, extra }) => ({
      id: main.id,
      extra: extra.id,
    }));
  const bff = testBff(
    [progressive],
    { shop: () => ({ body: { id: 'p1', secret: canary } }) },
    { explainKeys: [key], serverTiming: false },
  );
  const headers = {
    ...signedHeaders(bff, '/screen'),
    accept: 'application/x-ndjson',
  };
  const answer = await bff.app.request('/screen', { headers });
  expect(answer.headers.get('server-timing')).toMatch(/^explained/);
  await answer.text();
  expect((await recordOf(bff, answer)).calls.map(({ node }) => node)).toEqual(['main', 'extra']);
});

test('a key that is none refuses to boot and is not shown', () => {
  expect(() => bffWith({ explainKeys: ['c2hvcnQ='] })).toThrow(
    'defineBff: explainKeys: keys[0] must be 32 bytes as base64, got 5 bytes',
  );
});

test('an id without a record is a problem', async () => {
  const answer = await admin(bffWith({ explainKeys: [key] })).one('4bf92f3577b34da6');
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not-found' }]);
});
