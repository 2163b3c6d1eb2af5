import { expect, it } from 'vitest';
import { Price } from '../schemas/price.ts';
import { indexBy } from './index-by.ts';
import { priceOf } from './prices.ts';
import { DEFAULT_SEED, worldOf } from './world.ts';

const { products, promotions } = worldOf(DEFAULT_SEED);
const promotionOf = indexBy(promotions, ({ productId }) => productId);

it('a higher tier never pays more, and nobody pays more than the list price', () => {
  for (const product of products) {
    const promotion = promotionOf.get(product.id);
    const [basic, plus, pro] = (['basic', 'plus', 'pro'] as const).map((tier) =>
      Price.parse(priceOf(product, tier, promotion)),
    );
    expect(basic?.list).toEqual(product.price);
    expect(basic?.now.amount).toBeLessThanOrEqual(product.price.amount);
    expect(plus?.now.amount).toBeLessThan(basic?.now.amount ?? 0);
    expect(pro?.now.amount).toBeLessThan(plus?.now.amount ?? 0);
  }
});

it('a promotion shows its name and its end', () => {
  const [promotion] = promotions;
  const product = products.find(({ id }) => id === promotion?.productId);
  if (product === undefined || promotion === undefined) throw new Error('no product is on promotion');
  const { name, percent, validUntil } = promotion;
  expect(priceOf(product, 'basic', promotion)).toMatchObject({
    promotion: name,
    discountPercent: percent,
    validUntil,
  });
});
