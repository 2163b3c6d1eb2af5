/**
 * A last good answer stands in for a call that fails: for the same caller and the same request only,
 * not older than declared, and never silently.
 */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { asCaller } from '../testing/callers.ts';
import type { FakeAnswer } from '../testing/fake-upstreams.ts';
import { testBff } from '../testing/test-bff.ts';
import { get, post, upstream } from '../upstream/operation.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    get: get('/parts/:id', { response: Part, passes: [404] }),
    make: post('/parts', { body: Part, response: Part }),
  },
});
const options = { summary: 'Part.', access: anyone(), deadlineMs: 500 } as const;
const required = endpoint('GET', '/required/:id', options)
  .plan(({ call }) => ({
    part: call(shop.get, ({ input }) => ({ params: { id: input.params.id } }), {
      cache: { scope: 'principal', ttlMs: 0, staleIfErrorMs: 60_000 },
    }),
  }))
  .respond(Part, ({ part }) => part);
const optional = endpoint('GET', '/optional/:id', options)
  .plan(({ optional }) => ({
    part: optional(shop.get, ({ input }) => ({ params: { id: input.params.id } }), {
      cache: { scope: 'principal', ttlMs: 0, staleIfErrorMs: 60_000 },
      fallback: () => ({ id: 'fallback' }),
    }),
  }))
  .respond(Part, ({ part }) => part);

function shopThat(first: FakeAnswer, then: FakeAnswer) {
  let asked = 0;
  return testBff([required, optional], {
    shop: () => {
      asked += 1;
      return asked === 1 ? first : then;
    },
  });
}

const good = { body: { id: 'good' } };
const broken = { status: 503 };

test.each(['/required/1', '/optional/1'])(
  '%s survives a failing service on what it said before',
  async (path) => {
    const bff = shopThat(good, broken);
    await bff.app.request(path);
    const answer = await bff.app.request(path);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ id: 'good' });
    expect(answer.headers.get('bff-degraded')).toBe('part');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  },
);

test('an answer that is too old does not stand in: the fallback or the failure does', async () => {
  const bff = shopThat(good, broken);
  await bff.app.request('/required/1');
  bff.clock.advance(60_001);
  expect((await bff.app.request('/required/1')).status).toBe(502);
  expect(await (await bff.app.request('/optional/1')).json()).toEqual({ id: 'fallback' });
});

test('the answer of one caller, request or node never stands in for another', async () => {
  const bff = shopThat(good, broken);
  await bff.app.request('/required/1', { headers: asCaller('ada') });
  expect((await bff.app.request('/required/1', { headers: asCaller('grace') })).status).toBe(502);
  expect((await bff.app.request('/required/2', { headers: asCaller('ada') })).status).toBe(502);
  expect((await bff.app.request('/required/1')).status).toBe(502);
  expect((await bff.app.request('/required/1', { headers: asCaller('ada') })).status).toBe(200);
});

test('what a service means is not papered over: a 404 stays a 404', async () => {
  const bff = shopThat(good, { status: 404 });
  await bff.app.request('/required/1');
  expect((await bff.app.request('/required/1')).status).toBe(404);
});

test('boot refuses to let an answer stand in for a write', () => {
  const write = endpoint('POST', '/parts', { ...options, body: Part })
    .plan(({ call }) => ({
      part: call(shop.make, ({ input }) => ({ body: input.body }), {
        cache: { scope: 'principal', ttlMs: 0, staleIfErrorMs: 1_000 },
      }),
    }))
    .respond(Part, ({ part }) => part);
  expect(() => testBff([write], { shop: () => good })).toThrow(
    "POST /parts: node 'part': cache is for GET operations, this one is a POST",
  );
});
