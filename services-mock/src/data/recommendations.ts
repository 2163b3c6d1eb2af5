/**
 * Makes the recommendations of each customer: what goes with earlier purchases, then what sells well.
 *
 * @module
 */
import type { Product } from '../schemas/product.ts';
import type { Recommendations } from '../schemas/recommendation.ts';
import { indexBy } from './index-by.ts';
import { createRandom } from './random.ts';
import type { ReviewWorld } from './reviews.ts';
import { EPOCH_MS, timestamp } from './time.ts';

/** What recommendations are made from. */
export interface RecommendationWorld extends ReviewWorld {
  readonly products: readonly Product[];
}

const PER_USER = 24;
const PER_PURCHASE = 4;

/** Makes 24 recommendations for each user, best first, none of them bought before. */
export function buildRecommendations(seed: number, world: RecommendationWorld): readonly Recommendations[] {
  const random = createRandom(seed, 'recommendations');
  const products = indexBy(world.products, ({ id }) => id);
  const shelves = Map.groupBy(world.products, ({ category }) => category);
  const orders = Map.groupBy(world.orders, ({ customerId }) => customerId);
  const bestsellers = world.products
    .filter(({ rating }) => rating.average >= 4)
    .sort((a, b) => b.rating.count - a.rating.count)
    .slice(0, 120);

  return world.users.map(({ id }) => {
    const bought = new Set((orders.get(id) ?? []).flatMap(({ productIds }) => productIds));
    const because = [...bought].slice(0, PER_USER / PER_PURCHASE).flatMap((productId) => {
      const purchase = products.get(productId);
      const shelf = shelves.get(purchase?.category ?? '') ?? [];
      return random.sample(shelf, PER_PURCHASE).map((product) => ({
        productId: product.id,
        reason: `Because you bought the ${purchase?.title ?? 'same kind of thing'}`,
      }));
    });
    const popular = random.sample(bestsellers, PER_USER * 2).map((product) => ({
      productId: product.id,
      reason: `Customers rate it ${product.rating.average} out of 5`,
    }));
    const fresh = [...indexBy([...popular, ...because].reverse(), ({ productId }) => productId).values()]
      .filter(({ productId }) => !bought.has(productId))
      .slice(0, PER_USER);
    return {
      userId: id,
      items: fresh.map((item, index) => ({ ...item, score: scoreAt(index, random.next()) })),
      model: 'als-2026-10-r3',
      generatedAt: timestamp(EPOCH_MS),
    };
  });
}

/** Falls with the position; the jitter in `[0, 1)` never changes the order. */
function scoreAt(index: number, jitter: number): number {
  return Math.round((0.98 - index * 0.03 - jitter * 0.02) * 1_000) / 1_000;
}
