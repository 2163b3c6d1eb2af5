/**
 * Orders of a partner through two processes of the partner BFF that share one Redis, counted in the orders service:
 * duplicates at once, a process killed in the middle of a write, Redis killed while orders are placed.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Services, startServices } from '@acme/services-mock';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { envOf } from '../support/bff-package.ts';
import { type ChildBff, childProcess } from '../support/child-bff.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { otherPartnerKey, partnerKey, partnerSeeds } from '../support/shop.ts';
import { type Gate, openGate } from './gate.ts';

const main = fileURLToPath(new URL('../../bffs/partner/src/main.ts', import.meta.url));
/** The deadline of an order, and how long its claim outlives that. */
const claimMs = 10_000;

let services: Services;
let redis: RedisServer;
let gate: Gate;
let folder: string;
let bffs: ChildBff[];

beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'bffkit-orders-'));
});
beforeEach(async () => {
  await redis.restart();
  gate = await openGate(services.urls.orders);
  bffs = await Promise.all([start(), start()]);
});
afterEach(async () => {
  for (const bff of bffs) bff.signal('SIGKILL');
  await Promise.all(bffs.map(({ exit }) => exit));
  await gate.close();
});
afterAll(async () => {
  await services.close();
  await redis.kill();
  rmSync(folder, { recursive: true });
});

function start(): Promise<ChildBff> {
  return childProcess([main], {
    ...envOf(services.urls),
    ...partnerSeeds('pro'),
    NODE_ENV: 'test',
    ORDERS_URL: gate.url,
    REDIS_URL: redis.url,
    PARTNER_KEYS_FILE: join(folder, 'keys.json'), // Redis may lose everything here; partners stay known
    PARTNER_INSTANCES: '2',
    PARTNER_CURSOR_KEYS: Buffer.alloc(32, 1).toString('base64'),
    PARTNER_PORT: '0',
    PARTNER_ADMIN_PORT: '0',
    PARTNER_HOSTNAME: '127.0.0.1',
  });
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly isReplayed: boolean;
  readonly retryAfter: number;
}

