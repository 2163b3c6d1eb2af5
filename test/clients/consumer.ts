/**
 * A consumer of the three BFFs, as another team would write it: the generated types, the client, and nothing of the
 * repository. It is compiled with the rest; `running.test.ts` runs it against the real BFFs.
 */
import { type Client, createClient, type ValueOf } from 'bffkit/client';
import type { Hono } from 'hono';
import { hc } from 'hono/client';
import type { MobileApi } from './generated/mobile.gen.ts';
import type { NewOrder, PartnerApi } from './generated/partner.gen.ts';
import type { PartnerApi as OlderPartnerApi } from './generated/partner-2026-01-15.gen.ts';
import type { WebApi } from './generated/web.gen.ts';

type Order = ValueOf<PartnerApi, '/v1/orders/:id', 'get'>;

/** Orders the first product of the catalog, and reads the order again. */
export async function orderSomething(api: Client<PartnerApi>, quantity: number): Promise<Order> {
  const list = await api.get('/v1/products', { query: { limit: 1 } });
  if (!list.ok) throw new Error(list.error.code);
  const [product] = list.value.items;
  if (product === undefined) throw new Error('nothing to order');
  const wanted: NewOrder = { reference: 'PO-7', lines: [{ sku: product.sku, quantity }] };
  const placed = await api.post('/v1/orders', { json: wanted });
  if (!placed.ok) throw new Error(placed.error.code);
  const read = await api.get('/v1/orders/:id', { param: { id: placed.value.id } });
  if (!read.ok) throw new Error(read.error.code);
  return read.value;
}

/** What a screen says about a problem: codes are known to the compiler, and others may be added. */
export async function explainOrder(api: Client<PartnerApi>, id: string): Promise<string> {
  const answer = await api.get('/v1/orders/:id', { param: { id } });
  if (answer.ok) return `${answer.value.total.amount} ${answer.value.total.currency}`;
  const { code, title, requestId, 'violated-policies': limits } = answer.error;
  if (code === 'not-found') return 'there is no such order';
  if (code === 'rate-limited') return `too many: ${limits?.join()}`;
  return `${title} (${requestId})`;
}

/** A consumer that integrated long ago: money was text, and an order had a purchase order. */
export async function orderAsBefore(url: string, apiKey: string, sku: string): Promise<string> {
  const api = createClient<OlderPartnerApi>(url, { apiKey, headers: { 'api-version': '2026-01-15' } });
  const placed = await api.post('/v1/orders', {
    json: { purchaseOrder: 'PO-8', lines: [{ sku, quantity: 1 }] },
  });
  if (!placed.ok) throw new Error(`${placed.error.code} ${placed.error.request_id}`);
  const { purchaseOrder, total } = placed.value;
  return `${purchaseOrder}: ${total.amount.padStart(1)} ${total.currency}`;
}

export function ordersOfPhone(url: string, token: () => Promise<string>): Promise<readonly string[]> {
  const api = createClient<MobileApi>(url, {
    headers: async () => ({ authorization: `Bearer ${await token()}` }),
  });
  return api.get('/v1/orders', { query: { limit: 2 } }).then((page) => {
    if (!page.ok) throw new Error(page.error.code);
    return page.value.items.map(({ id }) => id);
  });
}

/** A page of the web BFF: no credential of its own. */
export async function titleOfPage(url: string, id: string): Promise<string> {
  const api = createClient<WebApi>(url);
  const page = await api.get('/api/products/:id', { param: { id }, query: { reviews: 1 } });
  if (!page.ok) throw new Error(page.error.code);
  return page.value.title;
}

/** The same types with the client of hono. */
export async function titleByHono(url: string, id: string): Promise<string> {
  const client = hc<Hono<Record<never, never>, WebApi, '/'>>(url, { headers: { 'x-csrf': '1' } });
  const response = await client.api.products[':id'].$get({ param: { id }, query: { reviews: 1 } });
  if (response.status !== 200) throw new Error((await response.json()).code);
  return (await response.json()).title;
}
