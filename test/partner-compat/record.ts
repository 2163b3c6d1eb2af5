/**
 * Records what clients of one version of the partner API ask and get: `node test/partner-compat/record.ts 2026-11-01`.
 * Once per version, when it is new. A recording is never made again: it is what partners built on.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import {
  type CompatShop,
  openCompatShop,
  type Recorded,
  type RecordedRequest,
} from '../support/compat-shop.ts';

type Requests = Readonly<Record<string, RecordedRequest>>;

const version = process.argv[2] ?? '';
const folder = new URL(`${version}/`, import.meta.url);
if (!/^\d{4}-\d\d-\d\d$/.test(version)) throw new Error('say which version: 2026-11-01');
if (existsSync(folder)) throw new Error(`${version} was recorded; it stays as it is`);

const shop = await openCompatShop();
try {
  const recorded = await Promise.all(
    Object.entries(requestsOf(shop, version)).map(
      async ([name, request]): Promise<Recorded> => ({
        name,
        request,
        answer: await shop.ask(version, request),
      }),
    ),
  );
  mkdirSync(folder);
  for (const each of recorded)
    writeFileSync(new URL(`${each.name}.json`, folder), `${JSON.stringify(each, null, 2)}\n`);
} finally {
  await shop.close();
}

/** What a client does with the API. Names that a version has otherwise stand here. */
function requestsOf({ facts: { product, sku, order } }: CompatShop, version: string): Requests {
  const get = (target: string): RecordedRequest => ({ method: 'GET', target, headers: {} });
  const post = (name: string, body: Record<string, unknown>): RecordedRequest => ({
    method: 'POST',
    target: '/v1/orders',
    headers: { 'content-type': 'application/json', 'idempotency-key': `compat-${version}-${name}` },
    body: body as RecordedRequest['body'],
  });
  const reference = version < '2026-06-01' ? 'purchaseOrder' : 'reference';
  const lines = [{ sku, quantity: 2 }];
  return {
    'list-products': get('/v1/products?limit=3'),
    'read-product': get(`/v1/products/${product}`),
    'read-missing-product': get('/v1/products/prd_missing'),
    'read-stock': get(`/v1/inventory/${sku}`),
    'read-order': get(`/v1/orders/${order}`),
    'read-missing-order': get('/v1/orders/ord_missing'),
    'read-with-unknown-parameter': get('/v1/products?colour=red'),
    'place-order': post('place', { [reference]: 'PO-17', lines }),
    'place-order-without-reference': post('bare', { lines }),
    'place-order-with-faults': post('faults', { [reference]: '', lines: [{ sku, quantity: 0 }] }),
    'place-order-of-unknown-sku': post('unknown', { lines: [{ sku: 'NO-SUCH-SKU', quantity: 1 }] }),
  };
}
