/**
 * The whole shop over real HTTP: every BFF on its socket, real tokens and API keys, real services behind.
 */
import type { Endpoint } from 'bffkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BffPackage, loadBffs } from '../support/bff-package.ts';
import { expectGood, expectProblem } from '../support/expect-answer.ts';
import { otherPartnerKey, type ShopAnswer } from '../support/shop.ts';
import { nameOf, type OpenShop, openWholeShop } from '../support/shop-requests.ts';

const bffs = await loadBffs();
let shop: OpenShop;
beforeAll(async () => {
  shop = await openWholeShop();
});
afterEach(() => shop.services.faults.clear());
afterAll(() => shop.close());

describe.each(bffs)('$name', (bff) => {
  const endpoints = bff.endpoints.map((endpoint) => ({ name: nameOf(endpoint), endpoint }));
  const guarded = endpoints.filter(({ endpoint }) => endpoint.options.access.kind !== 'anyone');
  const open = endpoints.filter(({ endpoint }) => endpoint.options.access.kind === 'anyone');

  test.each(endpoints)('answers $name', async ({ endpoint }) => {
    const answer = await shop.askSample(bff.name, endpoint, await shop.credentialOf(bff.name));
    expectGood(answer, endpoint);
    expect(answer.headers.get('bff-degraded')).toBeNull();
  });

  test.each(open)('answers $name to strangers', async ({ endpoint }) => {
    expectGood(await shop.askSample(bff.name, endpoint), endpoint);
  });

  test.each(guarded)('refuses $name to strangers', async ({ endpoint }) => {
    const answer = await shop.askSample(bff.name, endpoint);
    expectProblem(answer, 401, 'not-signed-in');
    expect(answer.headers.get('www-authenticate')).toMatch(/(?:^|, )Bearer/);
  });

  test.each(endpoints)('refuses $name with a token for another BFF', async ({ endpoint }) => {
    const token = await shop.token(bff.name, 'ada', { audience: bff.name === 'web' ? 'mobile' : 'web' });
    expectProblem(await shop.askSample(bff.name, endpoint, token), 401, 'invalid-token');
  });

  test.each(endpoints)('refuses $name with a token that has expired', async ({ endpoint }) => {
    const token = await shop.token(bff.name, 'ada', { expiresInSeconds: -60 });
    expectProblem(await shop.askSample(bff.name, endpoint, token), 401, 'invalid-token');
  });

  test.each(guarded.filter(({ endpoint }) => endpoint.options.access.kind === 'scopes'))(
    'refuses $name with a token without its scopes',
    async ({ endpoint }) => {
      const token = await shop.token(bff.name, 'ada', { scope: 'something:else' });
      expectProblem(await shop.askSample(bff.name, endpoint, token), 403, 'insufficient-scope');
    },
  );

  test.each(endpoints.filter(({ endpoint }) => endpoint.path.includes(':')))(
    'does not find what nobody knows: $name',
    async ({ endpoint }) => {
      const target = endpoint.path.replaceAll(/:[^/]+/g, 'nobody-knows');
      const credential = await shop.credentialOf(bff.name);
      expectProblem(
        await shop.ask(bff.name, target, { credential, method: endpoint.method }),
        404,
        'not-found',
      );
    },
  );

  test('says in every answer what is left of the limit, and refuses what is beyond it', async () => {
    const [dearest] = bff.endpoints.toSorted((one, other) => costOf(other) - costOf(one));
    if (dearest === undefined) throw new Error(`${bff.name} has no endpoints`);
    const credential = bff.name === 'partner' ? otherPartnerKey : await shop.token(bff.name, 'usr_0300');
    const first = await shop.askSample(bff.name, dearest, credential);
    expectGood(first, dearest);
    const limit = limitOf(first);
    expect(limit.remaining).toBe(limit.limit - costOf(dearest));
    expect(limit.resetSeconds).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1_000));

    const ask = () =>
      shop.ask(bff.name, `${dearest.path}?beside=the-point`, { credential, method: dearest.method });
    let answer = await ask();
    for (let times = 0; answer.status === 400 && times < 10 * limit.limit; times += 1) answer = await ask();
    expectProblem(answer, 429, 'rate-limited');
    expect(limitOf(answer).remaining).toBeLessThan(costOf(dearest));
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  test('goes without what fails, says so, and has it back when it is well again', async () => {
    const { endpoint, service, nodes } = optionalService(bff);
    const credential = await shop.credentialOf(bff.name);
    const before = await shop.askSample(bff.name, endpoint, credential);
    const fault = `${shop.services.urls.control}/faults/${service}`;

    await fetch(fault, { method: 'PUT', body: '"status:503"' });
    const meanwhile = await shop.askSample(bff.name, endpoint, credential);
    expectGood(meanwhile, endpoint);
    expect(meanwhile.headers.get('bff-degraded')?.split(', ').sort()).toEqual(nodes);
    expect(meanwhile.headers.get('cache-control')).toBe('no-store');
    expect(meanwhile.body).not.toEqual(before.body);

    await fetch(fault, { method: 'DELETE' });
    const after = await shop.askSample(bff.name, endpoint, credential);
    expect(after.headers.get('bff-degraded')).toBeNull();
    expect(after.body).toEqual(before.body);
  });

  const paged = endpoints.filter(
    ({ endpoint }) => 'cursor' in (endpoint.options.query?._zod.def.shape ?? {}),
  );
  test.each(paged)('gives everything once, page by page: $name', async ({ endpoint }) => {
    const credential = await shop.credentialOf(bff.name, 'grace');
    const { pages, items } = await shop.readToTheEnd(bff.name, endpoint, credential);
    expect(pages).toBeGreaterThan(1);
    expect(new Set(items).size).toBe(items.length);
  });
});

/** An endpoint that survives a whole service, and the nodes that go without it. */
function optionalService({ name, graph, endpoints }: BffPackage) {
  const found = graph.endpoints.flatMap(({ nodes, method, path }) => {
    const byService = Map.groupBy(nodes, ({ operation }) => operation?.split('.')[0]);
    const endpoint = endpoints.find((one) => one.method === method && one.path === path);
    return [...byService].flatMap(([service, users]) => {
      if (service === undefined || endpoint === undefined || users.some(({ required }) => required))
        return [];
      return [{ endpoint, service, nodes: users.map((node) => node.name).sort() }];
    });
  });
  if (found[0] === undefined) throw new Error(`${name} has no endpoint that survives without a service`);
  return found[0];
}

function costOf({ options }: Endpoint): number {
  return options.cost ?? 1;
}

function limitOf({ headers }: ShopAnswer) {
  expect(headers.get('ratelimit')).toMatch(/;r=\d+;t=\d+/);
  expect(headers.get('ratelimit-policy')).toMatch(/;q=\d+;w=\d+/);
  const [limit, remaining, resetSeconds] = ['limit', 'remaining', 'reset'].map((name) => {
    const text = headers.get(`x-ratelimit-${name}`);
    expect(text, `x-ratelimit-${name}`).toMatch(/^\d+$/);
    return Number(text);
  });
  return { limit: limit ?? 0, remaining: remaining ?? 0, resetSeconds: resetSeconds ?? 0 };
}
