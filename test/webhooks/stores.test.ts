/** The outbox on every store of records: two instances share it, and a new one goes on where the last one ended. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defineBff,
  endpoint,
  fileRecords,
  memoryRecords,
  type RecordStore,
  scopes,
  type WebhookFact,
  webhooks,
} from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import { asCaller, testCallers } from 'bffkit/testing';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startRedis } from '../support/redis-server.ts';
import { tlsText } from '../support/tls-files.ts';
import { type WebhookReceiver, webhookReceiver } from '../support/webhook-receiver.ts';

const path = '/v1/webhook-endpoints';
const sealKeys = [randomBytes(32).toString('base64')];

interface Stores {
  open(): RecordStore;
  close(): Promise<unknown> | unknown;
}

const kinds: readonly (readonly [string, () => Promise<Stores>])[] = [
  [
    'memory',
    async () => {
      const records = memoryRecords();
      return { open: () => records, close: () => {} };
    },
  ],
  [
    'a file',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bffkit-webhooks-'));
      const file = join(folder, 'webhooks.json');
      return { open: () => fileRecords(file), close: () => rmSync(folder, { recursive: true }) };
    },
  ],
  [
    'Redis',
    async () => {
      const { url, kill } = await startRedis();
      return { open: () => redisRecords({ url }), close: kill };
    },
  ],
];

const order = endpoint('GET', '/v1/orders/:id', {
  summary: 'X.',
  access: scopes('orders:read'),
  deadlineMs: 1_000,
}).handle(z.object({ id: z.string() }), async () => ({ id: '1' }));

interface Instance {
  readonly facts: WebhookFact[];
  readonly problems: unknown[];
  subscribe(url: string): Promise<string>;
  tell(id: string): Promise<number>;
  read(target: string): Promise<unknown>;
  close(): Promise<void>;
}

function instance(records: RecordStore): Instance {
  const hooks = webhooks({
    records,
    sealKeys,
    environment: 'test',
    events: { 'order.updated': { summary: 'X.', like: order } },
    allowPrivateNetworks: true,
  });
  const access = { read: scopes('webhooks:read'), write: scopes('webhooks:write') };
  const bff = defineBff({
    name: 'hooked',
    owner: '@acme/test',
    identity: [testCallers()],
    upstreams: [],
    endpoints: [order, ...hooks.endpoints(path, access)],
    webhooks: hooks,
  });
  const facts: WebhookFact[] = [];
  const problems: unknown[] = [];
  bff.events.on('webhook', (fact) => facts.push(fact));
  bff.events.on('problem', (fact) => problems.push(fact));
  const admin = new Hono();
  for (const part of bff.admin) part.mount(admin);
  const json = { 'content-type': 'application/json' };
  const caller = asCaller({
    subject: 'acme',
    kind: 'partner',
    scopes: ['webhooks:read', 'webhooks:write'],
  });
  return {
    facts,
    problems,
    async subscribe(url) {
      const response = await bff.app.request(path, {
        method: 'POST',
        headers: { ...json, ...caller, 'idempotency-key': randomBytes(16).toString('hex') },
        body: JSON.stringify({ url, events: ['order.updated'] }),
      });
      return ((await response.json()) as { id: string }).id;
    },
    async tell(id) {
      const event = {
        id,
        type: 'order.updated',
        occurredAt: '2026-11-01T00:00:00Z',
        owner: 'acme',
        data: { id },
      };
      const body = JSON.stringify(event);
      return (await admin.request('/webhooks/events', { method: 'POST', headers: json, body })).status;
    },
    read: async (target) => (await bff.app.request(target, { headers: caller })).json(),
    async close() {
      await bff.close();
      await records.close();
    },
  };
}

describe.each(kinds)('in %s', (kind, openStores) => {
  let stores: Stores;
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    stores = await openStores();
    receiver = await webhookReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    await stores.close();
  });

  test('forty events that two instances are told of, all of them by both, come once each', async () => {
    const instances = [instance(stores.open()), instance(stores.open())] as const;
    const [one, other] = instances;
    await one.subscribe(receiver.url);
    for (let index = 0; index < 40; index += 4) {
      const some = [0, 1, 2, 3].map((place) => `event-${index + place}`);
      await Promise.all(
        instances.flatMap(({ tell }) =>
          some.map((id) => vi.waitFor(async () => expect(await tell(id)).toBe(202), { interval: 20 })),
        ),
      );
    }
    await vi.waitFor(() => expect(one.facts.length + other.facts.length).toBe(40), {
      timeout: 20_000,
      interval: 10,
    });
    expect(receiver.heard).toHaveLength(40);
    expect(new Set(receiver.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(40);
    for (const { close } of instances) await close();
  });

  test('what one instance could not deliver the next one does', async () => {
    const first = instance(stores.open());
    await first.subscribe(receiver.url);
    receiver.answer(500);
    expect(await first.tell('event-1')).toBe(202);
    await vi.waitFor(() => expect(first.facts).toHaveLength(1));
    if (kind !== 'memory') await first.close(); // memory ends with its store
    receiver.answer(204);
    const next = instance(stores.open());
    await vi.waitFor(() => expect(next.facts.length + first.facts.length).toBe(2), { timeout: 20_000 });
    expect(receiver.heard).toHaveLength(2);
    await next.close();
  });
});

test('a receiver whose certificate nobody vouches for hears nothing, and the partner is told why', async () => {
  const bodies: string[] = [];
  const server = createServer(
    { key: tlsText('server.key'), cert: tlsText('server.pem') },
    (request, response) => {
      request.on('data', (chunk) => bodies.push(String(chunk)));
      response.end();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hooked = instance(memoryRecords());
  const { port } = server.address() as AddressInfo;
  const id = await hooked.subscribe(`https://localhost:${port}/in`);
  await hooked.tell('event-1');
  await vi.waitFor(() => expect(hooked.facts).toHaveLength(1));
  expect(await hooked.read(`${path}/${id}/deliveries`)).toMatchObject({
    items: [{ status: 'waiting', attempts: [{ status: null, failure: 'tls' }] }],
  });
  expect(bodies).toEqual([]);
  await hooked.close();
  await new Promise((resolve) => server.close(resolve));
});
