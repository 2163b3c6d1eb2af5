/** The partner BFF, the orders service and a partner's server: what happens to an order is heard, signed. */
import { randomUUID } from 'node:crypto';
import { type Services, startServices } from '@acme/services-mock';
import type { BffOptions, Logger } from 'bffkit';
import { type RunningBff, serve } from 'bffkit/node';
import { manualClock } from 'bffkit/testing';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { envOf, loadBffs } from '../support/bff-package.ts';
import { otherPartnerKey, partnerKey, partnerSeeds } from '../support/shop.ts';
import { packageOf } from '../support/shop-requests.ts';
import { type WebhookReceiver, webhookReceiver } from '../support/webhook-receiver.ts';

const partner = packageOf(await loadBffs(), 'partner');
const path = '/v1/webhook-endpoints';
const lines: string[] = [];
const write = (fields: object, text: string): void => void lines.push(`${JSON.stringify(fields)} ${text}`);
const logger: Logger = { info: write, warn: write, error: write };

let services: Services;
let running: RunningBff;
let receiver: WebhookReceiver;

beforeEach(async () => {
  lines.length = 0;
  services = await startServices({ ports: 'free' });
  running = await start();
  services.tellOrdersTo({ url: `${running.adminUrl}/webhooks/events` });
  receiver = await webhookReceiver();
});

function start(parts: Partial<BffOptions> = {}): Promise<RunningBff> {
  const seeds = partnerSeeds('free');
  const keys = JSON.parse(seeds.PARTNER_API_KEYS ?? '[]') as { scopes: string[] }[];
  for (const key of keys) key.scopes.push('webhooks:read', 'webhooks:write');
  const env = {
    ...envOf(services.urls),
    ...seeds,
    PARTNER_API_KEYS: JSON.stringify(keys),
    PARTNER_WEBHOOKS_PRIVATE: 'true',
  };
  return serve(partner.create(env, parts), {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: 0,
    signals: false,
    logger,
  });
}
afterEach(async () => {
  await running.close();
  await receiver.close();
  await services.close();
});

interface Asked {
  readonly key?: string;
  readonly body?: unknown;
  readonly version?: string;
}

async function ask(method: string, target: string, { key = partnerKey, body, version }: Asked = {}) {
  const response = await fetch(running.url + target, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(version === undefined ? {} : { 'api-version': version }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  return { status: response.status, body: (await response.json()) as any };
}

const subscribe = (more: object = {}, key?: string) =>
  ask('POST', path, {
    ...(key === undefined ? {} : { key }),
    body: { url: receiver.url, events: ['order.updated'], ...more },
  });

async function placeAndPay(): Promise<string> {
  const { body } = await ask('POST', '/v1/orders', { body: { lines: [{ sku: 'SKU-00007', quantity: 2 }] } });
  await move(body.id, 'paid');
  return body.id;
}

async function move(id: string, status: string): Promise<void> {
  const response = await fetch(`${services.urls.orders}/orders/${id}/status`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status }),
  });
  expect(response.status).toBe(200);
}

const heardOne = (count = 1) =>
  vi.waitFor(() => expect(receiver.heard.length).toBe(count), { timeout: 10_000, interval: 10 });

function verified(secret: string, at = receiver.heard.length - 1): unknown {
  const { headers, body } = receiver.heard[at] ?? { headers: {}, body: '' };
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

test('a partner hears that its order changed, signed, as its version reads the order', async () => {
  const made = await subscribe({ apiVersion: '2026-01-15' });
  expect(made.status).toBe(201);
  const newest = await subscribe();
  expect(newest.body.apiVersion).toBe('2026-11-01');
  const id = await placeAndPay();
  await heardOne(2);
  for (const [index, { headers }] of receiver.heard.entries()) {
    const secret = [made, newest].find(({ body }) => {
      try {
        return verified(body.secret, index) !== undefined;
      } catch {
        return false;
      }
    })?.body;
    const event = verified(secret.secret, index) as Record<string, unknown>;
    const { body: order } = await ask('GET', `/v1/orders/${id}`, { version: secret.apiVersion });
    expect(event).toEqual({
      id: headers['webhook-id'],
      type: 'order.updated',
      createdAt: expect.stringMatching(/^2026-11-01T/),
      apiVersion: secret.apiVersion,
      data: order,
    });
    expect(order.status).toBe('paid');
  }
  expect(receiver.heard[0]?.body).not.toContain('fraudScore');
  expect(new Set(receiver.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('an old timestamp and a changed body are refused by the library of receivers', async () => {
  const { body: made } = await subscribe();
  await placeAndPay();
  await heardOne();
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.heard;
  const names = headers as Record<string, string>;
  const webhook = new Webhook(made.secret);
  expect(() => webhook.verify(body.replace('paid', 'lost'), names)).toThrow('No matching signature');
  const old = String(Number(names['webhook-timestamp']) - 301);
  expect(() => webhook.verify(body, { ...names, 'webhook-timestamp': old })).toThrow('too old');
});

test('partners hear of their own orders only, and see their own endpoints only', async () => {
  const mine = await subscribe();
  const theirs = await subscribe({}, otherPartnerKey);
  await placeAndPay();
  await heardOne();
  expect(verified(mine.body.secret)).toBeDefined();
  expect((await ask('GET', path, { key: otherPartnerKey })).body.items).toHaveLength(1);
  expect((await ask('GET', `${path}/${mine.body.id}`, { key: otherPartnerKey })).status).toBe(404);
  expect((await ask('DELETE', `${path}/${theirs.body.id}`)).status).toBe(404);
  expect(receiver.heard).toHaveLength(1);
});

test('a partner whose server was down hears of it when it is up again', async () => {
  const clock = manualClock();
  await running.close();
  running = await start({ clock });
  services.tellOrdersTo({ url: `${running.adminUrl}/webhooks/events` });
  const { body: made } = await subscribe();
  const { port } = new URL(receiver.url);
  await receiver.close();
  const id = await placeAndPay();
  const attempts = async () => {
    const { body } = await ask('GET', `${path}/${made.id}/deliveries`);
    return body.items[0]?.attempts.map(
      (each: { status: number; failure: string }) => each.failure ?? each.status,
    );
  };
  const tried = (...expected: readonly unknown[]) =>
    vi.waitFor(async () => expect(await attempts()).toEqual(expected), { timeout: 10_000, interval: 10 });
  await tried('connection');
  clock.advance(6_000);
  await tried('connection', 'connection');
  receiver = await webhookReceiver(Number(port));
  clock.advance(5 * 60_000 + 60_000);
  await tried('connection', 'connection', 204);
  expect(receiver.heard).toHaveLength(1);
  expect(JSON.parse(receiver.heard[0]?.body ?? '')).toMatchObject({ data: { id, status: 'paid' } });
});

test('no secret and no URL is in the log', async () => {
  const { body: made } = await subscribe({ url: `${receiver.url}?token=in-the-url-canary` });
  await placeAndPay();
  await heardOne();
  await ask('POST', `${path}/${made.id}/rotate-secret`);
  await ask('POST', path, { body: { url: 'ftp://in-the-url-canary', events: ['order.updated'] } });
  await ask('DELETE', `${path}/${made.id}`);
  await running.close();
  const log = lines.join('\n');
  expect(log).toContain('webhook.create');
  for (const secret of ['whsec_', 'in-the-url-canary', receiver.url]) expect(log).not.toContain(secret);
});
