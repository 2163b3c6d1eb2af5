/**
 * One good request for each endpoint of each BFF, such that it makes every call of the endpoint. A new
 * endpoint needs a sample here before the tests of the whole shop pass.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { ShopFacts } from './sample-values.ts';

export interface EndpointSample {
  /** With the query. */
  readonly target: string;
  readonly body?: unknown;
  /** Needs an `Idempotency-Key`: every request gets a new one. */
  readonly isKeyed?: boolean;
  /** For a list: items per page with which its end is some pages away. */
  readonly pageSize?: number;
}

type Samples = Readonly<Record<string, (facts: ShopFacts) => EndpointSample>>;

const samples: Readonly<Record<string, Samples>> = {
  web: {
    'GET /api/home': () => ({ target: '/api/home?orders=3' }),
    'GET /api/products/:id': ({ product }) => ({ target: `/api/products/${product}?reviews=3` }),
    'GET /api/orders': () => ({ target: '/api/orders?limit=5', pageSize: 5 }),
    'GET /api/orders/:id': ({ order }) => ({ target: `/api/orders/${order}` }),
    'GET /api/search': () => ({ target: '/api/search?q=oak&limit=5', pageSize: 20 }),
    'GET /api/account': () => ({ target: '/api/account' }),
    'POST /api/cart/items': ({ product }) => ({
      target: '/api/cart/items',
      body: { productId: product, quantity: 1 },
    }),
  },
  mobile: {
    'GET /v1/home': () => ({ target: '/v1/home' }),
    'GET /v1/feed': () => ({ target: '/v1/feed' }),
    'GET /v1/products/:id': ({ product }) => ({ target: `/v1/products/${product}` }),
    'GET /v1/orders': () => ({ target: '/v1/orders', pageSize: 5 }),
    'GET /v1/notifications': () => ({ target: '/v1/notifications', pageSize: 4 }),
  },
  partner: {
    'GET /v1/products': () => ({ target: '/v1/products', pageSize: 100 }),
    'GET /v1/products/:id': ({ product }) => ({ target: `/v1/products/${product}` }),
    'GET /v1/inventory/:sku': ({ sku }) => ({ target: `/v1/inventory/${sku}` }),
    'POST /v1/orders': ({ sku }) => ({
      target: '/v1/orders',
      body: { lines: [{ sku, quantity: 2 }] },
      isKeyed: true,
    }),
    'GET /v1/orders/:id': ({ order }) => ({ target: `/v1/orders/${order}` }),
  },
};

/** @throws {Error} when the endpoint has no sample yet. */
export function sampleOf(bff: string, endpoint: string, facts: ShopFacts): EndpointSample {
  const sample = samples[bff]?.[endpoint];
  if (sample !== undefined) return sample(facts);
  throw new Error(`no sample for ${endpoint} of ${bff}: add one to test/support/endpoint-samples.ts`);
}

/** What `fetch` and `app.request` take for this sample. */
export function requestOf(
  { body, isKeyed = false }: EndpointSample,
  method: string,
  headers: Readonly<Record<string, string>>,
): RequestInit {
  if (body === undefined) return { method, headers };
  const key = isKeyed ? { 'idempotency-key': randomUUID() } : {};
  const all = { ...headers, ...key, 'content-type': 'application/json' };
  return { method, headers: all, body: JSON.stringify(body) };
}
