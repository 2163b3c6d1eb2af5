import type { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SEED, worldOf } from '../data/world.ts';
import { createServiceApp } from '../rest/service-app.ts';
import { ErrorBody } from '../rest/service-error.ts';
import { Order } from '../schemas/order.ts';
import { ordersService } from './orders.ts';

const world = worldOf(DEFAULT_SEED);
const ORDER = { customerId: 'usr_0001', lines: [{ sku: 'SKU-00007', quantity: 2 }] };

let app: Hono;
beforeEach(() => {
  app = createServiceApp('orders', ordersService(world));
});

describe('POST /orders', () => {
  it('places an order that can be read back and comes first in the list', async () => {
    const response = await post('/orders', { ...ORDER, reference: 'PO-7' });
    expect(response.status).toBe(201);
    const order = Order.parse(await response.json());
    expect(order).toMatchObject({ status: 'placed', reference: 'PO-7', productIds: ['prd_00007'] });
    expect(order.total.amount).toBe((order.lines[0]?.unitPrice.amount ?? 0) * 2);
    expect(await read(`/orders/${order.id}`)).toEqual(order);
    expect(await read('/orders?customer=usr_0001&limit=1')).toMatchObject({ items: [order] });
  });

  it('ships to the address of the customer, or to the one given', async () => {
    const home = world.users[0]?.address;
    const work = { line1: '1 Engine Yard', city: 'London', postcode: 'N1 0AA', country: 'GB' };
    expect(await (await post('/orders', ORDER)).json()).toMatchObject({ shippingAddress: home });
    const response = await post('/orders', { ...ORDER, shippingAddress: work });
    expect(await response.json()).toMatchObject({ shippingAddress: work });
  });

  it('answers a repeated key with the first order and places nothing more', async () => {
    const first = await placed(post('/orders', ORDER, { 'Idempotency-Key': 'k1' }));
    const again = await post('/orders', ORDER, { 'Idempotency-Key': 'k1' });
    expect([again.status, await again.json()]).toEqual([201, first]);
    const other = await placed(post('/orders', ORDER, { 'Idempotency-Key': 'k2' }));
    expect(other.id).not.toBe(first.id);
    expect(await read('/orders?customer=usr_0001&limit=2')).toMatchObject({ items: [other, first] });
  });

  it('refuses a key that was used for a different order', async () => {
    await post('/orders', ORDER, { 'Idempotency-Key': 'k1' });
    const response = await post('/orders', { ...ORDER, reference: 'other' }, { 'Idempotency-Key': 'k1' });
    expect([response.status, await codeOf(response)]).toEqual([422, 'idempotency_key_reused']);
  });

  it.each([
    ['unknown_sku', { ...ORDER, lines: [{ sku: 'SKU-99999', quantity: 1 }] }],
    ['unknown_customer', { ...ORDER, customerId: 'usr_9999' }],
  ])('refuses with %s, and a later good order takes the key', async (code, body) => {
    const response = await post('/orders', body, { 'Idempotency-Key': 'k1' });
    expect([response.status, await codeOf(response)]).toEqual([422, code]);
    expect((await post('/orders', ORDER, { 'Idempotency-Key': 'k1' })).status).toBe(201);
  });

  it.each([
    ['no lines', { ...ORDER, lines: [] }],
    ['a fraction of a piece', { ...ORDER, lines: [{ sku: 'SKU-00001', quantity: 0.5 }] }],
    ['a field that nobody knows', { ...ORDER, discount: 100 }],
  ])('refuses %s', async (_, body) => {
    expect((await post('/orders', body)).status).toBe(400);
  });
});

describe('carts', () => {
  it('are empty at first, for every user there is', async () => {
    expect(await read('/carts/usr_0500')).toMatchObject({ customerId: 'usr_0500', items: [] });
    expect((await app.request('/carts/usr_9999')).status).toBe(404);
  });

  it('keep what is put in, and add to a line that exists', async () => {
    await post('/carts/usr_0001/items', { productId: 'prd_00001', quantity: 1 });
    await post('/carts/usr_0001/items', { productId: 'prd_00002', quantity: 1 });
    const response = await post('/carts/usr_0001/items', { productId: 'prd_00001', quantity: 2 });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      items: [
        { productId: 'prd_00001', sku: 'SKU-00001', quantity: 3 },
        { productId: 'prd_00002', sku: 'SKU-00002', quantity: 1 },
      ],
    });
    expect(await read('/carts/usr_0002')).toMatchObject({ items: [] });
  });

  it('refuse a product that does not exist', async () => {
    const response = await post('/carts/usr_0001/items', { productId: 'prd_99999', quantity: 1 });
    expect([response.status, await codeOf(response)]).toEqual([422, 'unknown_product']);
  });
});

it('what one shop writes, another does not see', async () => {
  const { id } = await placed(post('/orders', ORDER));
  const other = createServiceApp('orders', ordersService(world));
  expect((await other.request(`/orders/${id}`)).status).toBe(404);
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return app.request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

async function placed(response: Promise<Response>): Promise<Order> {
  return Order.parse(await (await response).json());
}

async function read(path: string): Promise<unknown> {
  return (await app.request(path)).json();
}

async function codeOf(response: Response): Promise<string> {
  return ErrorBody.parse(await response.json()).error.code;
}
