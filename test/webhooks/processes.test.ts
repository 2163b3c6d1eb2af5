/** Two partner BFFs as processes on one Redis: they share the work, and one that is killed loses nothing. */
import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ChildBff, childProcess } from '../support/child-bff.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { partnerCustomer, partnerKey, partnerSeeds } from '../support/shop.ts';
import { type WebhookReceiver, webhookReceiver } from '../support/webhook-receiver.ts';

const main = fileURLToPath(new URL('../../bffs/partner/src/main.ts', import.meta.url));
const path = '/v1/webhook-endpoints';

let redis: RedisServer;
let receiver: WebhookReceiver;
const children: ChildBff[] = [];

beforeEach(async () => {
  redis = await startRedis();
  receiver = await webhookReceiver();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal('SIGKILL');
    await child.exit;
  }
  await receiver.close();
  await redis.kill();
});

const sealKey = randomBytes(32).toString('base64');

async function startBff(): Promise<ChildBff> {
  const seeds = partnerSeeds('free');
  const keys = JSON.parse(seeds.PARTNER_API_KEYS ?? '[]') as { scopes: string[] }[];
  for (const key of keys) key.scopes.push('webhooks:read', 'webhooks:write');
  const child = await childProcess([main], {
    ...seeds,
    NODE_ENV: 'test',
    PARTNER_API_KEYS: JSON.stringify(keys),
    PARTNER_PORT: '0',
    PARTNER_ADMIN_PORT: '0',
    PARTNER_GRACE_MS: '0',
    PARTNER_SEAL_KEYS: sealKey,
    PARTNER_WEBHOOKS_PRIVATE: 'true',
    REDIS_URL: redis.url,
  });
  children.push(child);
  return child;
}

async function ask({ url }: ChildBff, method: string, target: string, body?: object) {
  const response = await fetch(url + target, {
    method,
    headers: {
      authorization: `Bearer ${partnerKey}`,
      'idempotency-key': randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  return { status: response.status, body: (await response.json()) as any };
}

/** A process that just started may wait for Redis; a 503 made nothing. */
async function subscribe(instance: ChildBff): Promise<{ readonly id: string; readonly secret: string }> {
  for (;;) {
    const order = { url: receiver.url, events: ['order.updated'] };
    const { status, body } = await ask(instance, 'POST', path, order);
    if (status === 201) return body;
    expect(status).toBe(503);
  }
}

const money = { amount: 1_999, currency: 'GBP' };
const canary = 'Canary Wharf 1';

function event(index: number): object {
  const moment = '2026-11-01T00:00:00.000Z';
  const data = {
    id: `ord_${index}`,
    reference: null,
    status: 'paid',
    placedAt: moment,
    updatedAt: moment,
    lines: [{ sku: 'SKU-1', title: 'Lamp', quantity: 1, unitPrice: money }],
    total: money,
    shippingAddress: { line1: canary, city: 'London', postcode: 'E14', country: 'GB' },
    fraudScore: 0.5,
  };
  return { id: `event-${index}`, type: 'order.updated', occurredAt: moment, owner: partnerCustomer, data };
}

/** Tells one instance as a service does: again until it was taken. */
async function tell(instances: readonly ChildBff[], index: number): Promise<void> {
  for (let turn = index; ; turn += 1) {
    const url = `${instances[turn % instances.length]?.adminUrl}/webhooks/events`;
    const headers = { 'content-type': 'application/json' };
    const taken = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event(index)) })
      .then(({ status }) => status)
      .catch(() => 0);
    if (taken === 202) return;
    if (taken === 400) throw new Error('the event is refused');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function tellAll(instances: readonly ChildBff[], from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 10)
    await Promise.all(Array.from({ length: 10 }, (_, place) => tell(instances, index + place)));
}

const orders = (): string[] =>
  receiver.heard.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id);
const heardOrders = (count: number, timeout: number) =>
  vi.waitFor(() => expect(new Set(orders()).size).toBe(count), { timeout, interval: 20 });

test('200 events that two instances are told of are each delivered once, and nothing is in Redis in clear', async () => {
  const instances = await Promise.all([startBff(), startBff()]);
  const [one, other] = instances;
  const made = await subscribe(one);
  await tellAll(instances, 0, 200);
  await tell([other], 7); // told again elsewhere
  await heardOrders(200, 20_000);
  await vi.waitFor(
    async () => expect(await (await fetch(`${one.adminUrl}/webhooks`)).json()).toEqual({ receivers: [] }),
    { timeout: 10_000, interval: 100 },
  );
  expect(receiver.heard).toHaveLength(200);
  const text = await dump(redis.url);
  expect(text).toContain('webhook:partner-test');
  for (const secret of [made.secret, receiver.url, canary])
    expect([secret, text.includes(secret)]).toEqual([secret, false]);
});

test('an instance that is killed while it delivers loses nothing; only what was under way comes twice', async () => {
  const one = await startBff();
  const made = await subscribe(one);
  receiver.answer((response) => void setTimeout(() => response.writeHead(204).end(), 250));
  await tellAll([one], 0, 100); // it has the lease: nobody else is there
  const other = await startBff();
  expect(new Set(orders()).size).toBeLessThan(100);
  const before = receiver.heard.length;
  await vi.waitFor(() => expect(receiver.heard.length).toBeGreaterThan(before), { interval: 2 });
  one.signal('SIGKILL');
  await one.exit;
  await tellAll([one, other], 100, 200);
  receiver.answer(204);
  await heardOrders(200, 45_000);
  const twice = receiver.heard.length - 200;
  expect(twice).toBeLessThanOrEqual(4);
  const ids = new Set(receiver.heard.map(({ headers }) => headers['webhook-id']));
  expect(ids.size).toBe(200);
  const { body } = await ask(other, 'GET', `${path}/${made.id}/deliveries?limit=50`);
  expect(body.items).toHaveLength(50);
});

/** Every key and everything at it. */
async function dump(url: string): Promise<string> {
  const client = new Redis(url);
  const parts: string[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    const value =
      type === 'string'
        ? await client.get(key)
        : type === 'zset'
          ? await client.zrange(key, '0', '-1')
          : await client.hgetall(key);
    parts.push(`${key} ${JSON.stringify(value)}`);
  }
  client.disconnect();
  return parts.join('\n');
}
