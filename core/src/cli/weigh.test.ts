import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone, signedIn } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { proxy } from '../proxy/proxy.ts';
import { html } from '../ssr/html.ts';
import { testBff } from '../testing/index.ts';
import { CommandFailed } from './command-failed.ts';
import { UsageError } from './usage-error.ts';
import { type WeighWorld, weighCommand } from './weigh.ts';

const base = { summary: 'X.', access: anyone(), deadlineMs: 1_000 };
const Item = z.object({ id: z.string(), text: z.string() });
const long = 'x'.repeat(60);
const item = endpoint('GET', '/items/:id', {
  ...base,
  query: z.object({ q: z.string().optional() }),
  budget: { bytes: 100 },
}).handle(Item, async ({ input }) => ({ id: input.params.id, text: input.query.q ?? long }));
const list = endpoint('GET', '/items', { ...base, budget: { bytes: 100 } }).handle(
  z.array(Item),
  async () => [
    { id: 'a', text: long },
    { id: 'b', text: long },
  ],
);
const wide = endpoint('GET', '/wide', base).handle(z.record(z.string(), z.number()), async () =>
  Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`field${index}`, index])),
);
const own = endpoint('GET', '/own', { ...base, access: signedIn() }).handle(z.object({}), async () => ({}));
const page = endpoint('GET', '/page', base).answer(() => ({ status: 200 }));
const write = endpoint('POST', '/items', base).handle(z.object({}), async () => ({}));

function worldOf(parts: Partial<WeighWorld> = {}) {
  const bff = testBff([item, list, wide, own, page, write], {}, { publicOrigin: 'http://bff.test' });
  const asked: Request[] = [];
  const world: WeighWorld = {
    fetch: async (url, init) => {
      const request = new Request(String(url), init);
      asked.push(request);
      return bff.app.request(new URL(request.url).pathname + new URL(request.url).search, {
        method: request.method,
      });
    },
    env: {},
    load: async () => [bff],
    ...parts,
  };
  return { world, asked, bff };
}

test('shows what each answer weighs, field by field, against its budget', async () => {
  const { world } = worldOf();
  const text = await weighCommand(['shop', '--param', 'id=prd_1'], world);
  expect(text).toMatch(
    /^GET \/items\/:id {3}84 bytes, \d+ compressed; 84 % of its budget of 100\n {2}text +1 × +70 bytes +83 % +\d+ compressed\n/,
  );
  expect(text).toMatch(/GET \/items {3}\d+ bytes, \d+ compressed; OVER its budget of 100 by \d+\n/);
  expect(text).toMatch(/GET \/wide .*; no budget\n[\s\S]*and 3 more; --json has all\n/);
  expect(text).toContain(
    'GET /own   answered 401 not-signed-in; needs a token: --token-file FILE or BFFKIT_TOKEN\n',
  );
  expect(text).not.toContain('POST');
  expect(text).not.toContain(' 0 ×');
});

test('says which part of a path is missing, and asks for the others', async () => {
  const { world, asked } = worldOf();
  expect(await weighCommand(['shop'], world)).toContain('GET /items/:id   not asked: add --param id=…\n');
  expect(asked.map(({ url }) => url)).not.toContain('http://bff.test/items/');
});

test('asks for no answer that has no fields, and says which those are', async () => {
  const rendered = endpoint('GET', '/rendered', base)
    .plan(({ derive }) => ({ one: derive({}, () => 1) }))
    .render(() => ({ meta: { title: 'X' }, body: html`x` }));
  const passed = proxy('GET /files/*', 'files', { access: anyone(), deadlineMs: 500, to: '/v1/*' });
  const bff = testBff(
    [page, list, rendered, passed].flat(),
    { files: () => ({ body: {} }) },
    { publicOrigin: 'http://bff.test' },
  );
  const { world, asked } = worldOf({ load: async () => [bff] });
  const text = await weighCommand(['shop'], world);
  expect(text).toContain('not weighed: they write their answer themselves: GET /page\n');
  expect(text).toContain('not weighed: they are pages: GET /rendered\n');
  expect(text).toContain(
    'not weighed: what the service behind answers passes through unread: GET /files/*\n',
  );
  expect(asked.map(({ url }) => new URL(url).pathname)).toEqual(['/items']);
});

