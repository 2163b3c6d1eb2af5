/** `bffkit cache purge TAG` as an operator types it: two processes of the web BFF, one Redis. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../records/rig.ts';
import { type ChildBff, childProcess } from '../support/child-bff.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** The catalog counts how often each product was asked for and writes it into the title; nothing else is there. */
const asked = new Map<string, number>();
const services = createServer((request, response) => {
  const [, id] = /^\/products\/(prd_\w+)$/.exec(request.url ?? '') ?? [];
  if (id === undefined) return void response.writeHead(404).end();
  const count = (asked.get(id) ?? 0) + 1;
  asked.set(id, count);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(productOf(id, `${id} for the ${count}. time`)));
});

let redis: RedisServer;
let bffs: readonly ChildBff[];

beforeAll(async () => {
  redis = await startRedis();
  services.listen(0, '127.0.0.1');
  await new Promise((resolve) => services.once('listening', resolve));
  const url = `http://127.0.0.1:${(services.address() as AddressInfo).port}`;
  const env = {
    NODE_ENV: 'test',
    REDIS_URL: redis.url,
    WEB_PORT: '0',
    WEB_ADMIN_PORT: '0',
    WEB_HOSTNAME: '127.0.0.1',
    WEB_GRACE_MS: '0',
    WEB_INSTANCES: '2',
    ...Object.fromEntries(upstreams.map((name) => [`${name}_URL`, url])),
  };
  const main = fileURLToPath(new URL('../../bffs/web/src/main.ts', import.meta.url));
  bffs = await Promise.all([childProcess([main], env), childProcess([main], env)]);
});

afterAll(async () => {
  for (const bff of bffs ?? []) bff.signal('SIGTERM');
  await Promise.all((bffs ?? []).map(({ exit }) => exit));
  services.closeAllConnections();
  services.close();
  await redis?.kill();
});

async function titleAt({ url }: ChildBff, id: string): Promise<string> {
  const answer = await fetch(`${url}/api/products/${id}?reviews=0`);
  return ((await answer.json()) as { title: string }).title;
}

test('ends what is kept under the tag in both processes, and nothing else', async () => {
  const [one, two] = bffs as [ChildBff, ChildBff];
  const both = async (id: string): Promise<string[]> => [await titleAt(one, id), await titleAt(two, id)];
  let turn = 0;
  await eventually(async () => {
    turn += 1; // what was read before Redis was there stays with the process that read it
    const [first, second] = await both(`prd_warm${turn}`);
    return first === second;
  });
  const [lamp, bulb] = [await both('prd_lamp'), await both('prd_bulb')];
  expect([new Set(lamp).size, new Set(bulb).size]).toEqual([1, 1]);
  expect([await both('prd_lamp'), await both('prd_bulb')]).toEqual([lamp, bulb]);
  const before = asked.get('prd_lamp') ?? 0;

  const { stdout } = await run(
    process.execPath,
    ['core/src/cli/main.ts', 'cache', 'purge', 'product:prd_lamp', '--actor', 'ada'],
    { cwd: root, env: { ...process.env, BFFKIT_ADMIN: one.adminUrl } },
  );
  expect(stdout).toBe('purged product:prd_lamp\n');

  expect(await titleAt(one, 'prd_lamp')).toBe(`prd_lamp for the ${before + 1}. time`);
  await eventually(async () => !lamp.includes(await titleAt(two, 'prd_lamp')), 2_000);
  expect(await both('prd_bulb')).toEqual(bulb);
});

test('says so when nobody answers there, and what it needs when nothing is said', async () => {
  const command = ['core/src/cli/main.ts', 'cache', 'purge', 'catalog'];
  const failing = async (...more: string[]): Promise<unknown> =>
    run(process.execPath, [...command, ...more], { cwd: root }).catch((error: unknown) => error);
  expect(await failing('--admin', 'http://127.0.0.1:1')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^bffkit: .*127\.0\.0\.1:1/),
  });
  expect(await failing()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cache purge needs --admin URL, or BFFKIT_ADMIN'),
  });
});

const upstreams = [
  'USERS',
  'CATALOG',
  'ORDERS',
  'REVIEWS',
  'RECOMMENDATIONS',
  'INVENTORY',
  'NOTIFICATIONS',
  'PRICING',
];

function productOf(id: string, title: string): object {
  const price = { amount: 400, currency: 'EUR' };
  return {
    ...{ id, title, sku: 'SKU-1', subtitle: '', description: '', brand: 'Acme', category: 'lamps' },
    ...{ categoryPath: [], images: [], attributes: [], price, rating: { average: 4, count: 1 } },
    seo: { title, description: '', canonicalPath: `/p/${id}` },
  };
}
