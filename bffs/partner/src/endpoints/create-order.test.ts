import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { createOrder } from './create-order.ts';

const partner = { ...asCaller('usr_4', 'orders:write'), 'idempotency-key': 'order-PO-1-of-2026-11' };
const json = { 'content-type': 'application/json' };
const wanted = { reference: 'PO-1', lines: [{ sku: 'SKU-1', quantity: 2 }] };
const document = {
  id: 'ord_9',
  reference: 'PO-1',
  status: 'placed',
  placedAt: '2026-11-01T00:00:00Z',
  updatedAt: '2026-11-01T00:00:00Z',
  lines: [{ sku: 'SKU-1', title: 'Lamp', quantity: 2, unitPrice: { amount: 388, currency: 'EUR' } }],
  total: { amount: 776, currency: 'EUR' },
  shippingAddress: { line1: '1 Main St', city: 'Lyon', postcode: '69001', country: 'FR' },
};
const shop: Readonly<Record<string, FakeUpstream>> = {
  orders: () => ({
    status: 201,
    body: { ...document, customerId: 'usr_4', warehouse: 'LYS1', fraudScore: 0.02 },
  }),
};

async function ask(
  changed: Readonly<Record<string, FakeUpstream>> = {},
  body: unknown = wanted,
  headers: Readonly<Record<string, string>> = partner,
) {
  const bff = testBff([createOrder], { ...shop, ...changed });
  const request = { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) };
  const response = await bff.app.request('/v1/orders', request);
  return { response, body: await response.json(), requests: bff.requests };
}

test('places the order for the partner’s own customer account', async () => {
  const { response, body, requests } = await ask();
  expect(response.status).toBe(201);
  expect(body).toEqual(document);
  expect(requests).toMatchObject([{ upstream: 'orders', method: 'POST', target: '/orders' }]);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ ...wanted, customerId: 'usr_4' });
});

test('needs no reference', async () => {
  const { response, requests } = await ask({}, { lines: wanted.lines });
  expect(response.status).toBe(201);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ lines: wanted.lines, customerId: 'usr_4' });
});

test('gives the orders service a key of the partner’s own, and no header of the request', async () => {
  const { requests } = await ask({}, wanted, { ...partner, 'x-warehouse': 'LYS1' });
  expect(requests[0]?.headers).toMatchObject({ 'idempotency-key': expect.stringMatching(/^[\w-]{43}$/) });
  expect(requests[0]?.headers).not.toHaveProperty('x-warehouse');
  expect(requests[0]?.headers).not.toHaveProperty('x-test-caller');
});

test.each([
  ['says that the order cannot be carried out when a sku is unknown', 422, 422, 'unprocessable'],
  ['does not survive without the orders service', 503, 502, 'upstream-error'],
])('%s', async (_sentence, upstreamStatus, status, code) => {
  const { response, body } = await ask({
    orders: () => ({ status: upstreamStatus, body: { error: { code: 'unknown_sku', message: 'internal' } } }),
  });
  expect(response.status).toBe(status);
  expect(body).toMatchObject({ code });
  expect(JSON.stringify(body)).not.toContain('internal');
});

test('places one order for one key, and repeats its answer', async () => {
  const bff = testBff([createOrder], shop);
  const request = { method: 'POST', headers: { ...json, ...partner }, body: JSON.stringify(wanted) };
  const first = await bff.app.request('/v1/orders', request);
  const again = await bff.app.request('/v1/orders', request);
  expect([again.status, await again.text()]).toEqual([201, await first.text()]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(bff.requests).toHaveLength(1);
});

test('refuses a request without a key and places nothing', async () => {
  const { response, body, requests } = await ask({}, wanted, asCaller('usr_4', 'orders:write'));
  expect([response.status, body.code]).toEqual([400, 'idempotency-key-missing']);
  expect(requests).toEqual([]);
});

const line = { sku: 'SKU-1', quantity: 1 };

test.each([
  ['nothing in it', {}, '/body/lines'],
  ['no line', { lines: [] }, '/body/lines'],
  ['51 lines', { lines: Array(51).fill(line) }, '/body/lines'],
  ['a quantity of 0', { lines: [{ ...line, quantity: 0 }] }, '/body/lines/0/quantity'],
  ['a quantity of 100', { lines: [line, { ...line, quantity: 100 }] }, '/body/lines/1/quantity'],
  ['a sku that is none', { lines: [{ ...line, sku: 'SKU/1' }] }, '/body/lines/0/sku'],
  ['a price', { lines: [{ ...line, unitPrice: 1 }] }, '/body/lines/0/unitPrice'],
  ['an empty reference', { ...wanted, reference: '' }, '/body/reference'],
  ['a reference of 81 characters', { ...wanted, reference: 'x'.repeat(81) }, '/body/reference'],
  ['another customer', { ...wanted, customerId: 'usr_1' }, '/body/customerId'],
])('refuses a body with %s and places nothing', async (_what, sent, pointer) => {
  const { response, body, requests } = await ask({}, sent);
  expect(response.status).toBe(400);
  expect(body).toMatchObject({ errors: [{ pointer }] });
  expect(requests).toEqual([]);
});

test('refuses a body that is not JSON', async () => {
  const { response, requests } = await ask({}, wanted, { ...partner, 'content-type': 'text/plain' });
  expect(response.status).toBe(415);
  expect(requests).toEqual([]);
});

test.each([
  ['nobody', {}, 401],
  ['a caller that may only read orders', asCaller('usr_4', 'orders:read'), 403],
])('refuses %s and places nothing', async (_who, headers, status) => {
  const { response, requests } = await ask({}, wanted, headers);
  expect(response.status).toBe(status);
  expect(requests).toEqual([]);
});
