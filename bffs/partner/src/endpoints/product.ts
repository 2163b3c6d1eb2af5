import { endpoint, scopes } from 'bffkit';
import { z } from 'zod';
import { customerOf } from '../customer.ts';
import { catalog } from '../upstreams/catalog.ts';
import { Id, stableId } from '../upstreams/id.ts';
import { instant } from '../upstreams/instant.ts';
import { inventory } from '../upstreams/inventory.ts';
import { keptProduct } from '../upstreams/kept.ts';
import { Money } from '../upstreams/money.ts';
import { pricing } from '../upstreams/pricing.ts';
import { StockStatus } from '../upstreams/statuses.ts';
import { users } from '../upstreams/users.ts';

export const ProductStock = z
  .object({ status: StockStatus, available: z.number().int().describe('Pieces that can be ordered now.') })
  .meta({ id: 'ProductStock', description: 'The stock of a product.' });

/** `price` is what this partner pays today; `null` when it cannot be told, never a guess. */
export const ProductDocument = z
  .object({
    id: stableId('the product'),
    sku: z.string().describe('What it is ordered by.'),
    title: z.string(),
    subtitle: z.string(),
    description: z.string(),
    brand: z.string(),
    categoryPath: z.array(z.string()).describe('From the widest category to its own.'),
    images: z.array(z.object({ url: z.string(), width: z.number(), height: z.number(), alt: z.string() })),
    attributes: z.array(z.object({ name: z.string(), value: z.string() })),
    weightGrams: z.number().int(),
    listPrice: Money,
    price: z
      .object({ now: Money, validUntil: instant('Until when it is promised.') })
      .nullable()
      .describe('What the partner pays today; `null` when it cannot be told now.'),
    stock: ProductStock.nullable().describe('`null` when it cannot be told now.'),
    updatedAt: instant('When it changed last.'),
  })
  .meta({ id: 'Product', description: 'A product with the partner’s price and the stock.' });

export const product = endpoint('GET', '/v1/products/:id', {
  summary: 'A product with the partner’s price and the stock.',
  access: scopes('products:read'),
  params: z.object({ id: Id.describe('The id of the product.') }),
  deadlineMs: 2_500,
  slo: { availability: 99.9, latency: { p: 99, ms: 500 } },
})
  .plan(({ call, optional, when }) => {
    const item = call(catalog.get, ({ input }) => ({ params: { id: input.params.id } }), {
      cache: keptProduct,
    });
    const customer = optional(users.get, ({ principal }) => ({ params: { id: customerOf(principal) } }));
    const price = when(
      { customer },
      ({ customer }) => customer.ok,
      optional(pricing.get, { customer }, ({ customer, input }) => ({
        params: { productId: input.params.id },
        query: { tier: customer.ok ? customer.value.tier : '' },
      })),
    );
    const stock = optional(inventory.get.pick({ status: true, available: true }), { item }, ({ item }) => ({
      params: { sku: item.sku },
    }));
    return { item, customer, price, stock };
  })
  .respond(ProductDocument, ({ item, price, stock }) => ({
    ...item,
    listPrice: item.price,
    price: price?.ok === true ? price.value : null,
    stock: stock.ok ? stock.value : null,
  }));
