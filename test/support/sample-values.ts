/**
 * Values for requests to the services: for each service and parameter one that leads to a rich answer,
 * read from the services themselves.
 *
 * @module
 */
import { z } from 'zod';

/** Values by the names of parameters. */
export type SampleValues = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const Page = z.object({ items: z.array(z.looseObject({ id: z.string() })).min(1) });
const Product = z.object({ id: z.string(), sku: z.string(), rating: z.object({ count: z.number() }) });

/** What exists in the shop, for requests of any kind. */
export interface ShopFacts {
  /** Has orders, notifications and recommendations. */
  readonly customer: string;
  /** An order of that customer. */
  readonly order: string;
  /** Has reviews. */
  readonly product: string;
  readonly productIds: readonly string[];
  readonly sku: string;
  readonly skus: readonly string[];
}

/** Reads what there is: first lists, then ids from them. */
export async function readFacts(
  urls: Readonly<Record<string, string>>,
  customer = 'usr_0001',
): Promise<ShopFacts> {
  const [catalog, orders] = await Promise.all([
    readPage(`${urls.catalog}/products?limit=100`),
    readPage(`${urls.orders}/orders?customer=${customer}&limit=1`),
  ]);
  const products = catalog.map((item) => Product.parse(item));
  const reviewed = products.find(({ rating }) => rating.count >= 3);
  const [order] = orders;
  if (reviewed === undefined || order === undefined) throw new Error('the shop has no reviews or no orders');
  return {
    customer,
    order: order.id,
    product: reviewed.id,
    productIds: products.map(({ id }) => id),
    sku: reviewed.sku,
    skus: products.map(({ sku }) => sku),
  };
}

/** The values to ask each service with, by the names its document gives the parameters. */
export function sampleValues(facts: ShopFacts): Readonly<Record<string, SampleValues>> {
  const { customer, order, product, productIds, sku, skus } = facts;
  const limit = 100;
  return {
    users: { id: customer, limit, ids: [customer] },
    catalog: { id: product, ids: productIds, q: 'oak', limit },
    orders: { id: order, customer, customerId: customer, limit },
    reviews: { product, productId: product, ids: productIds, limit },
    recommendations: { userId: customer, productId: product, limit },
    inventory: { sku, ids: skus },
    notifications: { user: customer, unread: true, limit },
    pricing: { productId: product, ids: productIds, tier: 'pro' },
  };
}

async function readPage(url: string): Promise<z.output<typeof Page>['items']> {
  return Page.parse(await (await fetch(url)).json()).items;
}
