/** The consumer against the real BFFs, with the mocks behind them. */
import { createClient } from 'bffkit/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { partnerKey } from '../support/shop.ts';
import { type OpenShop, openWholeShop } from '../support/shop-requests.ts';
import {
  explainOrder,
  orderAsBefore,
  orderSomething,
  ordersOfPhone,
  titleByHono,
  titleOfPage,
} from './consumer.ts';
import type { PartnerApi } from './generated/partner.gen.ts';

let shop: OpenShop;
beforeAll(async () => {
  shop = await openWholeShop();
});
afterAll(() => shop.close());

test('a partner orders, reads the order again, and its compiler knew what it would be', async () => {
  const api = createClient<PartnerApi>(shop.urlOf('partner'), { apiKey: partnerKey });
  const order = await orderSomething(api, 2);
  expect(order).toMatchObject({ reference: 'PO-7', lines: [{ quantity: 2 }] });
  expect(await explainOrder(api, order.id)).toBe(`${order.total.amount} ${order.total.currency}`);
});

test('a problem is a value with a code', async () => {
  const api = createClient<PartnerApi>(shop.urlOf('partner'), { apiKey: partnerKey });
  expect(await explainOrder(api, 'ord_nobody')).toBe('there is no such order');
  const refused = await createClient<PartnerApi>(shop.urlOf('partner'), { apiKey: 'bffk_no' }).get(
    '/v1/products',
  );
  expect(refused).toMatchObject({ ok: false, status: 401, error: { code: 'invalid-api-key' } });
});

test('an order whose answer is lost is sent again and placed once', async () => {
  let sent = 0;
  const lossy: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    sent += 1;
    if (sent > 1) return response;
    await response.body?.cancel();
    throw new TypeError('the connection broke');
  };
  const api = createClient<PartnerApi>(shop.urlOf('partner'), {
    apiKey: partnerKey,
    fetch: lossy,
    wait: async () => {},
  });
  const json = { reference: 'PO-once', lines: [{ sku: shop.facts.sku, quantity: 1 }] };
  const placed = await api.post('/v1/orders', { json });
  expect(sent).toBe(2);
  if (!placed.ok) throw new Error(placed.error.code);
  expect(placed.headers.get('idempotency-replayed')).toBe('true');
});

test('a partner that integrated long ago orders as it did then', async () => {
  const order = await orderAsBefore(shop.urlOf('partner'), partnerKey, shop.facts.sku);
  expect(order).toMatch(/^PO-8: \d+\.\d\d [A-Z]{3}$/);
});

test('the phone reads its orders, and a page of the web its product; hono’s client reads the same', async () => {
  const token = (): Promise<string> => shop.credentialOf('mobile');
  expect((await ordersOfPhone(shop.urlOf('mobile'), token)).length).toBeGreaterThan(0);
  const title = await titleOfPage(shop.urlOf('web'), shop.facts.product);
  expect(title).not.toBe('');
  expect(await titleByHono(shop.urlOf('web'), shop.facts.product)).toBe(title);
});
