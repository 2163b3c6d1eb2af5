import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { type Services, startServices } from './start-services.ts';

let services: Services;
const consoles = (['log', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level));

beforeAll(async () => {
  services = await startServices({ ports: 'free' });
});
afterEach(() => services.faults.clear());
afterAll(async () => {
  await services.close();
  for (const spy of consoles) expect(spy).not.toHaveBeenCalled();
});

const url = (): string => `${services.urls.users}/users?limit=50`;

/** Asks with a connection of its own, so that a reset cannot hit another test. */
async function ask(address: string, init: { readonly method?: string } = {}): Promise<IncomingMessage> {
  const request = get(address, { agent: false, ...init });
  // What goes wrong after the headers is the response's to tell.
  request.once('response', () => request.on('error', () => undefined));
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('no response');
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString();
}

it('latency: the good answer comes, late', async () => {
  services.faults.set('users', 'latency:60ms');
  const start = performance.now();
  const response = await ask(url());
  expect(performance.now() - start).toBeGreaterThan(55);
  expect(JSON.parse(await textOf(response))).toHaveProperty('items');
});

it('latency: a caller who leaves is not waited for', async () => {
  services.faults.set('users', 'latency:600s');
  await expect(fetch(url(), { signal: AbortSignal.timeout(30) })).rejects.toThrow();
  await vi.waitFor(() => expect(services.stats().users.open).toBe(0));
});

it('status: the refusal looks like one of the service', async () => {
  services.faults.set('users', 'status:503');
  const response = await ask(url());
  expect([response.statusCode, response.headers['content-type']]).toEqual([503, 'application/json']);
  expect(response.headers.server).toMatch(/^acme-users\//);
  expect(JSON.parse(await textOf(response))).toHaveProperty('error.code');
});

it('status: every second request, the same ones in every run', async () => {
  const statuses = async (): Promise<readonly (number | undefined)[]> => {
    services.faults.set('users', 'status:500@50%');
    const seen = [];
    for (let round = 0; round < 20; round += 1) {
      const response = await ask(`${services.urls.users}/users/usr_0001`);
      response.resume();
      seen.push(response.statusCode);
    }
    return seen;
  };
  const first = await statuses();
  expect(new Set(first)).toEqual(new Set([200, 500]));
  expect(await statuses()).toEqual(first);
});

it('hang: nothing comes until the caller leaves', async () => {
  services.faults.set('users', 'hang');
  const request = get(url(), { agent: false });
  const answered = once(request, 'response').then(() => 'answered');
  expect(await Promise.race([answered, sleep(60, 'silent')])).toBe('silent');
  expect(services.stats().users.open).toBe(1);
  request.destroy();
  await expect(answered).rejects.toThrow();
  await vi.waitFor(() => expect(services.stats().users.open).toBe(0));
  expect(services.requests('users').at(-1)).toMatchObject({ status: null });
});

it('hang-body: the headers and half of the body come, then silence', async () => {
  services.faults.set('users', 'hang-body');
  const response = await ask(url());
  const promised = Number(response.headers['content-length']);
  let received = 0;
  response.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await vi.waitFor(() => expect(received).toBe(Math.floor(promised / 2)));
  await sleep(60);
  expect([received, response.closed]).toEqual([Math.floor(promised / 2), false]);
  response.destroy();
  await vi.waitFor(() => expect(services.stats().users.open).toBe(0));
});

it('reset-body: half of the body comes, then the connection is gone', async () => {
  services.faults.set('users', 'reset-body');
  const response = await ask(url());
  expect(response.statusCode).toBe(200);
  await expect(textOf(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('reset: the connection is gone before any answer', async () => {
  services.faults.set('users', 'reset');
  await expect(ask(url())).rejects.toMatchObject({ code: 'ECONNRESET' });
  await vi.waitFor(() => expect(services.requests('users').at(-1)).toMatchObject({ status: null }));
});

it('malformed: complete by its length, JSON by its type, and broken', async () => {
  services.faults.set('users', 'malformed');
  const response = await ask(url());
  const text = await textOf(response);
  expect(response.headers['content-type']).toBe('application/json');
  expect(Number(response.headers['content-length'])).toBe(Buffer.byteLength(text));
  expect(text.startsWith('{"items":[{"id":"usr_0001"')).toBe(true);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

it('content-type: a page comes where JSON was expected', async () => {
  services.faults.set('users', 'content-type:text/html');
  const response = await ask(url());
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'text/html']);
  expect(await textOf(response)).toMatch(/^<!doctype html>/);
});

it('huge: valid JSON of exactly the size, without a length in front', async () => {
  services.faults.set('users', 'huge:3MB');
  const response = await ask(url());
  const text = await textOf(response);
  expect(response.headers).not.toHaveProperty('content-length');
  expect(Buffer.byteLength(text)).toBe(3_000_000);
  expect(JSON.parse(text)).toHaveProperty('items');
});

it('huge: stops when the caller has seen enough', async () => {
  services.faults.set('users', 'huge:1GB');
  const response = await ask(url());
  await once(response, 'data');
  response.destroy();
  await vi.waitFor(() => expect(services.stats().users.open).toBe(0));
});

it.each(['malformed', 'hang-body', 'reset-body'])(
  '%s: breaks an answer without a body, too',
  async (spec) => {
    services.faults.set('notifications', spec);
    const response = await ask(`${services.urls.notifications}/notifications/ntf_00001/read`, {
      method: 'POST',
    });
    const [chunk]: unknown[] = await once(response, 'data');
    expect(String(chunk)).toBe('{');
    response.on('error', () => undefined).destroy();
  },
);

it('a write whose answer breaks has happened all the same; one that is refused has not', async () => {
  const cart = async (): Promise<number> => {
    services.faults.clear();
    const response = await fetch(`${services.urls.orders}/carts/usr_0001`);
    return z.object({ items: z.array(z.unknown()) }).parse(await response.json()).items.length;
  };
  const add = async (spec: string, productId: string): Promise<void> => {
    services.faults.set('orders', spec);
    const response = await fetch(`${services.urls.orders}/carts/usr_0001/items`, {
      method: 'POST',
      body: JSON.stringify({ productId, quantity: 1 }),
      headers: { 'Content-Type': 'application/json' },
    });
    await response.text();
  };
  await add('malformed', 'prd_00001');
  expect(await cart()).toBe(1);
  await add('status:500', 'prd_00002');
  expect(await cart()).toBe(1);
});

it('a broken service is broken to its health check, too, and the others are not', async () => {
  services.faults.set('users', 'status:500');
  expect((await fetch(`${services.urls.users}/health`)).status).toBe(500);
  expect((await fetch(`${services.urls.orders}/health`)).status).toBe(200);
  expect((await fetch(`${services.urls.control}/faults`)).status).toBe(200);
});