test('tries every value of a name until one is found', async () => {
  const found = (id: string) =>
    endpoint('GET', `/${id}s/:id`, base).handle(Item, async ({ input }) => {
      if (input.params.id !== id) throw new GatewayError('not-found');
      return { id, text: '' };
    });
  const bff = testBff([found('one'), found('two'), found('six')], {}, { publicOrigin: 'http://bff.test' });
  const send: WeighWorld['fetch'] = async (url) => bff.app.request(new URL(String(url)).pathname);
  const { world } = worldOf({ load: async () => [bff], fetch: send });
  const text = await weighCommand(['shop', '--param', 'id=one', '--param', 'id=two'], world);
  expect(text).toMatch(/^GET \/ones\/:id {3}\d+ bytes/m);
  expect(text).toMatch(/^GET \/twos\/:id {3}\d+ bytes/m);
  expect(text).toMatch(/^GET \/sixs\/:id {3}answered 404 not-found; other values\? --param NAME=VALUE/m);
});

test('gives all of it as data', async () => {
  const { world } = worldOf();
  const weighed = JSON.parse(
    await weighCommand(['shop', '--json', '--param', 'id=1', '--param', 'q=short=1'], world),
  );
  expect(weighed[0]).toMatchObject({
    endpoint: 'GET /items/:id',
    budgetBytes: 100,
    answer: { bytes: 27, fields: [{ field: 'text', bytes: 17, count: 1 }, { field: 'id' }] },
  });
  expect(weighed[3]).toEqual({ endpoint: 'GET /own', problem: 'answered 401 not-signed-in' });
});

test('asks where it is told, with the token of the file or of the environment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bffkit-weigh-'));
  const file = join(folder, 'token');
  await writeFile(file, 'from-file\n');
  const { world, asked } = worldOf({ env: { BFFKIT_TOKEN: 'from-env' } });
  await weighCommand(['shop', '--from', 'http://10.0.0.1:4002/', '--token-file', file], world);
  expect(asked[0]?.url).toBe('http://10.0.0.1:4002/items');
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer from-file');
  await writeFile(file, 'Authorization: Bearer from-curl\n');
  await weighCommand(['shop', '--token-file', file], world);
  expect(asked.at(-1)?.headers.get('authorization')).toBe('Bearer from-curl');
  await weighCommand(['shop'], world);
  expect(asked.at(-1)?.headers.get('authorization')).toBe('Bearer from-env');
  expect(new URL(asked.at(-1)?.url ?? '').origin).toBe('http://bff.test');
  await rm(folder, { recursive: true });
});

test('says that nobody answers, and why', async () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const failing = (error: Error) =>
    weighCommand(['shop'], worldOf({ fetch: () => Promise.reject(error) }).world).catch(
      (thrown: unknown) => thrown,
    );
  expect(await failing(new TypeError('fetch failed', { cause: refused }))).toMatchObject({
    message: 'no answer from http://bff.test: ECONNREFUSED; is the BFF running? See --from',
  });
  expect(await failing(new Error('odd'))).toBeInstanceOf(CommandFailed);
});

test('takes an answer that is no JSON for what it is', async () => {
  const { world } = worldOf({ fetch: async () => new Response('<html>', { status: 502 }) });
  expect(await weighCommand(['shop'], world)).toContain('GET /own   answered 502\n');
});

test.each<[string[], RegExp]>([
  [[], /weigh needs the name of one BFF/],
  [['shop', 'mobile'], /weigh needs the name of one BFF/],
  [['shop', '--from', 'ftp://x'], /http or https address of a running BFF, got 'ftp:\/\/x'/],
  [['shop', '--from', 'x'], /got 'x'/],
  [['shop', '--param', 'id'], /--param must be like id=prd_1, got 'id'/],
  [['shop', '--param', '=1'], /--param must be like/],
])('does not understand %j', async (parameters, message) => {
  const { world } = worldOf();
  await expect(weighCommand(parameters, world)).rejects.toThrow(UsageError);
  await expect(weighCommand(parameters, world)).rejects.toThrow(message);
});

test('does not know a BFF that is not there', async () => {
  const { world } = worldOf({ load: async () => [] });
  await expect(weighCommand(['shop'], world)).rejects.toThrow(`there is no BFF 'shop'`);
});
