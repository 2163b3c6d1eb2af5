/**
 * Makes the stock of each sku, spread over the warehouses.
 *
 * @module
 */
import type { Stock } from '../schemas/stock.ts';
import { WAREHOUSES } from './orders.ts';
import type { ProductDraft } from './products.ts';
import { createRandom, type Random } from './random.ts';
import { DAY_MS, EPOCH_MS, MINUTE_MS, timestamp } from './time.ts';

/** Below this many pieces the status is `low`. */
const LOW = 6;

/** Makes one entry per product, in the order of the products. */
export function buildStock(seed: number, products: readonly ProductDraft[]): readonly Stock[] {
  const random = createRandom(seed, 'stock');
  return products.map((product) => {
    const kind = random.pick([
      'plenty',
      'plenty',
      'plenty',
      'plenty',
      'plenty',
      'plenty',
      'few',
      'none',
    ] as const);
    const warehouses = WAREHOUSES.map((code) => ({ code, available: quantity(random, kind) }));
    const available = warehouses.reduce((sum, warehouse) => sum + warehouse.available, 0);
    const status = statusOf(available);
    return {
      sku: product.sku,
      productId: product.id,
      available,
      reserved: random.int(0, Math.min(available, 12)),
      status,
      warehouses,
      restockAt: status === 'in_stock' ? null : timestamp(EPOCH_MS + random.int(2, 30) * DAY_MS),
      updatedAt: timestamp(EPOCH_MS - random.int(0, 2_880) * MINUTE_MS),
    };
  });
}

function quantity(random: Random, kind: 'plenty' | 'few' | 'none'): number {
  if (kind === 'none') return 0;
  return kind === 'few' ? random.int(0, 1) : random.int(0, 90);
}

function statusOf(available: number): Stock['status'] {
  if (available === 0) return 'out_of_stock';
  return available < LOW ? 'low' : 'in_stock';
}
