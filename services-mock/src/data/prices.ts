/**
 * What a product costs today: the list price, less a promotion, less what the customer's tier saves.
 *
 * @module
 */
import type { Tier } from '../schemas/common.ts';
import type { Price } from '../schemas/price.ts';
import type { Product } from '../schemas/product.ts';
import type { ProductDraft } from './products.ts';
import { createRandom } from './random.ts';
import { DAY_MS, EPOCH_MS, timestamp } from './time.ts';

/** A discount on one product that everybody gets until it ends. */
export interface Promotion {
  readonly productId: string;
  readonly name: string;
  readonly percent: number;
  readonly validUntil: string;
}

const NAMES = ['Autumn Sale', 'Last Pieces', 'Maker of the Month', 'Bundle Week'] as const;
const TIER_PERCENT: Readonly<Record<Tier, number>> = { basic: 0, plus: 3, pro: 7 };

/** Puts about one product in five on promotion. */
export function buildPromotions(seed: number, products: readonly ProductDraft[]): readonly Promotion[] {
  const random = createRandom(seed, 'promotions');
  return products
    .filter(() => random.chance(0.2))
    .map(({ id }) => ({
      productId: id,
      name: random.pick(NAMES),
      percent: random.pick([10, 15, 20, 25, 30]),
      validUntil: timestamp(EPOCH_MS + random.int(2, 21) * DAY_MS),
    }));
}

/** Computes the price of a product for a tier, `basic` for strangers. */
export function priceOf(product: Product, tier: Tier, promotion: Promotion | undefined): Price {
  const discountPercent = (promotion?.percent ?? 0) + TIER_PERCENT[tier];
  const list = product.price;
  const amount = Math.round((list.amount * (100 - discountPercent)) / 100);
  return {
    productId: product.id,
    list,
    now: { amount, currency: 'EUR' },
    discountPercent,
    promotion: promotion?.name ?? null,
    validUntil: promotion?.validUntil ?? timestamp(EPOCH_MS + DAY_MS),
    marginPercent: Math.round(((amount - product.internalCost.amount) / amount) * 1_000) / 10,
  };
}
