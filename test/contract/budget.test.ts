/**
 * The budgets of answers, held against the running shop: each endpoint that has one is asked, lists for their
 * largest page, by several customers. What weighs too much fails with the fields to look at.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from 'bffkit';
import { requireBudget } from 'bffkit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadBffs } from '../support/bff-package.ts';
import { sampleOf } from '../support/endpoint-samples.ts';
import { nameOf, type OpenShop, openWholeShop, packageOf } from '../support/shop-requests.ts';

const bffs = await loadBffs();
const customers = ['usr_0001', 'usr_0002', 'usr_0003'];

let shop: OpenShop;
beforeAll(async () => {
  shop = await openWholeShop();
});
afterAll(() => shop.close());

/** The largest answer there is of an endpoint. */
async function heaviestOf(bff: string, endpoint: Endpoint): Promise<string> {
  const target = new URL(sampleOf(bff, nameOf(endpoint), shop.facts).target, shop.urlOf(bff));
  if ('limit' in (endpoint.options.query?._zod.def.shape ?? {})) target.searchParams.set('limit', '50');
  const bodies: string[] = [];
  for (const customer of customers) {
    const credential = await shop.credentialOf(bff, customer);
    const { status, text } = await shop.ask(bff, target.pathname + target.search, { credential });
    expect(status).toBe(200);
    bodies.push(text);
  }
  return bodies.reduce((heaviest, body) => (body.length > heaviest.length ? body : heaviest));
}

const weighed = bffs.flatMap(({ name, endpoints }) =>
  endpoints
    .filter(({ options }) => options.budget !== undefined)
    .map((endpoint) => [name, nameOf(endpoint), endpoint] as const),
);

test.each(weighed)('%s %s stays within its budget', async (bff, _name, endpoint) => {
  requireBudget(endpoint, await heaviestOf(bff, endpoint));
});

test('every endpoint of the phone apps has a budget', () => {
  const { endpoints } = packageOf(bffs, 'mobile');
  expect(endpoints.filter(({ options }) => options.budget === undefined).map(nameOf)).toEqual([]);
});

test('an answer one byte over its budget is found, with its heaviest field', async () => {
  const [home] = packageOf(bffs, 'mobile').endpoints;
  if (home === undefined) throw new Error('mobile has no endpoint');
  const body = await heaviestOf('mobile', home);
  const bytes = Buffer.byteLength(body) - 1;
  const tight = { ...home, options: { ...home.options, budget: { bytes } } };
  expect(() => requireBudget(tight, body)).toThrow(/1 over its budget of \d+; the heaviest fields:\n {2}\w+/);
});

test('bffkit weigh shows every answer of the phone apps as the shop gives it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bffkit-weigh-'));
  const file = join(folder, 'token');
  await writeFile(file, await shop.credentialOf('mobile'));
  const main = fileURLToPath(new URL('../../core/src/cli/main.ts', import.meta.url));
  const words = ['weigh', 'mobile', '--from', shop.urlOf('mobile'), '--token-file', file, '--json'];
  const { promise, resolve } = Promise.withResolvers<{ out: string; err: string }>();
  execFile(process.execPath, [main, ...words, '--param', `id=${shop.facts.product}`], (_error, out, err) =>
    resolve({ out, err }),
  );
  const { out, err } = await promise;
  await rm(folder, { recursive: true });
  expect(err).toBe('');
  const weighed = JSON.parse(out) as {
    endpoint: string;
    answer: { bytes: number; fields: { share: number }[] };
  }[];
  expect(weighed.map(({ endpoint }) => endpoint)).toEqual(packageOf(bffs, 'mobile').endpoints.map(nameOf));
  for (const { answer } of weighed) {
    expect(answer.bytes).toBeGreaterThan(100);
    expect(answer.fields.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 0);
  }
});
