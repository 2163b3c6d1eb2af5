/** Problems of the partner API as they go out: whole, linked to their page, and with a time to come again. */

import type { BffOptions } from 'bffkit';
import { tokenBucket } from 'bffkit';
import { fakeUpstreams } from 'bffkit/testing';
import { afterAll, expect, test } from 'vitest';
import { type BffPackage, loadBffs } from '../support/bff-package.ts';
import { dated } from '../support/partner-documents.ts';
import { partnerKey, partnerSeed } from '../support/shop.ts';
import { packageOf } from '../support/shop-requests.ts';

const partner: BffPackage = packageOf(await loadBffs(), 'partner');
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
});

function boot(parts: Partial<BffOptions> = {}): (target: string, init?: RequestInit) => Promise<Response> {
  const { transport } = fakeUpstreams({ inventory: () => ({ status: 503, body: {} }) });
  const bff = partner.create(partnerSeed(), { transport, ...parts });
  closing.push(() => bff.close());
  return async (target, init = {}) =>
    bff.app.request(target, { ...init, headers: { authorization: `Bearer ${partnerKey}`, ...init.headers } });
}

const ask = boot();

test.each([
  ['a path that there is not', '/v1/nothing', {}, 404, 'not-found'],
  ['a method that there is not', '/v1/orders', { method: 'PUT' }, 405, 'method-not-allowed'],
  ['a stranger', '/v1/products', { headers: { authorization: '' } }, 401, undefined],
  ['a parameter that there is not', '/v1/products?colour=red', {}, 400, 'validation-failed'],
  [
    'a version that there is not',
    '/v1/products',
    { headers: { 'api-version': '2020-01-01' } },
    400,
    'unknown-version',
  ],
  ['a write without a key', '/v1/orders', { method: 'POST' }, 400, 'idempotency-key-missing'],
] as const)(
  '%s gets a problem that names the request and its page',
  async (_name, target, init, status, code) => {
    const answer = await ask(target, init);
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ type: expect.any(String), title: expect.any(String), status });
    if (code !== undefined) expect(problem.code).toBe(code);
    expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
    const page =
      code === 'unknown-version'
        ? '/docs/changelog#2026-11-01'
        : `http://localhost:4003/docs/errors#${problem.code}`;
    expect(problem.docs).toBe(page);
  },
);

test.each(dated)('a client of %s gets the link as well', async (version) => {
  const answer = await ask('/v1/products?colour=red', { headers: { 'api-version': version } });
  expect(answer.headers.get('api-version')).toBe(version);
  expect(await answer.json()).toMatchObject({ docs: 'http://localhost:4003/docs/errors#validation-failed' });
});

test('who asked too much is told when to come again', async () => {
  const once = tokenBucket({ name: 'once', capacity: 1, refillPerSecond: 0.1, by: 'partner' });
  const limited = boot({ limits: once, plans: { free: once, pro: once } });
  await limited('/v1/products');
  const answer = await limited('/v1/products');
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({ code: 'rate-limited', 'violated-policies': ['once'] });
});

test('who comes while all is too much is told when to come again', async () => {
  const answer = await boot({ pressure: { level: () => 9 } })('/v1/products');
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({ code: 'overloaded' });
});
