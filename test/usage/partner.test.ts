/** The partner BFF on sockets: what its plan allows is on every answer, and what was used can be read. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { monthlyQuota, tokenBucket } from 'bffkit';
import { serve } from 'bffkit/node';
import { fakeUpstreams, manualClock } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { loadBffs } from '../support/bff-package.ts';
import { partnerCustomer, partnerKey, partnerSeed } from '../support/shop.ts';
import { packageOf } from '../support/shop-requests.ts';

const partner = packageOf(await loadBffs(), 'partner');
const main = fileURLToPath(new URL('../../core/src/cli/main.ts', import.meta.url));
const names = [
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'ratelimit-policy',
  'ratelimit',
];

/** The BFF with the scopes of the key of the tests, and of its usage. */
function boot(parts: Parameters<typeof partner.create>[1] = {}) {
  const seeds = partnerSeed();
  const [seed] = JSON.parse(seeds.PARTNER_API_KEYS ?? '[]') as [{ scopes: string[] }];
  const keys = JSON.stringify([{ ...seed, scopes: [...seed.scopes, 'usage:read'] }]);
  const { transport } = fakeUpstreams({
    catalog: (request) =>
      request.target.includes('gone') ? { status: 404 } : { body: { items: [], next: null } },
    inventory: () => ({ status: 500 }),
  });
  return partner.create({ ...seeds, PARTNER_API_KEYS: keys }, { transport, ...parts });
}

const headers = { authorization: `Bearer ${partnerKey}` };

test.each([
  ['good', '/v1/products', 200],
  ['bad input', '/v1/products?limit=x', 400],
  ['not found', '/v1/products/gone', 404],
  ['a failure of a service', '/v1/inventory/SKU-1', 502],
  ['usage', '/v1/usage', 200],
])('the limits of the plan are on the answer: %s', async (_what, target, status) => {
  const bff = boot();
  const answer = await bff.app.request(target, { headers });
  expect(answer.status).toBe(status);
  for (const name of names) expect([name, answer.headers.has(name)]).toEqual([name, true]);
  expect(answer.headers.get('ratelimit-policy')).toContain('q=100');
  await bff.close();
});

test('a quota that is used up says until when, and the first of the next month counts anew', async () => {
  const clock = manualClock(Date.UTC(2028, 1, 29, 23, 59, 49));
  const plans = {
    free: [
      tokenBucket({ name: 'burst', capacity: 3, refillPerSecond: 10, by: 'partner' }),
      monthlyQuota({ max: 3, by: 'partner' }),
    ],
  };
  const bff = boot({ clock, plans });
  const call = () => bff.app.request('/v1/products', { headers });
  for (let count = 0; count < 3; count += 1) expect((await call()).status).toBe(200);
  clock.advance(1_000); // the burst is back, the month is not
  const over = await call();
  expect(over.status).toBe(429);
  expect(await over.json()).toMatchObject({ code: 'rate-limited', 'violated-policies': ['month'] });
  for (const name of names) expect([name, over.headers.has(name)]).toEqual([name, true]);
  expect(over.headers.get('retry-after')).toBe('10');
  clock.advance(10_000);
  expect((await call()).status).toBe(200);
  clock.advance(1_000);
  await bff.close();
});

test('what a partner used it reads itself, and operators with a command', async () => {
  const running = await serve(boot(), {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: 0,
    signals: false,
    logger: { info() {}, warn() {}, error() {} },
  });
  for (const target of [
    '/v1/products',
    '/v1/products?limit=2',
    '/v1/products?limit=x',
    '/v1/inventory/SKU-1',
  ]) {
    await (await fetch(running.url + target, { headers })).body?.cancel();
  }
  await (await fetch(`${running.url}/v1/products`)).body?.cancel(); // nobody
  await expect
    .poll(
      async () => ((await (await fetch(`${running.url}/v1/usage`, { headers })).json()) as Used).requests,
      {
        timeout: 5_000,
        interval: 300,
      },
    )
    .toBeGreaterThanOrEqual(4);
  const usage = (await (await fetch(`${running.url}/v1/usage`, { headers })).json()) as Used;
  const sums = new Map(
    usage.days.flatMap(({ endpoints }) => endpoints.map((one) => [one.endpoint, one.requests])),
  );
  expect([sums.get('GET /v1/products'), sums.get('GET /v1/inventory/:sku')]).toEqual([3, 1]);
  expect(usage.keys.map(({ key }) => key)).toEqual([partnerKey.split('_')[2]]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, 'usage', '--partner', partnerCustomer],
    {
      env: { ...process.env, BFFKIT_ADMIN: running.adminUrl, BFFKIT_ADMIN_TOKEN: '' },
    },
  );
  expect(stdout).toMatch(/GET \/v1\/products +3/);
  expect(stdout).toContain(partnerKey.split('_')[2]);
  expect(stdout).not.toContain(partnerKey);
  await running.close();
});

interface Used {
  readonly requests: number;
  readonly days: readonly { readonly endpoints: readonly { endpoint: string; requests: number }[] }[];
  readonly keys: readonly { readonly key: string }[];
}
