/**
 * What the clients of single BFFs rely on, over real HTTP: small answers for phones, whole lists and orders
 * that are placed once for partners, and nothing of one customer for another.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadBffs } from '../support/bff-package.ts';
import { expectProblem } from '../support/expect-answer.ts';
import { otherPartnerKey, partnerCustomer, partnerKey } from '../support/shop.ts';
import { nameOf, type OpenShop, openWholeShop, packageOf } from '../support/shop-requests.ts';

const bffs = await loadBffs();
let shop: OpenShop;
beforeAll(async () => {
  shop = await openWholeShop();
});
afterAll(() => shop.close());

describe('the mobile BFF', () => {
  const { endpoints } = packageOf(bffs, 'mobile');
  test.each(endpoints.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    'keeps %s small',
    async (_name, endpoint) => {
      const { text, headers } = await shop.askSample('mobile', endpoint, await shop.credentialOf('mobile'));
      const bytes = Buffer.byteLength(text);
      expect(bytes).toBeLessThan(6 * 1_024);
      expect(headers.has('content-encoding')).toBe(bytes >= 1_024);
    },
  );
});

describe('the partner BFF', () => {
  const Order = z.object({ id: z.string(), reference: z.string().nullable() });

  test('lists the whole catalog, in its order', async () => {
    const list = packageOf(bffs, 'partner').endpoints.find(
      (endpoint) => nameOf(endpoint) === 'GET /v1/products',
    );
    if (list === undefined) throw new Error('the partner BFF lists no products');
    const { items } = await shop.readToTheEnd('partner', list, partnerKey);
    expect(items).toEqual(await catalogIds());
  });

  test('takes tokens as well as keys', async () => {
    const credential = await shop.token('partner', partnerCustomer);
    expect(await shop.ask('partner', '/v1/products?limit=1', { credential })).toMatchObject({ status: 200 });
  });

  test('refuses a key that has one wrong character, and keys nobody has', async () => {
    for (const credential of [`${partnerKey.slice(0, -1)}x`, partnerKey.replace('0001', '0009')]) {
      expectProblem(await shop.ask('partner', '/v1/products', { credential }), 401, 'invalid-api-key');
    }
  });

  test('places an order once for one idempotency key, and finds it again', async () => {
    const body = JSON.stringify({ reference: 'PO-1', lines: [{ sku: shop.facts.sku, quantity: 2 }] });
    const headers = { 'content-type': 'application/json', 'idempotency-key': '"the-one-key-of-PO-1"' };
    const place = () =>
      shop.ask('partner', '/v1/orders', { credential: partnerKey, method: 'POST', headers, body });
    const [first, again] = [await place(), await place()];
    expect([first.status, again.status]).toEqual([201, 201]);
    const order = Order.parse(first.body);
    expect(order.reference).toBe('PO-1');
    expect(again.body).toEqual(first.body);
    expect([first, again].map((each) => each.headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    const read = (credential: string) => shop.ask('partner', `/v1/orders/${order.id}`, { credential });
    expect((await read(partnerKey)).body).toEqual(first.body);
    expectProblem(await read(otherPartnerKey), 404, 'not-found');
  });
});

describe('between the BFFs', () => {
  test('an API key of a partner opens no other BFF', async () => {
    expectProblem(await shop.ask('web', '/api/home', { credential: partnerKey }), 401);
    expectProblem(await shop.ask('mobile', '/v1/home', { credential: partnerKey }), 401);
  });

  test('nobody reads the order of somebody else', async () => {
    const target = `/api/orders/${shop.facts.order}`;
    const ask = async (user: string) =>
      shop.ask('web', target, { credential: await shop.token('web', user) });
    expect(await ask(shop.facts.customer)).toMatchObject({ status: 200 });
    expectProblem(await ask('linus'), 404, 'not-found');
  });
});

async function catalogIds(): Promise<string[]> {
  const Page = z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().nullable() });
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const page = Page.parse(
      await (await fetch(`${shop.services.urls.catalog}/products?limit=100${cursor}`)).json(),
    );
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = `&cursor=${page.next}`;
  }
}
