/**
 * What the examples in the documents of the partner API show: one good request for each endpoint, as a partner would
 * make it, in an order in which each can use what the ones before it answered.
 *
 * @module
 */
import type { ShopFacts } from './sample-values.ts';

/** One request. Its endpoint is `GET /v1/orders/:id`. */
export interface ExampleRequest {
  readonly endpoint: string;
  /** Of the path and the query. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Asks again until the answer says this. */
  readonly until?: RegExp;
}

export interface ExampleParts {
  readonly version: string;
  /** A URL of this machine that takes webhooks. */
  readonly hook: string;
  /** The member `id` of what an endpoint answered. */
  readonly idOf: (endpoint: string) => string;
}

const webhooks = '/v1/webhook-endpoints';
const oneWebhook = `${webhooks}/:id`;

/** The requests of one version, in their order. Names that a version has otherwise stand here. */
export function exampleRequests(
  { productIds: [, , product = ''], skus: [, , sku = ''] }: ShopFacts,
  { version, hook, idOf }: ExampleParts,
): readonly (() => ExampleRequest)[] {
  const reference = version < '2026-06-01' ? 'purchaseOrder' : 'reference';
  const webhook = () => ({ id: idOf(`POST ${webhooks}`) });
  return [
    () => ({ endpoint: 'GET /v1/products', parameters: { limit: '2' } }),
    () => ({ endpoint: 'GET /v1/products/:id', parameters: { id: product } }),
    () => ({ endpoint: 'GET /v1/inventory/:sku', parameters: { sku } }),
    () => ({ endpoint: 'POST /v1/orders', body: { [reference]: 'PO-17', lines: [{ sku, quantity: 2 }] } }),
    () => ({ endpoint: 'GET /v1/orders/:id', parameters: { id: idOf('POST /v1/orders') } }),
    () => ({ endpoint: 'GET /v1/usage' }),
    () => ({
      endpoint: `POST ${webhooks}`,
      body: { url: hook, events: ['order.updated'] },
    }),
    () => ({ endpoint: `GET ${webhooks}` }),
    () => ({ endpoint: `GET ${oneWebhook}`, parameters: webhook() }),
    () => ({ endpoint: `PATCH ${oneWebhook}`, parameters: webhook(), body: { isEnabled: true } }),
    () => ({ endpoint: `POST ${oneWebhook}/ping`, parameters: webhook() }),
    () => ({ endpoint: `GET ${oneWebhook}/deliveries`, parameters: webhook(), until: /"delivered"/ }),
    () => ({
      endpoint: `POST ${oneWebhook}/deliveries/:delivery/redeliver`,
      parameters: { ...webhook(), delivery: idOf(`POST ${oneWebhook}/ping`) },
    }),
    () => ({ endpoint: `POST ${oneWebhook}/rotate-secret`, parameters: webhook() }),
    () => ({ endpoint: `DELETE ${oneWebhook}`, parameters: webhook() }),
  ];
}
