import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Services, startServices } from './start-services.ts';

interface Event {
  readonly id: string;
  readonly owner: string;
  readonly data: { readonly id: string; readonly status: string };
}

const seen: { readonly event: Event; readonly token: string | undefined }[] = [];
let statuses: number[] = [];
const gateway = createServer((request: IncomingMessage, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk;
  });
  request.on('end', () => {
    seen.push({ event: JSON.parse(body) as Event, token: request.headers.authorization });
    response.writeHead(statuses.shift() ?? 202).end();
    gateway.emit('heard');
  });
});

let services: Services;
let url: string;
beforeEach(async () => {
  seen.length = 0;
  statuses = [];
  services = await startServices({ ports: 'free' });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/webhooks/events`;
});
afterEach(async () => {
  await services.close();
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
});

async function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(services.urls.orders + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function place(): Promise<string> {
  const order = { customerId: 'usr_0001', lines: [{ sku: 'SKU-00007', quantity: 1 }] };
  return ((await (await post('/orders', order)).json()) as { id: string }).id;
}

it('tells of an order that was moved on, with the token that is asked for', async () => {
  services.tellOrdersTo({ url, token: 'a token' });
  const id = await place();
  const heard = once(gateway, 'heard');
  expect((await post(`/orders/${id}/status`, { status: 'paid' })).status).toBe(200);
  await heard;
  expect(seen).toMatchObject([
    {
      event: { type: 'order.updated', owner: 'usr_0001', data: { id, status: 'paid' } },
      token: 'Bearer a token',
    },
  ]);
});

it('tells again, with the same id, until it is heard', async () => {
  statuses = [503];
  services.tellOrdersTo({ url });
  const id = await place();
  await post(`/orders/${id}/status`, { status: 'cancelled' });
  while (seen.length < 2) await once(gateway, 'heard');
  expect(seen[1]?.event).toEqual(seen[0]?.event);
});

it('lets orders be paid by themselves when it is told to', async () => {
  services.tellOrdersTo({ url, payAfterMs: 1 });
  const heard = once(gateway, 'heard');
  const id = await place();
  await heard;
  expect(seen[0]?.event.data).toMatchObject({ id, status: 'paid' });
});

it('refuses a step that there is not', async () => {
  const id = await place();
  expect((await post(`/orders/${id}/status`, { status: 'delivered' })).status).toBe(409);
  expect((await post(`/orders/${id}/status`, { status: 'lost' })).status).toBe(400);
  expect((await post('/orders/ord_999999/status', { status: 'paid' })).status).toBe(404);
  await post(`/orders/${id}/status`, { status: 'paid' });
  expect((await post(`/orders/${id}/status`, { status: 'paid' })).status).toBe(409);
});