/** Places an order; a connection that breaks is a status of 0. */
async function place(
  instance: number,
  key: string,
  reference: string,
  credential = partnerKey,
): Promise<Reply> {
  try {
    const answer = await fetch(`${bffs[instance % 2]?.url}/v1/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${credential}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ reference, lines: [{ sku: 'SKU-00001', quantity: 1 }] }),
    });
    return {
      status: answer.status,
      text: await answer.text(),
      isReplayed: answer.headers.get('idempotency-replayed') === 'true',
      retryAfter: Number(answer.headers.get('retry-after') ?? 0),
    };
  } catch {
    return { status: 0, text: '', isReplayed: false, retryAfter: 0 };
  }
}

/** As a partner's system does: the same request with the same key, until there is an answer. */
async function placeUntilAnswered(
  instance: () => number,
  key: string,
  reference: string,
): Promise<{ readonly id: string; readonly statuses: readonly number[] }> {
  const statuses: number[] = [];
  for (const endMs = performance.now() + 30_000; performance.now() < endMs; ) {
    const reply = await place(instance(), key, reference);
    statuses.push(reply.status);
    if (reply.status === 201) return { id: (JSON.parse(reply.text) as { id: string }).id, statuses };
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(1_000, Math.max(100, reply.retryAfter * 1_000))),
    );
  }
  throw new Error(`no answer, but ${statuses.join(' ')}`);
}

/** The ids of the orders that the service has under this reference. */
async function ordersOf(reference: string, customer = 'usr_0001'): Promise<string[]> {
  const answer = await fetch(`${services.urls.orders}/orders?customer=${customer}&limit=100`);
  const { items } = (await answer.json()) as { items: { id: string; reference: string | null }[] };
  return items.filter((order) => order.reference === reference).map(({ id }) => id);
}

test('of sixty duplicates at once on two processes one is placed, and another partner’s with the same key too', async () => {
  const [key, reference] = [randomUUID(), randomUUID()];
  gate.mode = 'hold answers';
  let others = 0;
  const othersAnswered = Promise.withResolvers<void>();
  const replies = Array.from({ length: 60 }, async (_, index) => {
    const reply = await place(index, key, reference);
    others += 1;
    if (others === 59) othersAnswered.resolve();
    return reply;
  });
  await gate.holds(1);
  await othersAnswered.promise;
  gate.release();
  const statuses = (await Promise.all(replies)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([201, ...Array<number>(59).fill(409)]);
  expect(await ordersOf(reference)).toHaveLength(1);

  const repeats = await Promise.all(Array.from({ length: 60 }, (_, index) => place(index, key, reference)));
  expect(new Set(repeats.map(({ text }) => text)).size).toBe(1);
  expect(repeats.every(({ status, isReplayed }) => status === 201 && isReplayed)).toBe(true);
  expect(await ordersOf(reference)).toHaveLength(1);

  expect(await place(1, key, reference, otherPartnerKey)).toMatchObject({ status: 201, isReplayed: false });
  expect(await ordersOf(reference, 'usr_0002')).toHaveLength(1);
  expect(new Set(gate.keys).size).toBe(2);
});

test.each(['hold requests', 'hold answers'] as const)(
  'a process is killed while it places orders (%s): the other one takes the repetition, and nothing is lost or doubled',
  async (mode) => {
    const orders = Array.from({ length: 5 }, () => ({ key: randomUUID(), reference: randomUUID() }));
    gate.mode = mode;
    const cut = orders.map(({ key, reference }) => place(0, key, reference));
    await gate.holds(orders.length);
    const heldMs = performance.now();
    bffs[0]?.signal('SIGKILL');
    expect((await Promise.all(cut)).map(({ status }) => status)).toEqual(orders.map(() => 0));
    await bffs[0]?.exit;
    gate.release();
    const answered = await Promise.all(
      orders.map(({ key, reference }) => placeUntilAnswered(() => 1, key, reference)),
    );
    expect(performance.now() - heldMs).toBeLessThan(claimMs + 10_000);
    for (const [index, { reference, key }] of orders.entries()) {
      const { id, statuses } = answered[index] ?? { id: '', statuses: [] };
      expect(new Set(statuses)).toEqual(new Set([409, 201])); // while the claim of the dead one lasts
      expect(await ordersOf(reference)).toEqual([id]);
      expect(await place(1, key, reference)).toMatchObject({ status: 201, isReplayed: true });
    }
    expect(new Set(gate.keys).size).toBe(orders.length); // the service got the same key again
  },
);

test('Redis is killed while orders are placed, and loses all: none is lost and none is placed twice', async () => {
  const orders = Array.from({ length: 40 }, () => ({ key: randomUUID(), reference: randomUUID() }));
  const seen: number[] = [];
  let begun = 0;
  const work = async (worker: number): Promise<void> => {
    for (let index = worker; index < orders.length; index += 8) {
      const { key, reference } = orders[index] ?? { key: '', reference: '' };
      begun += 1;
      let turn = index;
      const { id, statuses } = await placeUntilAnswered(() => (turn += 1), key, reference);
      seen.push(...statuses);
      // Whatever the gateway forgot, the service did not.
      const again = await placeUntilAnswered(() => (turn += 1), key, reference);
      expect(again.id).toBe(id);
      if (begun === 16) {
        begun += 1;
        await redis.restart();
      }
    }
  };
  gate.mode = 'open';
  await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)));
  for (const { reference } of orders) expect(await ordersOf(reference)).toHaveLength(1);
  process.stdout.write(`answers of 40 orders, Redis killed: ${JSON.stringify(countOf(seen))}\n`);
});

test('Redis is killed between claim and answer: both who ask have the one order', async () => {
  const [key, reference] = [randomUUID(), randomUUID()];
  gate.mode = 'hold answers';
  const first = place(0, key, reference);
  await gate.holds(1);
  await redis.restart(); // the claim is gone, as if there never was one
  gate.mode = 'open';
  const second = await placeUntilAnswered(() => 1, key, reference);
  gate.release();
  const { status, text } = await first;
  expect([status, (JSON.parse(text) as { id: string }).id]).toEqual([201, second.id]);
  expect(await ordersOf(reference)).toEqual([second.id]);
  expect(new Set(gate.keys).size).toBe(1);
});

function countOf(statuses: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('while Redis is away nothing is placed: 503 before the service hears of it', async () => {
  redis.process.kill('SIGSTOP');
  const reference = randomUUID();
  const replies = [await place(0, randomUUID(), reference), await place(1, randomUUID(), reference)];
  redis.process.kill('SIGCONT');
  expect(replies.map(({ status, retryAfter }) => [status, retryAfter])).toEqual([
    [503, 1],
    [503, 1],
  ]);
  expect(await ordersOf(reference)).toEqual([]);
  expect(gate.keys).toEqual([]);
});

test('what is in Redis says neither who ordered, nor what, nor under which key', async () => {
  const [key, reference] = [randomUUID(), randomUUID()];
  await place(0, key, reference);
  const { Redis } = await import('ioredis');
  const operator = new Redis(redis.url);
  const names = await operator.keys('*write:*');
  const values = await Promise.all(names.map((name) => operator.get(name)));
  operator.disconnect();
  expect(names).toEqual([expect.stringMatching(/^bffkit:write:\{[\w-]{43}\}$/)]);
  for (const secret of [key, reference, 'usr_0001', 'shippingAddress', partnerKey])
    expect(`${names} ${values}`).not.toContain(secret);
});
